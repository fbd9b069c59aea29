"""Scheduling a campaign in the chat, and reading what its card says."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from tests.support.chats.cards import texts
from tests.support.chats.chat import Person
from tests.support.chats.clocks import MovedClock

LONDON = ZoneInfo("Europe/London")
"""The time zone of the fake's people."""


async def schedule(admin: Person, clock: MovedClock, ahead: timedelta, **typed: str) -> datetime:
    """Schedules the campaign for so far ahead, rounded up to a whole minute."""
    await admin.presses("Send later")
    local = (clock.now() + ahead).astimezone(LONDON)
    if ahead > timedelta():
        local = (local + timedelta(seconds=59)).replace(second=0, microsecond=0)
    await admin.presses("Schedule", day=f"{local:%Y-%m-%d}", time=f"{local:%H:%M}", **typed)
    return local


def fact(admin: Person, title: str) -> str:
    """Returns the value beside this title on the admin's card."""
    [line] = [line for line in texts(admin.card) if line.startswith(f"{title}: ")]
    return line.partition(": ")[2]


def errors(admin: Person) -> list[str]:
    """Returns the errors beside the fields of the admin's card."""
    return [line for line in texts(admin.card) if line.startswith("⚠")]
