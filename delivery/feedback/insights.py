"""Gathers the numbers that a report is made from."""

from __future__ import annotations

import asyncio
from datetime import datetime

from campaigns.campaign import Campaign
from campaigns.feedback.insight import Insight, step_of
from campaigns.surveys import results
from storage.base import Store


async def insight(store: Store, campaign: Campaign, now: datetime) -> Insight:
    """Returns the campaign's numbers as they are now."""
    step = step_of(campaign, now)
    counts, engagement, timeline, author = await asyncio.gather(
        store.ledger.counts(campaign.key),
        store.events.engagement(campaign.key),
        store.ledger.timeline(campaign.key, step),
        store.users.get(campaign.tenant_id, campaign.author_id),
    )
    return Insight(
        counts=counts,
        engagement=engagement,
        timeline=timeline,
        step=step,
        author=author.full_name if author is not None else "",
        answered=await _answered(store, campaign),
    )


async def _answered(store: Store, campaign: Campaign) -> int | None:
    # The answers to a follow-up are kept with its original.
    if campaign.survey is None or campaign.original_key is not None:
        return None
    return results.responses(await store.responses.tally(campaign.key))
