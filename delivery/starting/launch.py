"""Launch: freezes an audience into deliveries, exactly once, however often it is repeated."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from campaigns.campaign import Campaign, Purpose
from delivery.starting.audiences import members
from delivery.starting.surveys import close_recalled, mark_used
from storage.base import Store


async def freeze(
    store: Store, campaign: Campaign, now: datetime, may_go_on: Callable[[], bool] = lambda: True
) -> int | None:
    """Writes a delivery for every recipient that has none yet; returns how many there are in all.

    People on a list whom the bot can't reach get one too, skipped with its reason, so that the
    report accounts for everyone who was meant.

    :param may_go_on: asked before each write. When it is False, this returns None, and another
        process goes on.
    """
    if campaign.survey is not None and campaign.original_key is None:
        await mark_used(store, campaign.survey)
    if campaign.survey is not None and campaign.follow_up.purpose is Purpose.RECALL:
        await close_recalled(store, campaign)
    if campaign.audience is not None:
        async for chunk in members(
            store, campaign.tenant_id, campaign.audience, now, campaign.schedule
        ):
            if not may_go_on():
                return None
            await store.ledger.freeze(campaign.key, chunk)
    return (await store.ledger.counts(campaign.key)).recipients
