"""What is to come, and where two campaigns would meet at the rate that is allowed.

Pure. Figures are rough: they say whether people will notice, not when a campaign ends.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec

from campaigns.schedule import windows
from campaigns.schedule.schedule import Schedule

NOTICEABLE = timedelta(minutes=1)
"""Two that meet for less than this hardly slow each other."""

_A_LITTLE = 1.1
"""By so much the rate may be exceeded together without anyone noticing."""


class Load(msgspec.Struct, frozen=True):
    """What a campaign takes of the rate, and when."""

    campaign_id: str
    begins: datetime
    ends: datetime
    per_second: float
    """Deliveries, on average."""


def at_once(campaign_id: str, begins: datetime, people: int, rate: float) -> Load:
    """The load of one that is sent to everyone at its start: all of the rate, until it is done."""
    return Load(campaign_id, begins, begins + timedelta(seconds=people / rate), rate)


def load(campaign_id: str, of: Schedule, people: int, rate: float) -> Load:
    """The load of a scheduled campaign to so many people."""
    if of.window is None:
        return at_once(campaign_id, of.at, people, rate)
    openings = windows.openings(of.window, ZoneInfo(of.window.zone))
    seconds = windows.length(openings).total_seconds()
    if not seconds:
        return at_once(campaign_id, of.at, 0, rate)
    return Load(campaign_id, openings[0].begins, openings[-1].ends, people / seconds)


def meetings(loads: Sequence[Load], rate: float) -> dict[str, list[str]]:
    """Which others each campaign meets, by their ids: both want more than there is."""
    found: dict[str, list[str]] = {}
    for place, one in enumerate(loads):
        for other in loads[place + 1 :]:
            if _meet(one, other, rate):
                found.setdefault(one.campaign_id, []).append(other.campaign_id)
                found.setdefault(other.campaign_id, []).append(one.campaign_id)
    return found


def _meet(one: Load, other: Load, rate: float) -> bool:
    together = min(one.ends, other.ends) - max(one.begins, other.begins)
    return together >= NOTICEABLE and one.per_second + other.per_second > rate * _A_LITTLE
