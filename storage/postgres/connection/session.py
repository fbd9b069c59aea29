"""Statements by name, on one connection."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeAlias

import asyncpg

from storage.postgres import queries
from storage.postgres.encoding import storable

QUERIES = queries.load(Path(queries.__file__).with_name("queries.sql"))
"""All statements of the store by name."""

Row = Sequence[Any]
"""A row's values, in the order in which the statement names them."""

Connection: TypeAlias = "asyncpg.Connection[Any] | asyncpg.pool.PoolConnectionProxy[Any]"
"""A connection of the driver, of its own or from a pool."""


class Session:
    """One connection, for statements that belong together."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def fetch(self, name: str, *values: Any) -> Sequence[Row]:
        """Runs the statement of this name, and returns its rows."""
        rows: Sequence[Row] = await self._connection.fetch(QUERIES[name], *_storable(values))
        return rows

    async def row(self, name: str, *values: Any) -> Row | None:
        """Runs the statement, and returns its first row; None when there is none."""
        row: Row | None = await self._connection.fetchrow(QUERIES[name], *_storable(values))
        return row

    async def value(self, name: str, *values: Any) -> Any:
        """Runs the statement, and returns the first value of its first row; None without a row."""
        return await self._connection.fetchval(QUERIES[name], *_storable(values))

    async def run(self, name: str, *values: Any) -> int:
        """Runs the statement; returns how many rows it changed."""
        tag = await self._connection.execute(QUERIES[name], *_storable(values))
        number = tag.rpartition(" ")[2]
        return int(number) if number.isdecimal() else 0

    async def script(self, statements: str) -> None:
        """Runs statements that are not among the named ones, without values."""
        await self._connection.execute(statements)


def _storable(values: Sequence[Any]) -> list[Any]:
    """Returns the values with replacements for what PostgreSQL can't keep.

    It is done here for all statements, so that none can forget it.
    """
    return [
        storable(value)
        if isinstance(value, str)
        else [storable(item) if isinstance(item, str) else item for item in value]
        if isinstance(value, list)
        else value
        for value in values
    ]
