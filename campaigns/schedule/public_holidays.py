"""Public holidays of a country: the whole country's, without those of its parts."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from functools import cache

import holidays
from holidays.registry import COUNTRIES


@cache
def countries() -> Mapping[str, str]:
    """Names by two-letter code (ISO 3166), in the order of the names."""
    found = {codes[1]: _words(codes[0]) for codes in COUNTRIES.values() if len(codes[1]) == 2}
    return dict(sorted(found.items(), key=lambda of: of[1]))


@cache
def holidays_of(country: str, year: int) -> frozenset[date]:
    """The days on which a country rests in a year; none for a country that is not known."""
    if country not in countries():
        return frozenset()
    return frozenset(holidays.country_holidays(country, years=year))


def is_holiday(day: date, country: str) -> bool:
    """Whether the country (empty: none) rests on this day."""
    return bool(country) and day in holidays_of(country, day.year)


def _words(name: str) -> str:
    """``UnitedStates`` as people write it."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)
