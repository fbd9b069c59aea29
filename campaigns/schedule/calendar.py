"""Calendar: the load of scheduled campaigns, and the overlaps that exceed the allowed rate.

Pure. The figures are rough: they say whether people will notice, not when a campaign ends.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec

from campaigns.schedule import windows
from campaigns.schedule.schedule import Schedule

NOTICEABLE = timedelta(minutes=1)
"""Shortest overlap that counts. In less time, campaigns hardly slow each other."""

_TOLERANCE = 1.1
"""Factor by which two campaigns together may exceed the rate before anyone notices."""


class Load(msgspec.Struct, frozen=True):
    """Share of the rate that a campaign takes, and when."""

    campaign_id: str
    begins: datetime
    ends: datetime
    per_second: float
    """Deliveries per second, on average."""


def at_once(campaign_id: str, begins: datetime, people: int, rate: float) -> Load:
    """Returns the load of a campaign that takes all of the rate from its start until it is done."""
    return Load(campaign_id, begins, begins + timedelta(seconds=people / rate), rate)


def load(campaign_id: str, schedule: Schedule, people: int, rate: float) -> Load:
    """Returns the load of a scheduled campaign.

    :param people: the number of its recipients.
    :param rate: the deliveries per second that are allowed.
    """
    if schedule.window is None:
        return at_once(campaign_id, schedule.at, people, rate)
    openings = windows.openings(schedule.window, ZoneInfo(schedule.window.zone))
    seconds = windows.length(openings).total_seconds()
    if not seconds:
        return at_once(campaign_id, schedule.at, 0, rate)
    return Load(campaign_id, openings[0].begins, openings[-1].ends, people / seconds)


def overlaps(loads: Sequence[Load], rate: float) -> dict[str, list[str]]:
    """Returns, by campaign, the ids of the campaigns with which it overlaps.

    Two campaigns overlap when they are sent at the same time, and together exceed the rate.
    Campaigns that overlap with none are left out.
    """
    overlapping: dict[str, list[str]] = {}
    for index, first in enumerate(loads):
        for second in loads[index + 1 :]:
            if _overlap(first, second, rate):
                overlapping.setdefault(first.campaign_id, []).append(second.campaign_id)
                overlapping.setdefault(second.campaign_id, []).append(first.campaign_id)
    return overlapping


def _overlap(first: Load, second: Load, rate: float) -> bool:
    shared_time = min(first.ends, second.ends) - max(first.begins, second.begins)
    return shared_time >= NOTICEABLE and first.per_second + second.per_second > rate * _TOLERANCE
