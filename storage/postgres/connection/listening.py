"""LISTEN and NOTIFY on one connection."""

from __future__ import annotations

import asyncio
from typing import Any

import asyncpg

from storage.errors import Unavailable
from storage.postgres.connection.session import QUERIES


class Listening:
    """One channel, heard on one connection."""

    def __init__(self, connection: asyncpg.Connection[Any], channel: str) -> None:
        self._connection = connection
        self._channel = channel
        self._messages: asyncio.Queue[str | None] = asyncio.Queue()
        """None: the connection is lost."""

    async def begin(self) -> None:
        """Begins to listen; messages wait for :meth:`next` from now on."""
        self._connection.add_termination_listener(lambda _: self._messages.put_nowait(None))
        await self._connection.add_listener(
            self._channel, lambda *heard: self._messages.put_nowait(str(heard[-1]))
        )

    async def next(self) -> str:
        """Waits for the next message; raises Unavailable when the connection is lost."""
        message = await self._messages.get()
        if message is None:
            raise Unavailable("The connection to the database was lost.")
        return message

    async def say(self, message: str) -> None:
        """Sends a message to all who listen, this one included."""
        await self._connection.execute(QUERIES["notify"], self._channel, message)
