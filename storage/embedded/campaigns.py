"""Campaigns in the embedded store."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Sequence
from datetime import datetime

import msgspec

from campaigns import earlier
from campaigns.campaign import Campaign, CampaignKey, Status
from storage.base import Page
from storage.embedded import revisions
from storage.embedded.documents import Document, Rows
from storage.embedded.dropped import DroppedCampaigns
from storage.embedded.shards import Shards, row_id
from storage.embedded.single import no_changes
from storage.embedded.volume import Volume

_SIZE = 100
"""Campaigns in a file: each may be some ten thousand characters long."""


class EmbeddedCampaigns:
    """All tenants' campaigns in one collection; their status and order are kept in memory.

    :param parts: the steps that remove what belongs to a deleted campaign, in their order.
    """

    def __init__(
        self, volume: Volume, parts: Sequence[Callable[[CampaignKey], Awaitable[None]]] = ()
    ) -> None:
        self._rows = Shards(volume, "campaigns", _summarise, size=_SIZE)
        self._dropped = DroppedCampaigns(volume, self._exists, parts)

    async def load(self) -> None:
        await self._rows.load()

    async def finish_deletions(self) -> None:
        """Completes the deletions that were cut off before the store was opened."""
        await self._dropped.load()
        await self._dropped.clear()

    async def close(self) -> None:
        """Gives up what is waiting to be tried again."""
        await self._dropped.close()

    async def get(self, key: CampaignKey) -> Campaign | None:
        return await self._rows.get(_row_id(key), _decoded)

    async def add(self, campaign: Campaign) -> Campaign:
        return await revisions.add(self._rows, _row_id(campaign.key), campaign)

    async def save(self, campaign: Campaign) -> Campaign:
        return await revisions.save(self._rows, _row_id(campaign.key), campaign)

    async def delete(self, key: CampaignKey) -> bool:
        if not await self._exists(key):
            return False
        await self._dropped.note(key)
        deleted = await revisions.delete(self._rows, _row_id(key))
        await self._dropped.clear()
        return deleted

    async def page(
        self, tenant_id: str, statuses: Collection[Status], *, offset: int, limit: int
    ) -> Page[Campaign]:
        entries = [
            entry
            for entry in await self._entries()
            if entry.tenant_id == tenant_id and entry.status in statuses
        ]
        entries.sort(key=lambda entry: (entry.at, entry.row_id), reverse=True)
        row_ids = [entry.row_id for entry in entries[offset : offset + limit]]
        campaigns = await self._rows.page(row_ids, _decoded)
        return Page(tuple(campaigns), len(entries))

    async def count(self, tenant_id: str) -> dict[Status, int]:
        return dict(
            Counter(entry.status for entry in await self._entries() if entry.tenant_id == tenant_id)
        )

    async def in_status(self, statuses: Collection[Status]) -> Sequence[Campaign]:
        return await self._campaigns(
            [entry for entry in await self._entries() if entry.status in statuses]
        )

    async def going_on(self, tenant_id: str | None = None) -> Sequence[Campaign]:
        return await self._campaigns(
            [
                entry
                for entry in await self._entries()
                if entry.going_on and tenant_id in (None, entry.tenant_id)
            ]
        )

    def changes(self) -> AsyncIterator[CampaignKey | None]:
        return no_changes()

    async def starting(
        self,
        now: datetime,
        *,
        limit: int,
        tenant_ids: Collection[str] | None = None,
        after: Campaign | None = None,
    ) -> Sequence[Campaign]:
        last = None if after is None else (after.starts_at, _row_id(after.key))
        due = [
            entry
            for start, entry in await self._by_start()
            if start <= now
            and (tenant_ids is None or entry.tenant_id in tenant_ids)
            and (last is None or (start, entry.row_id) > last)
        ]
        return await self._campaigns(due[:limit])

    async def next_start(self, after: datetime) -> datetime | None:
        starts = (entry.starts_at for entry in await self._entries() if entry.starts_at is not None)
        return min((start for start in starts if start > after), default=None)

    async def calendar(self, tenant_id: str, *, offset: int, limit: int) -> Page[Campaign]:
        entries = [entry for _, entry in await self._by_start() if entry.tenant_id == tenant_id]
        row_ids = [entry.row_id for entry in entries[offset : offset + limit]]
        campaigns = await self._rows.page(row_ids, _decoded)
        return Page(tuple(campaigns), len(entries))

    async def _exists(self, key: CampaignKey) -> bool:
        shard = self._rows.find(_row_id(key))
        return shard is not None and await shard.has(_row_id(key))

    async def _by_start(self) -> list[tuple[datetime, _CampaignEntry]]:
        """Returns the scheduled campaigns with their starts, the earliest first."""
        scheduled = [
            (entry.starts_at, entry)
            for entry in await self._entries()
            if entry.starts_at is not None
        ]
        return sorted(scheduled, key=lambda pair: (pair[0], pair[1].row_id))

    async def _campaigns(self, entries: Sequence[_CampaignEntry]) -> list[Campaign]:
        return await self._rows.understood([entry.row_id for entry in entries], _decoded)

    async def _entries(self) -> list[_CampaignEntry]:
        return [entry for summary in await self._rows.summaries() for entry in summary]


class _CampaignEntry(msgspec.Struct, frozen=True):
    """The part of a campaign that is kept in memory."""

    row_id: str
    tenant_id: str
    status: Status
    at: datetime
    """The time of its start, or else of its last change."""
    going_on: bool
    starts_at: datetime | None


def _decoded(row: Document) -> Campaign:
    """Returns the campaign in a row. No other place of this backend decodes campaigns."""
    return msgspec.convert(earlier.upgraded(row), Campaign)


def _summarise(rows: Rows) -> tuple[_CampaignEntry, ...]:
    campaigns = ((row_id, _decoded(row)) for row_id, row in rows.items())
    return tuple(
        _CampaignEntry(
            row_id,
            campaign.tenant_id,
            campaign.status,
            campaign.run.started_at or campaign.updated_at,
            campaign.is_going_on,
            campaign.starts_at,
        )
        for row_id, campaign in campaigns
    )


def _row_id(key: CampaignKey) -> str:
    return row_id(key.tenant_id, key.campaign_id)
