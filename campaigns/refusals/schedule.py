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
    DAY_TOO_FAR = "day_too_far"
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
    """Most days from now to a start."""
    last: datetime
    """The last moment that can be chosen, in the author's zone."""


class FirstDayTooFarAhead(RefusalDetails, frozen=True):
    """The first day of a window is after the last day that can be chosen."""

    days: int
    """Most days from now to a start."""
    last: date
    """The last day that can be chosen."""


class UnknownZone(RefusalDetails, frozen=True):
    """There is no time zone of this name."""

    zone: str


class DaysOutOfRange(RefusalDetails, frozen=True):
    """The number of a window's days is below 1 or above ``most``."""

    most: int


class DaysNotANumber(RefusalDetails, frozen=True):
    """Something else than a whole number was typed for the number of days."""

    most: int


class TimesOutOfRange(RefusalDetails, frozen=True):
    """The number of times that a campaign is repeated is below 1 or above ``most``."""

    most: int
