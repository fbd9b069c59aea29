"""Reasons to refuse a schedule."""

from __future__ import annotations

from datetime import date, datetime, time

from campaigns.errors import RefusalDetails, RefusalKey


class ScheduleRefusal(RefusalKey):
    """Mistakes in a schedule or its form that have no values."""

    SCHEDULED = "scheduled"
    NOT_SCHEDULED = "not_scheduled"
    FOLLOWS_ANOTHER = "follows_another"
    DAY_OVER = "day_over"
    TIME_PASSED = "time_passed"
    TOO_SOON = "too_soon"
    CLOSES_TOO_EARLY = "closes_too_early"
    NO_DAYS = "no_days"
    UNKNOWN_COUNTRY = "unknown_country"
    NO_WORKING_TIME = "no_working_time"
    NOT_IN_A_MONTH = "not_in_a_month"
    NEVER_HAPPENS = "never_happens"
    END_TWICE = "end_twice"
    NOT_A_DAY = "not_a_day"
    NOT_A_LAST_DAY = "not_a_last_day"
    NOT_A_TIME = "not_a_time"
    NOT_WEEKDAYS = "not_weekdays"
    NOT_MONTH_DAYS = "not_month_days"
    NOT_A_NUMBER = "not_a_number"
    NOT_A_CHOICE = "not_a_choice"


class TimeLeftOut(RefusalDetails, frozen=True):
    """Clocks skip this time on that day."""

    skipped: time


class StartTooFarAhead(RefusalDetails, frozen=True):
    """The start is after the last moment that can be chosen."""

    days: int
    last: datetime
    """On the author's clock."""


class FirstDayTooFarAhead(RefusalDetails, frozen=True):
    """The first day is after the last one that can be chosen."""

    days: int
    last: date


class UnknownZone(RefusalDetails, frozen=True):
    """There is no time zone of this name."""

    zone: str


class DaysOutOfRange(RefusalDetails, frozen=True):
    """A window has at least one day, and so many at most."""

    most: int


class DaysNotANumber(RefusalDetails, frozen=True):
    """The number of days that was typed is no whole number."""

    most: int


class TimesOutOfRange(RefusalDetails, frozen=True):
    """A campaign is sent at least once, and so many times at most."""

    most: int
