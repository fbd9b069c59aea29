"""Asks the loopback server for its counts."""

from __future__ import annotations

import asyncio
from typing import Self

import aiohttp
import msgspec

from benchmarks.server import Counts


class Control:
    """A client of the server's control calls; use it with ``async with``."""

    def __init__(self, server: str) -> None:
        self._server = server

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._session.close()

    async def reset(self) -> None:
        """Sets the counts to zero, and lets the limits forget earlier calls."""
        async with self._session.post(f"{self._server}/reset") as response:
            response.raise_for_status()

    async def until_more_than(self, sent: int) -> None:
        """Waits until the server has taken more messages than ``sent``."""
        while (await self.counts()).sent <= sent:  # noqa: ASYNC110  # another process counts
            await asyncio.sleep(0.01)

    async def counts(self) -> Counts:
        """Returns the counts since the last reset."""
        async with self._session.get(f"{self._server}/counts") as response:
            return msgspec.json.decode(await response.read(), type=Counts)
