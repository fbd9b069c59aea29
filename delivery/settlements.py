"""Writes down what became of deliveries, many with one write."""

from __future__ import annotations

import asyncio
import contextlib
import logging

from campaigns.campaign import CampaignKey
from campaigns.delivery import Delivery
from delivery.clock import Clock
from storage.base import Store
from storage.errors import StoreError

_log = logging.getLogger(__name__)

GATHER = 0.05
"""Seconds in which results gather, at most.

A durable write costs the same for one row as for a hundred. What a crash finds unwritten is in
doubt: at 50 per second, two or three.
"""

ENOUGH = 256
"""Rows that are worth a write of their own, however soon they are there."""

STORE_PAUSE = 1.0
"""Seconds between two tries while the store can't be written."""


class Settlements:
    """The results of one process, on their way to the ledger."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._gathering: dict[CampaignKey, _Batch] = {}
        self._writes: set[asyncio.Task[None]] = set()

    async def settle(self, key: CampaignKey, row: Delivery) -> None:
        """Returns once the row is durable; waits for the store as long as that takes."""
        batch = self._gathering.get(key)
        if batch is None:
            batch = self._gathering[key] = _Batch()
            task = asyncio.create_task(self._write(key, batch))
            # Kept here, because the loop itself keeps no task alive.
            self._writes.add(task)
            task.add_done_callback(self._writes.discard)
        batch.rows.append(row)
        if len(batch.rows) >= ENOUGH:
            batch.enough.set()
        await batch.written.wait()

    async def _write(self, key: CampaignKey, batch: _Batch) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(batch.enough.wait(), GATHER)
        del self._gathering[key]
        while True:
            try:
                await self._store.ledger.settle(key, batch.rows)
            except StoreError as error:
                _log.warning("%d results wait for the store: %s", len(batch.rows), error)
                await self._clock.sleep(STORE_PAUSE)
            else:
                batch.written.set()
                return


class _Batch:
    def __init__(self) -> None:
        self.rows: list[Delivery] = []
        self.enough = asyncio.Event()
        self.written = asyncio.Event()
