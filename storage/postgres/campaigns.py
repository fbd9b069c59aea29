"""Campaigns in the PostgreSQL store."""

from __future__ import annotations

import functools
from collections.abc import AsyncIterator, Collection, Iterable, Sequence
from datetime import datetime

from campaigns import earlier
from campaigns.campaign import Campaign, CampaignKey, Status
from storage.base import Page
from storage.errors import StoreError
from storage.postgres import revisions
from storage.postgres.changes import changes
from storage.postgres.connection.database import Database
from storage.postgres.connection.session import Row
from storage.postgres.encoding import json_text, row_name, understood
from storage.postgres.ledger.ledger import PostgresLedger


class PostgresCampaigns:
    """All tenants' campaigns in one table: a document each, beside columns for searching.

    :param ledger: clears away what deleted campaigns leave.
    """

    def __init__(self, database: Database, ledger: PostgresLedger) -> None:
        self._database = database
        self._ledger = ledger

    async def get(self, key: CampaignKey) -> Campaign | None:
        async with self._database.session() as session:
            text = await session.value("campaign", key.tenant_id, key.campaign_id)
        return None if text is None else _decoded((key.tenant_id, key.campaign_id, text))

    async def add(self, campaign: Campaign) -> Campaign:
        return await revisions.add(campaign, functools.partial(self._put, "add_campaign"))

    async def save(self, campaign: Campaign) -> Campaign:
        return await revisions.save(campaign, functools.partial(self._put, "save_campaign"))

    async def delete(self, key: CampaignKey) -> bool:
        """Deletes all in one transaction, but for the deliveries and events: the transaction notes
        that they are to be cleared away, and puts them out of reach.
        """
        ids = (key.tenant_id, key.campaign_id)
        try:
            async with self._database.transaction() as session:
                deleted = await session.run("delete_campaign", *ids) > 0
                if deleted:
                    await session.run("drop_ledger", *ids)
                    for statement in ("drop_responses", "drop_answered", "drop_answered_days"):
                        await session.run(statement, *ids)
        except StoreError:
            # It may have been deleted all the same.
            self._ledger.clear()
            raise
        if deleted:
            self._ledger.dropped(key)
        return deleted

    async def page(
        self, tenant_id: str, statuses: Collection[Status], *, offset: int, limit: int
    ) -> Page[Campaign]:
        wanted = [status.value for status in statuses]
        async with self._database.session() as session:
            rows = await session.fetch("campaigns_page", tenant_id, wanted, offset, limit)
            counted = await session.fetch("count_campaigns", tenant_id)
        total = sum(number for status, number in counted if status in wanted)
        return Page(tuple(self._database.damages.page(rows, _decoded)), total)

    async def count(self, tenant_id: str) -> dict[Status, int]:
        async with self._database.session() as session:
            rows = await session.fetch("count_campaigns", tenant_id)
        return {Status(status): number for status, number in rows}

    async def in_status(self, statuses: Collection[Status]) -> Sequence[Campaign]:
        wanted = [status.value for status in statuses]
        async with self._database.session() as session:
            return self._understood(await session.fetch("campaigns_in_status", wanted))

    async def going_on(self, tenant_id: str | None = None) -> Sequence[Campaign]:
        async with self._database.session() as session:
            return self._understood(await session.fetch("campaigns_going_on", tenant_id))

    def changes(self) -> AsyncIterator[CampaignKey | None]:
        return changes(self._database)

    async def put(self, campaign: Campaign) -> None:
        """Keeps the campaign as given, with its revision; for moving in."""
        await self._put("put_campaign", campaign)

    async def starting(
        self,
        now: datetime,
        *,
        limit: int,
        tenant_ids: Collection[str] | None = None,
        after: Campaign | None = None,
    ) -> Sequence[Campaign]:
        wanted = None if tenant_ids is None else list(tenant_ids)
        last = (None, "", "") if after is None else (after.starts_at, after.tenant_id, after.id)
        async with self._database.session() as session:
            rows = await session.fetch("campaigns_starting", now, limit, wanted, *last)
        return self._understood(rows)

    async def next_start(self, after: datetime) -> datetime | None:
        async with self._database.session() as session:
            start: datetime | None = await session.value("next_start", after)
        return start

    async def calendar(self, tenant_id: str, *, offset: int, limit: int) -> Page[Campaign]:
        async with self._database.session() as session:
            rows = await session.fetch("campaigns_calendar", tenant_id, offset, limit)
        total = (await self.count(tenant_id)).get(Status.SCHEDULED, 0)
        return Page(tuple(self._database.damages.page(rows, _decoded)), total)

    def _understood(self, rows: Iterable[Row]) -> list[Campaign]:
        return self._database.damages.understood(rows, _decoded)

    async def _put(self, statement: str, campaign: Campaign) -> bool:
        async with self._database.session() as session:
            changed = await session.run(
                statement,
                campaign.tenant_id,
                campaign.id,
                campaign.revision,
                campaign.status.value,
                campaign.run.started_at or campaign.updated_at,
                campaign.is_going_on,
                campaign.starts_at,
                json_text(campaign),
            )
        return changed > 0


def _decoded(row: Row) -> Campaign:
    """Returns the campaign in a row: the tenant, the id, the document.

    No other place of this backend decodes campaigns.
    """
    tenant_id, campaign_id, text = row
    return understood(
        text, Campaign, earlier.upgraded, row=row_name("campaigns", tenant_id, campaign_id)
    )
