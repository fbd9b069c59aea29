"""Public holidays of a whole country, without those that only a part of it has."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from functools import cache

import holidays
from holidays.registry import COUNTRIES


@cache
def countries() -> Mapping[str, str]:
    """Returns the countries' names by two-letter code (ISO 3166), in the order of the names."""
    names = {codes[1]: _words(codes[0]) for codes in COUNTRIES.values() if len(codes[1]) == 2}
    return dict(sorted(names.items(), key=lambda entry: entry[1]))


@cache
def holidays_of(country: str, year: int) -> frozenset[date]:
    """Returns a country's public holidays in a year; none for an unknown country."""
    if country not in countries():
        return frozenset()
    return frozenset(holidays.country_holidays(country, years=year))


def is_holiday(day: date, country: str) -> bool:
    """Returns True when this day is a public holiday; False for an empty country."""
    return bool(country) and day in holidays_of(country, day.year)


def _words(name: str) -> str:
    """Returns ``UnitedStates`` as people write it."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)
