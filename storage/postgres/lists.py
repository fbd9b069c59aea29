"""Distribution lists in the PostgreSQL store."""

from __future__ import annotations

from collections.abc import AsyncIterator

import msgspec

from campaigns.lists import DistributionList
from storage.base import Page
from storage.errors import Conflict
from storage.postgres.database import Database
from storage.postgres.encoding import json_text, understood


class PostgresLists:
    """All tenants' lists in one table: a document each, and beside it the name to sort by."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, tenant_id: str, list_id: str) -> DistributionList | None:
        async with self._database.session() as session:
            text = await session.value("list", tenant_id, list_id)
        return None if text is None else understood(text, DistributionList)

    async def add(self, of: DistributionList) -> DistributionList:
        kept = msgspec.structs.replace(of, revision=1)
        if not await self._put("add_list", kept):
            raise Conflict("There is one with this id already.")
        return kept

    async def save(self, of: DistributionList) -> DistributionList:
        kept = msgspec.structs.replace(of, revision=of.revision + 1)
        if not await self._put("save_list", kept):
            raise Conflict("It has been changed by someone else, or deleted.")
        return kept

    async def delete(self, tenant_id: str, list_id: str) -> bool:
        async with self._database.session() as session:
            return await session.run("delete_list", tenant_id, list_id) > 0

    async def page(self, tenant_id: str, *, offset: int, limit: int) -> Page[DistributionList]:
        async with self._database.session() as session:
            rows = await session.fetch("lists_page", tenant_id, offset, limit)
            total = await session.value("count_lists", tenant_id)
        return Page(tuple(understood(text, DistributionList) for (text,) in rows), total)

    async def everything(self) -> AsyncIterator[DistributionList]:
        last = ("", "")
        while True:
            async with self._database.session() as session:
                rows = await session.fetch("lists_after", *last, 1)
            if not rows:
                return
            [(*place, text)] = rows
            yield understood(text, DistributionList)
            last = (place[0], place[1])

    async def put(self, of: DistributionList) -> None:
        """Keeps it as given, with its revision; for moving in."""
        await self._put("put_list", of)

    async def _put(self, statement: str, of: DistributionList) -> bool:
        async with self._database.session() as session:
            changed = await session.run(
                statement, of.tenant_id, of.id, of.revision, of.name.casefold(), json_text(of)
            )
        return changed > 0
