"""Changes of a campaign that others may be changing at the same time."""

from __future__ import annotations

from collections.abc import Callable

from campaigns.campaign import Campaign, CampaignKey
from storage.base import Campaigns
from storage.errors import Conflict


async def change(
    campaigns: Campaigns, key: CampaignKey, changed: Callable[[Campaign], Campaign]
) -> Campaign | None:
    """Applies ``changed`` to the campaign as it is now, and saves and returns the result.

    Returns None when the campaign does not exist.

    When somebody else saves in between, the campaign is read again and ``changed`` applied again,
    so it has to be pure. Whatever it raises passes through.
    """
    while True:
        campaign = await campaigns.get(key)
        if campaign is None:
            return None
        try:
            return await campaigns.save(changed(campaign))
        except Conflict:
            continue
