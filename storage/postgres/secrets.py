"""Secrets in the PostgreSQL store."""

from __future__ import annotations

from collections.abc import Mapping

from storage.postgres.database import Database


class PostgresSecrets:
    """The same for all processes that work with the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get_or_keep(self, name: str, value: bytes) -> bytes:
        async with self._database.session() as session:
            await session.run("keep_secret", name, value)
            kept: bytes = await session.value("secret", name)
        return kept

    async def everything(self) -> Mapping[str, bytes]:
        async with self._database.session() as session:
            return dict(map(tuple, await session.fetch("secrets")))

    async def put(self, name: str, value: bytes) -> None:
        """Keeps it in place of the one that there may be; for moving in."""
        async with self._database.session() as session:
            await session.run("put_secret", name, value)

    async def drop(self, name: str) -> None:
        """Forgets one; for moving in."""
        async with self._database.session() as session:
            await session.run("drop_secret", name)
