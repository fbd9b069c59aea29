"""Clears dropped ledgers away, in the background."""

from __future__ import annotations

import asyncio
import contextlib
import logging

from storage.errors import StoreError
from storage.postgres.connection.database import Database

_log = logging.getLogger(__name__)

_BATCH = 10_000
"""Rows deleted with one statement."""

_AGAIN = 60.0
"""Seconds until it is tried again after the database has refused."""


class Clearing:
    """Deletes the deliveries and events of dropped ledgers: half a minute's work for a million."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._task: asyncio.Task[None] | None = None
        self._closing = asyncio.Event()
        self._look = asyncio.Event()
        """Ends the pause after a refusal: something else was dropped, or it is to close."""

    def open(self) -> None:
        """Begins, also when it was closed before."""
        self._closing.clear()
        self.begin()

    def begin(self) -> None:
        """Clears all ledgers that have been dropped, also those that an ended process left."""
        self._look.set()
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._clear())
            self._task.add_done_callback(self._ended)

    async def close(self) -> None:
        """Stops after the present batch; the next start goes on."""
        self._closing.set()
        self._look.set()
        if self._task is not None:
            await asyncio.wait({self._task})

    def _ended(self, task: asyncio.Task[None]) -> None:
        # The supervisor of background work is a layer above.
        if not task.cancelled() and (error := task.exception()) and not self._closing.is_set():
            _log.error("what was deleted is cleared away later", exc_info=error)
            asyncio.get_running_loop().call_later(_AGAIN, self._begin_again)

    def _begin_again(self) -> None:
        if not self._closing.is_set():
            self.begin()

    async def _clear(self) -> None:
        while not self._closing.is_set():
            self._look.clear()
            try:
                while not self._closing.is_set() and (ledger := await self._dropped()) is not None:
                    async with self._database.session() as session:
                        if await session.run("clear_events", ledger, _BATCH) == _BATCH:
                            continue
                        if await session.run("clear_ledger", ledger, _BATCH) < _BATCH:
                            await session.run("ledger_cleared", ledger)
            except StoreError as error:
                _log.warning("what was deleted is cleared away later: %s", error)
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(_AGAIN):
                        await self._look.wait()
            else:
                return

    async def _dropped(self) -> int | None:
        async with self._database.session() as session:
            ledger: int | None = await session.value("dropped_ledger")
        return ledger
