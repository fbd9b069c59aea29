"""Presence: the rule for sending at once, and the looks for people who are absent.

The bot looks for an absent person again ten minutes later, and at the full hour after the first
look. These looks are a *round*. The next round begins on the next working day, at a time drawn
anew. After three rounds the delivery is given up. Looks outside the open hours are left out.

Pure. The delivery keeps the number of looks so far, so a restart changes nothing.
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
"""Time between the first look and the second."""

ROUNDS = 3
"""Number of rounds before a delivery is given up."""


class Presence(enum.Enum):
    """Presence of a person in Teams, as far as it matters here."""

    AVAILABLE = "available"
    BUSY = "busy"
    """For example in a call or meeting; do-not-disturb counts as absent."""
    AWAY = "away"
    ABSENT = "absent"
    """Offline, or set to do-not-disturb."""
    UNKNOWN = "unknown"
    """Not known to Teams, for example because the person has never signed in."""


class PresenceRule(enum.Enum):
    """Rule that says which people are sent a campaign at once. The bot waits for all others."""

    WHENEVER = "whenever"
    AVAILABLE = "available"
    """Only people who are available."""
    THERE = "there"
    """People who are available, away or busy."""

    def allows(self, presence: Presence) -> bool:
        """Returns True when a person with this presence is sent the campaign at once."""
        return self is PresenceRule.WHENEVER or presence in _ALLOWED[self]


_ALLOWED = {
    PresenceRule.AVAILABLE: {Presence.AVAILABLE},
    PresenceRule.THERE: {Presence.AVAILABLE, Presence.AWAY, Presence.BUSY},
}


class Fallback(enum.Enum):
    """Treatment of a delivery when presence can't be known."""

    SEND = "send"
    """It is sent, as with the rule *whenever*."""
    WAIT = "wait"
    """It waits until presence can be known, or the campaign's time is over."""


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
    """Returns the presence for Graph's ``availability``; UNKNOWN for any other word."""
    return _AVAILABILITIES.get(availability, Presence.UNKNOWN)


class Later(msgspec.Struct, frozen=True):
    """Result of a look: look again at this time."""

    at: datetime
    waiting: PresenceWait


class Over(msgspec.Struct, frozen=True):
    """Result of a look: the delivery is given up, for this reason."""

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
    """Returns the next look after one that found the person absent, or the end of looking.

    :param waiting: the looks before this one.
    :param zone: zone whose clock decides on the full hour.
    :param open_on: returns True for a moment within the open hours.
    :param later_openings: returns the openings of the next working day after a moment's day; empty
        when the campaign's time is over by then.
    :param seed: the seed from which the begin of the next round is drawn.
    """
    # A first look that is still to come was dated by a clock that was set back since.
    first = min(waiting.first_at or now, now)
    looked = msgspec.structs.replace(waiting, first_at=first, absences=waiting.absences + 1)
    for next_look in sorted({first + AGAIN, full_hour_after(first, zone)}):
        if next_look > now and open_on(next_look):
            return Later(next_look, looked)
    return next_round(looked, now=now, later_openings=later_openings, seed=seed)


def next_round(
    looked: PresenceWait,
    *,
    now: datetime,
    later_openings: Callable[[datetime], Sequence[Opening]],
    seed: str,
) -> Later | Over:
    """Returns the first look of the next round, or the end of looking."""
    rounds = looked.rounds + 1
    ended = msgspec.structs.replace(looked, first_at=None, rounds=rounds)
    if rounds >= ROUNDS:
        return Over(Reason.ABSENT, ended)
    # The seed keeps the word of earlier versions, so that the same times are drawn.
    begins = windows.drawn(later_openings(now), f"{seed} run {rounds}")
    if begins is None:
        return Over(Reason.ABSENT, ended)
    return Later(begins, ended)


def full_hour_after(moment: datetime, zone: ZoneInfo) -> datetime:
    """Returns the next full hour on a zone's clocks. In some zones it is half past in UTC."""
    local = moment.astimezone(zone)
    into = timedelta(minutes=local.minute, seconds=local.second, microseconds=local.microsecond)
    hour = moment + timedelta(hours=1) - into
    # On Lord Howe clocks change by half an hour, so the sum above may be half past there.
    return hour + timedelta(minutes=-hour.astimezone(zone).minute % 60)
