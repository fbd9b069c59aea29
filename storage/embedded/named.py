"""Documents that people find by their names, in the embedded store."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Generic

import msgspec

from storage.base import Page
from storage.base.named import N
from storage.embedded import revisions
from storage.embedded.documents import Rows, decoder
from storage.embedded.shards import Shards, row_id
from storage.embedded.volume import Volume


class EmbeddedNamed(Generic[N]):
    """All tenants' documents of one kind in one collection; their names are kept in memory.

    One document in a file: a list may have 10,000 addresses, half a megabyte.
    """

    def __init__(self, volume: Volume, collection: str, kind: type[N]) -> None:
        self._rows = Shards(volume, collection, _summarise, size=1, file_by_file=True)
        self._decode = decoder(kind)

    async def load(self) -> None:
        await self._rows.load()

    async def get(self, tenant_id: str, document_id: str) -> N | None:
        return await self._rows.get(row_id(tenant_id, document_id), self._decode)

    async def add(self, document: N) -> N:
        return await revisions.add(self._rows, row_id(document.tenant_id, document.id), document)

    async def save(self, document: N) -> N:
        return await revisions.save(self._rows, row_id(document.tenant_id, document.id), document)

    async def delete(self, tenant_id: str, document_id: str) -> bool:
        return await revisions.delete(self._rows, row_id(tenant_id, document_id))

    async def page(self, tenant_id: str, *, offset: int, limit: int) -> Page[N]:
        entries = [
            entry
            for summary in await self._rows.summaries()
            for entry in summary
            if entry.tenant_id == tenant_id
        ]
        entries.sort(key=lambda entry: (entry.name, entry.row_id))
        row_ids = [entry.row_id for entry in entries[offset : offset + limit]]
        return Page(tuple(await self._rows.page(row_ids, self._decode)), len(entries))

    async def everything(self) -> AsyncIterator[N]:
        async for documents in self._rows.chunks(self._decode):
            for document in documents:
                yield document


class _NameEntry(msgspec.Struct, frozen=True):
    row_id: str
    tenant_id: str
    name: str
    """Case-folded, to sort by."""


def _summarise(rows: Rows) -> tuple[_NameEntry, ...]:
    return tuple(
        _NameEntry(row_id, row["tenant_id"], row["name"].casefold()) for row_id, row in rows.items()
    )
