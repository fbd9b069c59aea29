"""Campaigns that are sent again and again: weekly or monthly, on given days at a time.

Each occurrence is a campaign of its own. It knows which one it is, and the next one is made from it
when it starts.
"""

from __future__ import annotations

import calendar
import enum
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import msgspec

from campaigns.errors import Refusal, refuse
from campaigns.refusals.schedule import ScheduleRefusal, TimesOutOfRange

MOST_TIMES = 400
"""The largest number of times; a daily one for more than a year."""

_LOOK_AHEAD = 63
"""Days within which there is an occurrence, whatever its days are."""


class Every(enum.Enum):
    """What repeats."""

    WEEK = "week"
    MONTH = "month"


class Recurrence(msgspec.Struct, frozen=True, kw_only=True):
    """When it is sent again."""

    every: Every
    days: tuple[int, ...]
    """Of the week, 0 being Monday; or of the month. A month that is too short for one of them has
    it on its last day."""
    at: time
    """On the clocks of ``zone``; after the gap, where they skip it, and the first time, where they
    show it twice."""
    zone: str
    until: date | None = None
    """The last day on which it may be sent; None: there is none."""
    times: int | None = None
    """How often in all; None: without end."""


class Series(msgspec.Struct, frozen=True, kw_only=True):
    """Which occurrence of which series a campaign is."""

    id: str
    recurrence: Recurrence
    number: int = 1

    def campaign_id(self) -> str:
        """The id of this occurrence: the same whoever makes it."""
        return f"{self.id}-{self.number}"


def checked(recurrence: Recurrence, now: datetime) -> Recurrence:
    """The recurrence, when it happens at all.

    Raises Invalid, with every field that can't be taken.
    """
    problems: dict[str, Refusal] = {}
    if not recurrence.days:
        field = "weekdays" if recurrence.every is Every.WEEK else "month_days"
        problems[field] = ScheduleRefusal.NO_DAYS
    elif recurrence.every is Every.MONTH and not all(1 <= of <= 31 for of in recurrence.days):
        problems["month_days"] = ScheduleRefusal.NOT_IN_A_MONTH
    if recurrence.times is not None and not 1 <= recurrence.times <= MOST_TIMES:
        problems["times"] = TimesOutOfRange(MOST_TIMES)
    if not problems and following(recurrence, now) is None:
        problems["until"] = ScheduleRefusal.NEVER_HAPPENS
    refuse(problems)
    return recurrence


def following(recurrence: Recurrence, moment: datetime) -> datetime | None:
    """The first time after a moment; None when that is after the last day."""
    zone = ZoneInfo(recurrence.zone)
    today = moment.astimezone(zone).date()
    for ahead in range(-1, _LOOK_AHEAD):
        day = today + timedelta(days=ahead)
        if recurrence.until is not None and day > recurrence.until:
            return None
        if _happens_on(recurrence, day):
            at = _at(day, recurrence.at, zone)
            if at > moment:
                return at
    return None


def next_of(series: Series, moment: datetime) -> tuple[Series, datetime] | None:
    """The occurrence after this one, and when: the first after a moment, so that none is made up
    for that was missed. None when this is the last one.
    """
    times = series.recurrence.times
    if times is not None and series.number >= times:
        return None
    at = following(series.recurrence, moment)
    return None if at is None else (msgspec.structs.replace(series, number=series.number + 1), at)


def _happens_on(recurrence: Recurrence, day: date) -> bool:
    if recurrence.every is Every.WEEK:
        return day.weekday() in recurrence.days
    last = calendar.monthrange(day.year, day.month)[1]
    return day.day in {min(of, last) for of in recurrence.days}


def _at(day: date, at: time, zone: ZoneInfo) -> datetime:
    # What clocks skip is read by the clock from before the gap: so it is after it.
    return datetime.combine(day, at, zone).astimezone(UTC)
