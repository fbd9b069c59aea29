"""Documents that people find by their names, in the PostgreSQL store."""

from __future__ import annotations

import functools
from collections.abc import AsyncIterator
from typing import Generic

from storage.base import Page
from storage.base.named import N
from storage.postgres import revisions
from storage.postgres.connection.database import Database
from storage.postgres.connection.session import Row
from storage.postgres.encoding import json_text, row_name, understood

_CHUNK = 10
"""Documents read at a time when all are streamed: a list may be half a megabyte long."""


class PostgresNamed(Generic[N]):
    """All tenants' documents of one kind in one table: a document each, and the name to sort by.

    :param table: one of the tables for which ``queries.sql`` has the statements used here.
    """

    def __init__(self, database: Database, table: str, kind: type[N]) -> None:
        self._database = database
        self._table = table
        self._kind = kind

    async def get(self, tenant_id: str, document_id: str) -> N | None:
        async with self._database.session() as session:
            text = await session.value(f"{self._table}_get", tenant_id, document_id)
        return None if text is None else self._decoded((tenant_id, document_id, text))

    async def add(self, document: N) -> N:
        return await revisions.add(document, functools.partial(self._put, f"{self._table}_add"))

    async def save(self, document: N) -> N:
        return await revisions.save(document, functools.partial(self._put, f"{self._table}_save"))

    async def delete(self, tenant_id: str, document_id: str) -> bool:
        async with self._database.session() as session:
            return await session.run(f"{self._table}_delete", tenant_id, document_id) > 0

    async def page(self, tenant_id: str, *, offset: int, limit: int) -> Page[N]:
        async with self._database.session() as session:
            rows = await session.fetch(f"{self._table}_page", tenant_id, offset, limit)
            total = await session.value(f"{self._table}_count", tenant_id)
        theirs = [(tenant_id, *row) for row in rows]
        return Page(tuple(self._database.damages.page(theirs, self._decoded)), total)

    async def everything(self) -> AsyncIterator[N]:
        statement = f"{self._table}_after"
        async for rows in self._database.chunks(statement, after=("", ""), size=_CHUNK):
            for row in rows:
                yield self._decoded(row)

    async def put(self, document: N) -> None:
        """Keeps the document as given, with its revision; for moving in."""
        await self._put(f"{self._table}_put", document)

    def _decoded(self, row: Row) -> N:
        """Returns the document in a row: the tenant, the id, the document."""
        tenant_id, document_id, text = row
        return understood(text, self._kind, row=row_name(self._table, tenant_id, document_id))

    async def _put(self, statement: str, document: N) -> bool:
        async with self._database.session() as session:
            changed = await session.run(
                statement,
                document.tenant_id,
                document.id,
                document.revision,
                document.name.casefold(),
                json_text(document),
            )
        return changed > 0
