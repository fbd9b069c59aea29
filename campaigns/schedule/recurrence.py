"""Recurrence: campaigns that are sent weekly or monthly, on given days at a given time.

Each occurrence is a campaign of its own, with its number in the series. When it starts, the next
occurrence is made from it.
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
"""Most occurrences of a series; with one each day they last more than a year."""

_LOOK_AHEAD = 63
"""Days within which every recurrence has an occurrence."""


class Every(enum.Enum):
    """Period that repeats."""

    WEEK = "week"
    MONTH = "month"


class Recurrence(msgspec.Struct, frozen=True, kw_only=True):
    """Days and time at which a campaign is sent again."""

    every: Every
    days: tuple[int, ...]
    """Days of the week, 0 being Monday; or days of the month. In a month that is too short for a
    day, the last day takes its place."""
    time_of_day: time = msgspec.field(name="at")
    """Time on the clocks of ``zone``. On a day when clocks skip it, the time after the gap counts.
    When they show it twice, the first counts."""
    zone: str
    until: date | None = None
    """Last day on which it may be sent; None when there is none."""
    times: int | None = None
    """Number of times in all; None without an end."""


class Series(msgspec.Struct, frozen=True, kw_only=True):
    """Position of a campaign in a series."""

    id: str
    recurrence: Recurrence
    number: int = 1
    previous_at: datetime | None = None
    """Time of the occurrence before it; None for the first. Earlier versions did not keep it."""

    def campaign_id(self) -> str:
        """Returns the id of this occurrence, which is the same in every process."""
        return f"{self.id}-{self.number}"


def checked(recurrence: Recurrence, now: datetime) -> Recurrence:
    """Returns the recurrence unchanged.

    Raises Invalid with every wrong field, and when it would never happen.
    """
    problems: dict[str, Refusal] = {}
    if not recurrence.days:
        field = "weekdays" if recurrence.every is Every.WEEK else "month_days"
        problems[field] = ScheduleRefusal.NO_DAYS
    elif recurrence.every is Every.MONTH and not all(1 <= day <= 31 for day in recurrence.days):
        problems["month_days"] = ScheduleRefusal.NOT_IN_A_MONTH
    if recurrence.times is not None and not 1 <= recurrence.times <= MOST_TIMES:
        problems["times"] = TimesOutOfRange(MOST_TIMES)
    if not problems and following(recurrence, now) is None:
        problems["until"] = ScheduleRefusal.NEVER_HAPPENS
    refuse(problems)
    return recurrence


def following(recurrence: Recurrence, moment: datetime) -> datetime | None:
    """Returns the first occurrence after a moment; None when that is after the last day."""
    zone = ZoneInfo(recurrence.zone)
    today = moment.astimezone(zone).date()
    for ahead in range(-1, _LOOK_AHEAD):
        day = today + timedelta(days=ahead)
        if recurrence.until is not None and day > recurrence.until:
            return None
        if _happens_on(recurrence, day):
            occurs_at = _moment(day, recurrence.time_of_day, zone)
            if occurs_at > moment:
                return occurs_at
    return None


def next_of(series: Series, moment: datetime) -> tuple[Series, datetime] | None:
    """Returns the next occurrence's place in the series, and its time; None after the last one.

    It is the first occurrence after ``moment``. Missed ones are not made up for.
    """
    times = series.recurrence.times
    if times is not None and series.number >= times:
        return None
    occurs_at = following(series.recurrence, moment)
    return (
        None
        if occurs_at is None
        else (msgspec.structs.replace(series, number=series.number + 1), occurs_at)
    )


def _happens_on(recurrence: Recurrence, day: date) -> bool:
    if recurrence.every is Every.WEEK:
        return day.weekday() in recurrence.days
    last = calendar.monthrange(day.year, day.month)[1]
    return day.day in {min(number, last) for number in recurrence.days}


def _moment(day: date, time_of_day: time, zone: ZoneInfo) -> datetime:
    # A skipped time gets the UTC offset from before the gap, which makes it a time after the gap.
    return datetime.combine(day, time_of_day, zone).astimezone(UTC)
