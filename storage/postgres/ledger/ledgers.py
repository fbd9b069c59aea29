"""The numbers of ledgers, under which a campaign's deliveries and events are kept."""

from __future__ import annotations

from campaigns.campaign import CampaignKey
from storage.errors import Unavailable
from storage.postgres.connection.session import Session


async def find(session: Session, key: CampaignKey) -> int | None:
    """Returns the number of the campaign's ledger; None when it has none."""
    ledger: int | None = await session.value("ledger", key.tenant_id, key.campaign_id)
    return ledger


async def keep(session: Session, key: CampaignKey) -> int | None:
    """Returns the ledger's number as :func:`find` does; nobody drops it in this transaction."""
    ledger: int | None = await session.value("keep_ledger", key.tenant_id, key.campaign_id)
    return ledger


async def take_places(session: Session, key: CampaignKey, number: int) -> tuple[int, int]:
    """Takes ``number`` places for deliveries; makes the ledger when the campaign has none.

    Returns the ledger's number and the place before the first of those taken.
    """
    taken = await session.row("take_places", key.tenant_id, key.campaign_id, number)
    if taken is None:
        made = await session.value("add_ledger", key.tenant_id, key.campaign_id)
        if made is not None:
            await session.value("open_partition", made)
        taken = await session.row("take_places", key.tenant_id, key.campaign_id, number)
    if taken is None:
        # Made by someone else, and dropped, in between.
        raise Unavailable("The campaign's ledger is being dropped.")
    ledger, place = taken
    return ledger, place
