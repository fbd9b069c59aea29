"""Changing a campaign that others may be changing at the same time."""

from __future__ import annotations

from collections.abc import Callable

from campaigns.campaign import Campaign, CampaignKey
from storage.base import Campaigns
from storage.errors import Conflict


async def change(
    campaigns: Campaigns, key: CampaignKey, to: Callable[[Campaign], Campaign]
) -> Campaign | None:
    """Applies ``to`` to the campaign as it is now and saves it; None when it does not exist.

    Read anew and applied again when someone else saved in between, so ``to`` has to be pure; what
    it raises goes to the caller.
    """
    while True:
        campaign = await campaigns.get(key)
        if campaign is None:
            return None
        try:
            return await campaigns.save(to(campaign))
        except Conflict:
            continue
