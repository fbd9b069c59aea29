"""Templates in the PostgreSQL store."""

from __future__ import annotations

from collections.abc import AsyncIterator

import msgspec

from campaigns.templates import Template
from storage.base import Page
from storage.errors import Conflict
from storage.postgres.database import Database
from storage.postgres.encoding import json_text, understood

_CHUNK = 100
"""Templates read at a time when all are streamed: each may be some ten thousand characters long."""


class PostgresTemplates:
    """All tenants' templates in one table: a document each, and beside it the name to sort by."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, tenant_id: str, template_id: str) -> Template | None:
        async with self._database.session() as session:
            text = await session.value("template", tenant_id, template_id)
        return None if text is None else understood(text, Template)

    async def add(self, of: Template) -> Template:
        kept = msgspec.structs.replace(of, revision=1)
        if not await self._put("add_template", kept):
            raise Conflict("There is one with this id already.")
        return kept

    async def delete(self, tenant_id: str, template_id: str) -> bool:
        async with self._database.session() as session:
            return await session.run("delete_template", tenant_id, template_id) > 0

    async def page(self, tenant_id: str, *, offset: int, limit: int) -> Page[Template]:
        async with self._database.session() as session:
            rows = await session.fetch("templates_page", tenant_id, offset, limit)
            total = await session.value("count_templates", tenant_id)
        return Page(tuple(understood(text, Template) for (text,) in rows), total)

    async def everything(self) -> AsyncIterator[Template]:
        last = ("", "")
        while True:
            async with self._database.session() as session:
                rows = await session.fetch("templates_after", *last, _CHUNK)
            if not rows:
                return
            for *_, text in rows:
                yield understood(text, Template)
            last = (rows[-1][0], rows[-1][1])

    async def put(self, of: Template) -> None:
        """Keeps it as given, with its revision; for moving in."""
        await self._put("put_template", of)

    async def _put(self, statement: str, of: Template) -> bool:
        async with self._database.session() as session:
            changed = await session.run(
                statement, of.tenant_id, of.id, of.name.casefold(), json_text(of)
            )
        return changed > 0
