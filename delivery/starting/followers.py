"""Campaigns that follow another one, as the store has them now."""

from __future__ import annotations

from campaigns.campaign import Campaign, CampaignKey, Purpose
from campaigns.followup import as_corrected, recalled
from storage.base import Store


async def followers_of(store: Store, original: Campaign) -> list[Campaign]:
    """Returns the campaigns that follow this one and are not deleted, oldest first."""
    followers = [
        await store.campaigns.get(CampaignKey(original.tenant_id, follower_id))
        for follower_id in original.follow_up.followers
    ]
    return [follower for follower in followers if follower is not None]


async def as_it_stands_now(store: Store, campaign: Campaign) -> Campaign:
    """Returns the campaign with the content that people have in their chats, corrections included.

    Nothing else of it may be sent any more.
    """
    if not campaign.follow_up.followers:
        return campaign
    return as_corrected(campaign, await followers_of(store, campaign))


async def is_recalled(store: Store, campaign: Campaign) -> bool:
    """Returns True when a recall of the campaign's messages has started."""
    return recalled(await followers_of(store, campaign))


async def waits_for_original(store: Store, campaign: Campaign) -> bool:
    """Returns True while a correction or recall can't start, because its original is being sent.

    An original that has ended is sent again when an admin resends what is in doubt. Until that has
    ended, some messages have no id by which they can be changed.
    """
    if campaign.follow_up.purpose is Purpose.SEND or campaign.original_key is None:
        return False
    original = await store.campaigns.get(campaign.original_key)
    return original is not None and original.run.ended_at is None
