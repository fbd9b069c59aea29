"""Schedules in words: when, over which days and hours, who is waited for, how often."""

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
from cards.texts import count, place

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
    """``Thursday 26 November, 09:30, Paris; in 3 days``."""
    local = at.astimezone(zone)
    year = f" {local.year}" if local.year != now.astimezone(zone).year else ""
    return (
        f"{local:%A} {local.day} {local:%B}{year}, {local:%H:%M}, {place(zone)};"
        f" {ahead(at, zone, now)}"
    )


def ahead(at: datetime, zone: ZoneInfo, now: datetime) -> str:
    """``in 3 days``, ``tomorrow``, ``in 2 hours``, ``in 5 minutes``, ``any moment now``."""
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


def facts(of: Schedule) -> list[tuple[str, str]]:
    """What holds its deliveries back, and how often it is sent: titles and values."""
    found = []
    if of.window is not None:
        found.append(("Spread over", spread(of.window)))
    if of.rule is not PresenceRule.WHENEVER:
        found.append(("People get it", RULES[of.rule].lower()))
    if of.night is not None:
        found.append(("At night", f"nobody, {hours_of(of.night)} of their own time"))
    if of.series is not None:
        found.append(("Repeats", repeats(of.series.recurrence)))
    return found


def spread(window: Window) -> str:
    """``24 to 26 November, Monday to Friday, 09:00 to 17:00, Paris``."""
    hours = window.hours
    where = (
        "in each recipient's own time zone" if window.own_zones else place(ZoneInfo(window.zone))
    )
    parts = [
        days(window.first_day, window.last_day),
        weekdays(hours.weekdays),
        f"{hours.opens:%H:%M} to {hours.closes:%H:%M}",
        where,
    ]
    if hours.country:
        parts.append(f"without the public holidays of {countries()[hours.country]}")
    return ", ".join(parts)


def days(first: date, last: date) -> str:
    """``24 November``, ``24 to 26 November``, ``30 November to 2 December``."""
    if first == last:
        return f"{first.day} {first:%B}"
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day} to {last.day} {last:%B}"
    return f"{first.day} {first:%B} to {last.day} {last:%B}"


def weekdays(some: Sequence[int]) -> str:
    """``Monday to Friday``, ``every day``, ``Monday and Thursday``."""
    chosen = sorted(some)
    if len(chosen) == 7:
        return "every day"
    if tuple(chosen) == MONDAY_TO_FRIDAY:
        return "Monday to Friday"
    return listed([WEEKDAYS[day] for day in chosen])


def repeats(of: Recurrence) -> str:
    """``every week on Monday and Friday at 09:30, Paris; until 31 December 2026``."""
    if of.every is Every.WEEK:
        when = f"every week on {weekdays(of.days)}"
        if len(of.days) == 7:
            when = "every day"
    else:
        when = f"every month on {listed([ordinal(day) for day in sorted(of.days)])}"
    ends = ""
    if of.until is not None:
        ends = f"; until {of.until.day} {of.until:%B %Y}"
    elif of.times is not None:
        ends = f"; {count(of.times, 'time', 'times')} in all"
    return f"{when} at {of.time_of_day:%H:%M}, {place(ZoneInfo(of.zone))}{ends}"


def hours_of(night: Night) -> str:
    """``from 20:00 to 07:00``."""
    return f"from {night.begins:%H:%M} to {night.ends:%H:%M}"


def long(of: timedelta) -> str:
    """``3 hours``, ``25 minutes``, ``5 seconds``: a rough figure, and never nothing."""
    seconds = max(1, math.ceil(of.total_seconds()))
    if seconds < 90:
        return count(seconds, "second", "seconds")
    minutes = math.ceil(seconds / 60)
    if minutes < 90:
        return count(minutes, "minute", "minutes")
    return count(math.ceil(minutes / 60), "hour", "hours")


def listed(some: Sequence[str]) -> str:
    """``a``, ``a and b``, ``a, b and c``."""
    if len(some) < 2:
        return "".join(some)
    return f"{', '.join(some[:-1])} and {some[-1]}"


def ordinal(day: int) -> str:
    """``the 1st``, ``the 22nd``, ``the last day``."""
    if day == 31:
        return "the last day"
    ending = "th" if 10 < day < 20 else {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")
    return f"the {day}{ending}"
