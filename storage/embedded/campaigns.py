"""Campaigns in the embedded store."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Collection, Sequence
from datetime import datetime

import msgspec

from campaigns import earlier
from campaigns.campaign import Campaign, CampaignKey, Status
from storage.base import Page
from storage.embedded import revisions
from storage.embedded.documents import Rows
from storage.embedded.shards import Shards, row_id
from storage.embedded.single import no_changes
from storage.embedded.volume import Volume

_SIZE = 100
"""Campaigns in a file: each may be some ten thousand characters long."""


class EmbeddedCampaigns:
    """All tenants' campaigns in one collection; their status and order are in memory."""

    def __init__(self, volume: Volume) -> None:
        self._rows = Shards(volume, "campaigns", _summarise, size=_SIZE, upgrade=earlier.upgraded)

    async def load(self) -> None:
        await self._rows.load()

    async def get(self, key: CampaignKey) -> Campaign | None:
        return await self._rows.get(_row_id(key), Campaign)

    async def add(self, campaign: Campaign) -> Campaign:
        return await revisions.add(self._rows, _row_id(campaign.key), campaign)

    async def save(self, campaign: Campaign) -> Campaign:
        return await revisions.save(self._rows, _row_id(campaign.key), campaign)

    async def delete(self, key: CampaignKey) -> bool:
        return await revisions.delete(self._rows, _row_id(key))

    async def page(
        self, tenant_id: str, statuses: Collection[Status], *, offset: int, limit: int
    ) -> Page[Campaign]:
        entries = [
            entry
            for entry in await self._entries()
            if entry.tenant_id == tenant_id and entry.status in statuses
        ]
        entries.sort(key=lambda entry: (entry.at, entry.place), reverse=True)
        places = [entry.place for entry in entries[offset : offset + limit]]
        found = await self._rows.get_many(places, Campaign)
        return Page(tuple(found[place] for place in places if place in found), len(entries))

    async def count(self, tenant_id: str) -> dict[Status, int]:
        return dict(
            Counter(entry.status for entry in await self._entries() if entry.tenant_id == tenant_id)
        )

    async def in_status(self, statuses: Collection[Status]) -> Sequence[Campaign]:
        places = [entry.place for entry in await self._entries() if entry.status in statuses]
        return list((await self._rows.get_many(places, Campaign)).values())

    async def going_on(self, tenant_id: str | None = None) -> Sequence[Campaign]:
        places = [
            entry.place
            for entry in await self._entries()
            if entry.going_on and tenant_id in (None, entry.tenant_id)
        ]
        return list((await self._rows.get_many(places, Campaign)).values())

    def changes(self) -> AsyncIterator[CampaignKey | None]:
        return no_changes()

    async def starting(self, now: datetime, *, limit: int) -> Sequence[Campaign]:
        due = [entry for at, entry in await self._by_start() if at <= now]
        return await self._in_order(due[:limit])

    async def next_start(self, after: datetime) -> datetime | None:
        later = (entry.starts_at for entry in await self._entries() if entry.starts_at is not None)
        return min((at for at in later if at > after), default=None)

    async def calendar(self, tenant_id: str, *, offset: int, limit: int) -> Page[Campaign]:
        theirs = [entry for _, entry in await self._by_start() if entry.tenant_id == tenant_id]
        page = await self._in_order(theirs[offset : offset + limit])
        return Page(tuple(page), len(theirs))

    async def _by_start(self) -> list[tuple[datetime, _Entry]]:
        """The scheduled ones, each with its start."""
        scheduled = [
            (entry.starts_at, entry)
            for entry in await self._entries()
            if entry.starts_at is not None
        ]
        return sorted(scheduled, key=lambda of: (of[0], of[1].place))

    async def _in_order(self, entries: Sequence[_Entry]) -> list[Campaign]:
        found = await self._rows.get_many([entry.place for entry in entries], Campaign)
        return [found[entry.place] for entry in entries if entry.place in found]

    async def _entries(self) -> list[_Entry]:
        return [entry for summary in await self._rows.summaries() for entry in summary]


class _Entry(msgspec.Struct, frozen=True):
    place: str
    tenant_id: str
    status: Status
    at: datetime
    going_on: bool
    starts_at: datetime | None


def _summarise(rows: Rows) -> tuple[_Entry, ...]:
    campaigns = (
        (place, msgspec.convert(earlier.upgraded(row), Campaign)) for place, row in rows.items()
    )
    return tuple(
        _Entry(
            place,
            campaign.tenant_id,
            campaign.status,
            campaign.run.started_at or campaign.updated_at,
            campaign.is_going_on,
            campaign.starts_at,
        )
        for place, campaign in campaigns
    )


def _row_id(key: CampaignKey) -> str:
    return row_id(key.tenant_id, key.campaign_id)
