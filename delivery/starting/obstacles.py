"""Obstacles that keep a campaign from being sent.

The *Send* question, *Send now*, *Send later* and the scheduler ask for them here.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from campaigns import readiness
from campaigns.campaign import Campaign
from campaigns.refusals.sending import (
    AudienceEmpty,
    AudienceGone,
    Obstacle,
    OriginalUnfinished,
    SurveyClosed,
    SurveyTooBig,
)
from delivery.starting.audiences import reach, source
from delivery.starting.followers import waits_for_original
from delivery.starting.surveys import is_over
from storage.base import Store


async def obstacle(
    store: Store, campaign: Campaign, now: datetime, fits: Callable[[Campaign], bool]
) -> Obstacle | None:
    """Returns the first thing that keeps the campaign from being sent; None when nothing does.

    :param fits: returns True when a campaign's message is of a size that Teams takes.
    """
    reason = readiness.obstacle(campaign, now)
    if reason is not None:
        return reason
    assert campaign.audience is not None
    if await waits_for_original(store, campaign):
        return OriginalUnfinished()
    if await is_over(store, campaign, now):
        return SurveyClosed()
    if campaign.survey is not None and not fits(campaign):
        return SurveyTooBig()
    if await source(store, campaign.tenant_id, campaign.audience) is None:
        return AudienceGone()
    if not (await reach(store, campaign.tenant_id, campaign.audience, now)).reachable:
        return AudienceEmpty(campaign.audience)
    return None
