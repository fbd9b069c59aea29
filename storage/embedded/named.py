"""Documents that people find by their names, in the embedded store."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Generic, TypeVar

import msgspec

from campaigns.lists import DistributionList
from campaigns.surveys.survey import Survey
from campaigns.templates import Template
from storage.base import Page
from storage.embedded import revisions
from storage.embedded.documents import Rows
from storage.embedded.shards import Shards, row_id
from storage.embedded.volume import Volume

_Named = TypeVar("_Named", DistributionList, Template, Survey)


class EmbeddedNamed(Generic[_Named]):
    """All tenants' documents of one kind in one collection; of each, its name is in memory.

    One document in a file: a list may have 10,000 addresses, some 300 KB.
    """

    def __init__(self, volume: Volume, collection: str, kind: type[_Named]) -> None:
        self._rows = Shards(volume, collection, _summarise, size=1)
        self._kind: type[_Named] = kind

    async def load(self) -> None:
        await self._rows.load()

    async def get(self, tenant_id: str, document_id: str) -> _Named | None:
        return await self._rows.get(row_id(tenant_id, document_id), self._kind)

    async def add(self, of: _Named) -> _Named:
        return await revisions.add(self._rows, row_id(of.tenant_id, of.id), of)

    async def save(self, of: _Named) -> _Named:
        return await revisions.save(self._rows, row_id(of.tenant_id, of.id), of)

    async def delete(self, tenant_id: str, document_id: str) -> bool:
        return await revisions.delete(self._rows, row_id(tenant_id, document_id))

    async def page(self, tenant_id: str, *, offset: int, limit: int) -> Page[_Named]:
        entries = [
            entry
            for summary in await self._rows.summaries()
            for entry in summary
            if entry.tenant_id == tenant_id
        ]
        entries.sort(key=lambda entry: (entry.name, entry.place))
        places = [entry.place for entry in entries[offset : offset + limit]]
        found = await self._rows.get_many(places, self._kind)
        return Page(tuple(found[place] for place in places if place in found), len(entries))

    async def everything(self) -> AsyncIterator[_Named]:
        for summary in await self._rows.summaries():
            for found in (
                await self._rows.get_many([entry.place for entry in summary], self._kind)
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
