"""Surveys in the PostgreSQL store."""

from __future__ import annotations

from collections.abc import AsyncIterator

import msgspec

from campaigns.surveys.survey import Survey
from storage.base import Page
from storage.errors import Conflict
from storage.postgres.database import Database
from storage.postgres.encoding import json_text, understood

_CHUNK = 100
"""Surveys read at a time when all are streamed: each may be some ten thousand characters long."""


class PostgresSurveys:
    """All tenants' surveys in one table: a document each, and beside it the name to sort by."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, tenant_id: str, survey_id: str) -> Survey | None:
        async with self._database.session() as session:
            text = await session.value("survey", tenant_id, survey_id)
        return None if text is None else understood(text, Survey)

    async def add(self, of: Survey) -> Survey:
        kept = msgspec.structs.replace(of, revision=1)
        if not await self._put("add_survey", kept):
            raise Conflict("There is one with this id already.")
        return kept

    async def save(self, of: Survey) -> Survey:
        kept = msgspec.structs.replace(of, revision=of.revision + 1)
        if not await self._put("save_survey", kept):
            raise Conflict("It has been changed by someone else, or deleted.")
        return kept

    async def delete(self, tenant_id: str, survey_id: str) -> bool:
        async with self._database.session() as session:
            return await session.run("delete_survey", tenant_id, survey_id) > 0

    async def page(self, tenant_id: str, *, offset: int, limit: int) -> Page[Survey]:
        async with self._database.session() as session:
            rows = await session.fetch("surveys_page", tenant_id, offset, limit)
            total = await session.value("count_surveys", tenant_id)
        return Page(tuple(understood(text, Survey) for (text,) in rows), total)

    async def everything(self) -> AsyncIterator[Survey]:
        last = ("", "")
        while True:
            async with self._database.session() as session:
                rows = await session.fetch("surveys_after", *last, _CHUNK)
            if not rows:
                return
            for *_, text in rows:
                yield understood(text, Survey)
            last = (rows[-1][0], rows[-1][1])

    async def put(self, of: Survey) -> None:
        """Keeps it as given, with its revision; for moving in."""
        await self._put("put_survey", of)

    async def _put(self, statement: str, of: Survey) -> bool:
        async with self._database.session() as session:
            changed = await session.run(
                statement, of.tenant_id, of.id, of.revision, of.name.casefold(), json_text(of)
            )
        return changed > 0
