"""Whether somebody is there to be sent something, and what follows when not.

A delivery to somebody who is absent is looked at again: ten minutes later, at the full hour after
the first look, and then on the next day for working, at a time drawn anew, where this begins again.
After three such runs it is taken off the programme. A step that falls outside what is open is not
taken.

Pure. What has been tried so far is in the delivery, so a restart changes nothing.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec

from campaigns.delivery import PresenceWait
from campaigns.outcome import Reason
from campaigns.schedule import windows
from campaigns.schedule.windows import Opening

AGAIN = timedelta(minutes=10)
"""Between the first look and the second."""

RUNS = 3
"""How often the steps are gone through."""


class Presence(enum.Enum):
    """What Teams says of somebody, as far as it makes a difference."""

    AVAILABLE = "available"
    BUSY = "busy"
    """In a call or meeting, say; do-not-disturb is not this."""
    AWAY = "away"
    ABSENT = "absent"
    """Offline, or not to be disturbed."""
    UNKNOWN = "unknown"
    """Teams does not know, as of people who have never signed in."""


class Rule(enum.Enum):
    """Who is sent a campaign at once, and who is waited for."""

    WHENEVER = "whenever"
    AVAILABLE = "available"
    """Only who is available."""
    THERE = "there"
    """Who is available, away or busy."""

    def lets(self, presence: Presence) -> bool:
        """Whether somebody of this presence is sent it."""
        return self is Rule.WHENEVER or presence in _LETS[self]


_LETS = {
    Rule.AVAILABLE: {Presence.AVAILABLE},
    Rule.THERE: {Presence.AVAILABLE, Presence.AWAY, Presence.BUSY},
}


class Fallback(enum.Enum):
    """What becomes of a delivery when it can't be known who is there."""

    SEND = "send"
    """As if the rule were *whenever*."""
    WAIT = "wait"
    """It is tried again until it can be known, or the campaign's time is over."""


_AVAILABILITIES = {
    "Available": Presence.AVAILABLE,
    "AvailableIdle": Presence.AVAILABLE,
    "Away": Presence.AWAY,
    "BeRightBack": Presence.AWAY,
    "Busy": Presence.BUSY,
    "BusyIdle": Presence.BUSY,
    "DoNotDisturb": Presence.ABSENT,
    "Offline": Presence.ABSENT,
}


def presence_of(availability: str) -> Presence:
    """What Graph's word means here."""
    return _AVAILABILITIES.get(availability, Presence.UNKNOWN)


class Later(msgspec.Struct, frozen=True):
    """To be looked at again."""

    at: datetime
    waiting: PresenceWait


class Over(msgspec.Struct, frozen=True):
    """Taken off the programme."""

    reason: Reason
    waiting: PresenceWait


def absent(
    waiting: PresenceWait,
    *,
    now: datetime,
    zone: ZoneInfo,
    open_on: Callable[[datetime], bool],
    later_openings: Callable[[datetime], Sequence[Opening]],
    seed: str,
) -> Later | Over:
    """What follows when somebody was looked for now, and the rule does not let them be sent it.

    :param waiting: what was tried before.
    :param zone: whose clock says what a full hour is.
    :param open_on: whether a moment is open.
    :param later_openings: what is open on the next day for working after a moment's day; empty
        when the campaign's time is over by then.
    """
    first = waiting.first_at or now
    looked = msgspec.structs.replace(waiting, first_at=first, absences=waiting.absences + 1)
    for step in sorted({first + AGAIN, full_hour_after(first, zone)}):
        if step > now and open_on(step):
            return Later(step, looked)
    return next_run(looked, now=now, later_openings=later_openings, seed=seed)


def next_run(
    looked: PresenceWait,
    *,
    now: datetime,
    later_openings: Callable[[datetime], Sequence[Opening]],
    seed: str,
) -> Later | Over:
    """What follows after the steps of one run."""
    runs = looked.runs + 1
    ended = msgspec.structs.replace(looked, first_at=None, runs=runs)
    if runs >= RUNS:
        return Over(Reason.ABSENT, ended)
    at = windows.drawn(later_openings(now), f"{seed} run {runs}")
    if at is None:
        return Over(Reason.ABSENT, ended)
    return Later(at, ended)


def full_hour_after(moment: datetime, zone: ZoneInfo) -> datetime:
    """The next full hour on the clocks of a zone, which may be half an hour off those of others."""
    local = moment.astimezone(zone)
    into = timedelta(minutes=local.minute, seconds=local.second, microseconds=local.microsecond)
    hour = moment + timedelta(hours=1) - into
    # Lord Howe's clocks change by half an hour.
    return hour + timedelta(minutes=-hour.astimezone(zone).minute % 60)
