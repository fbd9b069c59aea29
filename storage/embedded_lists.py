"""Distribution lists in the embedded store."""

from __future__ import annotations

from collections.abc import AsyncIterator

import msgspec

from campaigns.lists import DistributionList
from storage import revisions
from storage.base import Page
from storage.documents import Rows
from storage.shards import Shards, row_id
from storage.volume import Volume

_SIZE = 1
"""Lists in a file: one may have 10,000 addresses, some 300 KB."""


class EmbeddedLists:
    """All tenants' lists in one collection; of each, its name is in memory."""

    def __init__(self, volume: Volume) -> None:
        self._rows = Shards(volume, "lists", _summarise, size=_SIZE)

    async def load(self) -> None:
        await self._rows.load()

    async def get(self, tenant_id: str, list_id: str) -> DistributionList | None:
        return await self._rows.get(row_id(tenant_id, list_id), DistributionList)

    async def add(self, of: DistributionList) -> DistributionList:
        return await revisions.add(self._rows, row_id(of.tenant_id, of.id), of)

    async def save(self, of: DistributionList) -> DistributionList:
        return await revisions.save(self._rows, row_id(of.tenant_id, of.id), of)

    async def delete(self, tenant_id: str, list_id: str) -> bool:
        return await revisions.delete(self._rows, row_id(tenant_id, list_id))

    async def page(self, tenant_id: str, *, offset: int, limit: int) -> Page[DistributionList]:
        entries = [
            entry
            for summary in await self._rows.summaries()
            for entry in summary
            if entry.tenant_id == tenant_id
        ]
        entries.sort(key=lambda entry: (entry.name, entry.place))
        places = [entry.place for entry in entries[offset : offset + limit]]
        found = await self._rows.get_many(places, DistributionList)
        return Page(tuple(found[place] for place in places if place in found), len(entries))

    async def everything(self) -> AsyncIterator[DistributionList]:
        """All lists of all tenants."""
        for summary in await self._rows.summaries():
            for found in (
                await self._rows.get_many([entry.place for entry in summary], DistributionList)
            ).values():
                yield found


class _Entry(msgspec.Struct, frozen=True):
    place: str
    tenant_id: str
    name: str


def _summarise(rows: Rows) -> tuple[_Entry, ...]:
    return tuple(
        _Entry(place, row["tenant_id"], row["name"].casefold()) for place, row in rows.items()
    )
