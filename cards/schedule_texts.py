"""Words about schedules: time, days and hours, presence, repetition."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from campaigns.schedule.presence import Fallback, PresenceRule
from campaigns.schedule.public_holidays import countries
from campaigns.schedule.recurrence import Every, Recurrence
from campaigns.schedule.schedule import Night, Schedule
from campaigns.schedule.windows import MONDAY_TO_FRIDAY, Window
from cards import elements as ac
from cards.markdown import escape
from cards.texts import count, joined, zone_name

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

RULES: dict[PresenceRule, str] = {
    PresenceRule.WHENEVER: "Whether they are there or not",
    PresenceRule.AVAILABLE: "Only while they are available",
    PresenceRule.THERE: "While they are available, away or busy",
}

FALLBACKS: dict[Fallback, str] = {
    Fallback.SEND: "Send it all the same",
    Fallback.WAIT: "Wait until it can be seen",
}


def planned(at: datetime, zone: ZoneInfo, now: datetime) -> str:
    """Returns ``Thursday 26 November, 09:30, Paris; in 3 days``."""
    local = at.astimezone(zone)
    year = f" {local.year}" if local.year != now.astimezone(zone).year else ""
    return (
        f"{local:%A} {local.day} {local:%B}{year}, {local:%H:%M}, {zone_name(zone)};"
        f" {time_ahead(at, zone, now)}"
    )


def time_ahead(at: datetime, zone: ZoneInfo, now: datetime) -> str:
    """Returns ``in 3 days``, ``tomorrow``, ``in 2 hours``, ``in 5 minutes``, ``any moment now``."""
    left = at - now
    days = (at.astimezone(zone).date() - now.astimezone(zone).date()).days
    if days > 1:
        return f"in {days} days"
    if days == 1 and left > timedelta(hours=6):
        return "tomorrow"
    minutes = round(left.total_seconds() / 60)
    if minutes >= 90:
        return f"in {count(round(minutes / 60), 'hour', 'hours')}"
    if minutes >= 1:
        return f"in {count(minutes, 'minute', 'minutes')}"
    return "any moment now"


def schedule_facts(schedule: Schedule) -> list[ac.Fact]:
    """Returns the facts about the limits on a campaign's deliveries, and about its repetition."""
    facts = []
    if schedule.window is not None:
        facts.append(ac.Fact("Spread over", escape(spread(schedule.window))))
    if schedule.rule is not PresenceRule.WHENEVER:
        facts.append(ac.Fact("People get it", escape(RULES[schedule.rule].lower())))
    if schedule.night is not None:
        night = f"nobody, {night_hours(schedule.night)} of their own time"
        facts.append(ac.Fact("At night", escape(night)))
    if schedule.series is not None:
        facts.append(ac.Fact("Repeats", escape(repeats(schedule.series.recurrence))))
    return facts


def spread(window: Window) -> str:
    """Returns ``24 to 26 November, Monday to Friday, 09:00 to 17:00, Paris``."""
    hours = window.hours
    clocks = (
        "in each recipient's own time zone"
        if window.own_zones
        else zone_name(ZoneInfo(window.zone))
    )
    parts = [
        days(window.first_day, window.last_day),
        weekdays(hours.weekdays),
        f"{hours.opens:%H:%M} to {hours.closes:%H:%M}",
        clocks,
    ]
    if hours.country:
        parts.append(f"without the public holidays of {countries()[hours.country]}")
    return ", ".join(parts)


def days(first: date, last: date) -> str:
    """Returns ``24 November``, ``24 to 26 November``, ``30 November to 2 December``."""
    if first == last:
        return f"{first.day} {first:%B}"
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day} to {last.day} {last:%B}"
    return f"{first.day} {first:%B} to {last.day} {last:%B}"


def weekdays(numbers: Sequence[int]) -> str:
    """Returns ``Monday to Friday``, ``every day``, ``Monday and Thursday``; 0 is Monday."""
    chosen = sorted(numbers)
    if len(chosen) == 7:
        return "every day"
    if tuple(chosen) == MONDAY_TO_FRIDAY:
        return "Monday to Friday"
    return joined([WEEKDAYS[day] for day in chosen])


def repeats(recurrence: Recurrence) -> str:
    """Returns ``every week on Monday and Friday at 09:30, Paris; until 31 December 2026``."""
    if recurrence.every is Every.WEEK:
        when = f"every week on {weekdays(recurrence.days)}"
        if len(recurrence.days) == 7:
            when = "every day"
    else:
        when = f"every month on {joined([ordinal(day) for day in sorted(recurrence.days)])}"
    ends = ""
    if recurrence.until is not None:
        ends = f"; until {recurrence.until.day} {recurrence.until:%B %Y}"
    elif recurrence.times is not None:
        ends = f"; {count(recurrence.times, 'time', 'times')} in all"
    return f"{when} at {recurrence.time_of_day:%H:%M}, {zone_name(ZoneInfo(recurrence.zone))}{ends}"


def night_hours(night: Night) -> str:
    """Returns ``from 20:00 to 07:00``."""
    return f"from {night.begins:%H:%M} to {night.ends:%H:%M}"


def rough_duration(span: timedelta) -> str:
    """Returns ``3 hours``, ``25 minutes``, ``5 seconds``: rounded up, and at least one second."""
    seconds = max(1, math.ceil(span.total_seconds()))
    if seconds < 90:
        return count(seconds, "second", "seconds")
    minutes = math.ceil(seconds / 60)
    if minutes < 90:
        return count(minutes, "minute", "minutes")
    return count(math.ceil(minutes / 60), "hour", "hours")


def ordinal(day: int) -> str:
    """Returns ``the 1st``, ``the 22nd``, ``the last day``."""
    if day == 31:
        return "the last day"
    ending = "th" if 10 < day < 20 else {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")
    return f"the {day}{ending}"
