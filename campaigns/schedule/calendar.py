"""Calendar: scheduled campaigns, and those that would meet at the allowed rate.

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
"""Campaigns that meet for less than this hardly slow each other."""

_A_LITTLE = 1.1
"""Factor by which two campaigns may exceed the rate together without anyone noticing."""


class Load(msgspec.Struct, frozen=True):
    """Share of the rate that a campaign takes, and when."""

    campaign_id: str
    begins: datetime
    ends: datetime
    per_second: float
    """Deliveries, on average."""


def at_once(campaign_id: str, begins: datetime, people: int, rate: float) -> Load:
    """Returns the load of a campaign that takes all of the rate from its start until it is done."""
    return Load(campaign_id, begins, begins + timedelta(seconds=people / rate), rate)


def load(campaign_id: str, schedule: Schedule, people: int, rate: float) -> Load:
    """Returns the load of a scheduled campaign to so many people."""
    if schedule.window is None:
        return at_once(campaign_id, schedule.at, people, rate)
    openings = windows.openings(schedule.window, ZoneInfo(schedule.window.zone))
    seconds = windows.length(openings).total_seconds()
    if not seconds:
        return at_once(campaign_id, schedule.at, 0, rate)
    return Load(campaign_id, openings[0].begins, openings[-1].ends, people / seconds)


def meetings(loads: Sequence[Load], rate: float) -> dict[str, list[str]]:
    """Returns the ids of the campaigns that each campaign meets: together they exceed the rate."""
    met: dict[str, list[str]] = {}
    for place, earlier in enumerate(loads):
        for later in loads[place + 1 :]:
            if _meet(earlier, later, rate):
                met.setdefault(earlier.campaign_id, []).append(later.campaign_id)
                met.setdefault(later.campaign_id, []).append(earlier.campaign_id)
    return met


def _meet(first: Load, second: Load, rate: float) -> bool:
    together = min(first.ends, second.ends) - max(first.begins, second.begins)
    return together >= NOTICEABLE and first.per_second + second.per_second > rate * _A_LITTLE
