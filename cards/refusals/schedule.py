"""Words for mistakes in a schedule."""

from __future__ import annotations

from campaigns.refusals.schedule import (
    DaysNotANumber,
    DaysOutOfRange,
    FirstDayTooFarAhead,
    ScheduleRefusal,
    StartTooFarAhead,
    TimeLeftOut,
    TimesOutOfRange,
    UnknownZone,
)
from cards.refusals.base import Words


def _start_too_far(reason: StartTooFarAhead) -> str:
    ahead = "1 day" if reason.days == 1 else f"{reason.days} days"
    last = reason.last
    return f"At most {ahead} ahead: until {last:%A} {last.day} {last:%B, %H:%M}."


WORDS: Words = {
    ScheduleRefusal.SCHEDULED: "This campaign is scheduled already. Unschedule it first.",
    ScheduleRefusal.NOT_SCHEDULED: "This campaign is not scheduled.",
    ScheduleRefusal.FOLLOWS_ANOTHER: "What follows another campaign can only be sent now.",
    ScheduleRefusal.DAY_OVER: "This day is over. Choose today or a later day.",
    ScheduleRefusal.DAY_TOO_FAR: "This day is too far away. Choose an earlier one.",
    ScheduleRefusal.TIME_PASSED: "This time has passed. Choose a later one.",
    ScheduleRefusal.TOO_SOON: "This is less than a minute ahead. Choose a later one.",
    ScheduleRefusal.CLOSES_TOO_EARLY: "This has to be later than the hour before it.",
    ScheduleRefusal.NO_DAYS: "Choose at least one day.",
    ScheduleRefusal.UNKNOWN_COUNTRY: "The public holidays of this country are not known.",
    ScheduleRefusal.NO_WORKING_TIME: (
        "There is no working time left on these days. Choose more days, or other hours."
    ),
    ScheduleRefusal.NOT_IN_A_MONTH: "Days of a month are from 1 to 31.",
    ScheduleRefusal.NEVER_HAPPENS: "There is no such day before this date. Choose a later one.",
    ScheduleRefusal.END_TWICE: "Either a last day or a number of times, not both.",
    ScheduleRefusal.NOT_A_DAY: "Choose a day.",
    ScheduleRefusal.NOT_A_LAST_DAY: "Choose a day, or none.",
    ScheduleRefusal.NOT_A_TIME: "Choose a time.",
    ScheduleRefusal.NOT_WEEKDAYS: "Choose days.",
    ScheduleRefusal.NOT_MONTH_DAYS: "Type days of the month, such as 1, 15.",
    ScheduleRefusal.NOT_A_NUMBER: "Type a whole number, or nothing.",
    ScheduleRefusal.NOT_A_CHOICE: "Choose one of these.",
    TimeLeftOut: (
        "On this day clocks change, and {skipped:%H:%M} is left out. Choose another time."
    ),
    StartTooFarAhead: _start_too_far,
    FirstDayTooFarAhead: "At most {days} days ahead: {last:%A} {last.day} {last:%B}.",
    UnknownZone: "“{zone}” is not a time zone.",
    DaysOutOfRange: "From 1 to {most} days.",
    DaysNotANumber: "A whole number from 1 to {most}.",
    TimesOutOfRange: "From 1 to {most}.",
}
