"""Moves everything.

A move that was interrupted, at whatever point, goes on when it is begun anew. First the collections
(``COLLECTIONS``) are written over what the database has, or left when they are the same. Then each
campaign's parts (``CAMPAIGN_PARTS``) are copied, and the campaign itself last. So a campaign that
the database has is complete. The parts of any other campaign are dropped and copied from the
beginning.
"""

from __future__ import annotations

from collections.abc import Callable

from campaigns.campaign import Campaign
from storage.embedded.store import EmbeddedStore
from storage.errors import StoreError
from storage.postgres.store import PostgresStore
from storage.transfer.comparing import compare
from storage.transfer.contents import CAMPAIGN_PARTS, CAMPAIGNS, COLLECTIONS, all_campaigns


async def move(source: EmbeddedStore, target: PostgresStore, tell: Callable[[str], None]) -> None:
    """Copies everything, compares it, and marks the source as moved. Both stores are open.

    Raises StoreError when the copy differs from the original, for instance because the database had
    something else before. Raises it before anything is written in two cases: bots work or have
    worked with the database, which may have newer data than the folder; or the folder was moved to
    another database before.

    :param tell: called with a line for the operator at each step.
    """
    if await target.leases.living():
        raise StoreError("Bots are working with the database. Stop them first.")
    if await target.leases.worked_with():
        raise StoreError(
            "Bots have worked with this database: what it has may be newer than the folder."
            " Move into an empty database."
        )
    if source.moved and await _is_empty(target):
        raise StoreError(
            "The folder was moved before, to another database, and may have gone on there: from"
            ' here, people would get messages again. If that was never used, take "moved" out of'
            " the folder's format.json."
        )
    for collection in COLLECTIONS:
        async for chunk in collection.read(source):
            await collection.keep(target, chunk)
    campaigns = await all_campaigns(source)
    for number, campaign in enumerate(campaigns, start=1):
        if await target.campaigns.get(campaign.key) is None:
            await _copy_campaign(source, target, campaign)
        tell(f"campaign {number:,} of {len(campaigns):,}")
    await compare(source, target, [campaign.key for campaign in campaigns], tell)
    await source.mark_moved()


async def _is_empty(target: PostgresStore) -> bool:
    async for _ in target.users.everyone():
        return False
    return not await all_campaigns(target)


async def _copy_campaign(source: EmbeddedStore, target: PostgresStore, campaign: Campaign) -> None:
    for part in CAMPAIGN_PARTS:
        await part.drop(target, campaign.key)
    for part in CAMPAIGN_PARTS:
        async for chunk in part.read(source, campaign.key):
            await part.keep(target, campaign.key, chunk)
    await CAMPAIGNS.keep(target, [campaign])
