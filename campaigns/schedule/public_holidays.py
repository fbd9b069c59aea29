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
    """Returns names by two-letter code (ISO 3166), in the order of the names."""
    names = {codes[1]: _words(codes[0]) for codes in COUNTRIES.values() if len(codes[1]) == 2}
    return dict(sorted(names.items(), key=lambda entry: entry[1]))


@cache
def holidays_of(country: str, year: int) -> frozenset[date]:
    """Returns the days on which a country rests in a year; none for an unknown country."""
    if country not in countries():
        return frozenset()
    return frozenset(holidays.country_holidays(country, years=year))


def is_holiday(day: date, country: str) -> bool:
    """Returns True when the country rests on this day; an empty one never does."""
    return bool(country) and day in holidays_of(country, day.year)


def _words(name: str) -> str:
    """Returns ``UnitedStates`` as people write it."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)
