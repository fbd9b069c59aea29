"""The inbox in the PostgreSQL store: one process acts on an activity, all give the same answer."""

from __future__ import annotations

import asyncio

from storage.errors import Unavailable
from storage.postgres.connection.database import Database

_GIVEN_UP = 60.0
"""Seconds after which a process counts as lost, and another one may act.

An answer takes 12 at most, and the work that follows it a few more.
"""

_LOOK = 0.2
"""Seconds between two looks for the answer of another process."""

_PATIENCE = 15.0
"""Most seconds to wait for another process's answer."""


class PostgresInbox:
    """Activities and their answers, kept for ten minutes: beats of leases clear them away."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def begin(self, key: str, owner: str) -> bytes | None:
        until = asyncio.get_running_loop().time() + _PATIENCE
        while asyncio.get_running_loop().time() < until:
            async with self._database.session() as session:
                if await session.value("begin_turn", key, owner, _GIVEN_UP):
                    return None
                answer: bytes | None = await session.value("turn_answer", key)
            if answer is not None:
                return answer
            await asyncio.sleep(_LOOK)
        raise Unavailable("Another process is still at work on the same.")

    async def answered(self, key: str, owner: str, answer: bytes) -> None:
        async with self._database.session() as session:
            await session.run("answer_turn", key, owner, answer)

    async def failed(self, key: str, owner: str) -> None:
        async with self._database.session() as session:
            await session.run("forget_turn", key, owner)
