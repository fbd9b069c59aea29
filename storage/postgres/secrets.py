"""Secrets in the PostgreSQL store."""

from __future__ import annotations

from collections.abc import Mapping

from storage.postgres.connection.database import Database


class PostgresSecrets:
    """Secrets that all processes with this database share."""

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
        """Keeps a secret in place of any other of this name; for moving in."""
        async with self._database.session() as session:
            await session.run("put_secret", name, value)

    async def drop(self, name: str) -> None:
        """Forgets a secret; for moving in."""
        async with self._database.session() as session:
            await session.run("drop_secret", name)
