"""Series: each campaign of one that starts makes the next, which is scheduled."""

from __future__ import annotations

from datetime import datetime

import msgspec

from campaigns import lifecycle, scheduling
from campaigns.campaign import Campaign
from delivery.changes import change
from storage.base import Store
from storage.errors import Conflict


async def add_next(store: Store, campaign: Campaign, now: datetime) -> Campaign | None:
    """Schedules the next occurrence after this one; repeating it does no harm.

    Returns it when it was added now; None when there is none, or it was made before.
    """
    following = scheduling.next_occurrence(campaign, now)
    if following is None:
        return None
    try:
        return await store.campaigns.add(following)
    except Conflict:
        # It was made before, or at this moment by another process.
        return None


async def go_on(store: Store, started: Campaign, now: datetime) -> Campaign | None:
    """Schedules the next occurrence after a campaign that has started, and notes that.

    The campaign carries the schedule of its series until then, so this is done after a crash, too.
    Returns the campaign as it is then; None when it was deleted.
    """
    if started.run.continues is None:
        return started
    await add_next(store, msgspec.structs.replace(started, schedule=started.run.continues), now)
    return await change(store.campaigns, started.key, lifecycle.continued)
