"""Writes the results of deliveries, many with one write."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable

from campaigns.campaign import CampaignKey
from campaigns.delivery import Delivery
from delivery.clock import Clock
from delivery.sending.running import RunningCampaign
from delivery.waiting import Waiting
from storage.base import Store

_log = logging.getLogger(__name__)

GATHER = 0.05
"""Seconds for which results gather, at most.

A durable write costs the same for one row as for a hundred. Results that a crash finds unwritten
are in doubt: at 50 per second, two or three.
"""

ENOUGH = 256
"""Rows that are worth a write of their own, however soon they have come."""


class Settlements:
    """The results of one tenant's deliveries, on their way to the ledger.

    :param written: called with a campaign and how many of its results have become durable.
    """

    def __init__(
        self, store: Store, clock: Clock, written: Callable[[RunningCampaign, int], None]
    ) -> None:
        self._store = store
        self._when_written = written
        self._waiting = Waiting(_log, clock, "results")
        self._gathering: dict[CampaignKey, _Batch] = {}
        self._writes: set[asyncio.Task[None]] = set()
        self.waiting = 0
        """Results that are not durable yet."""

    def put(self, running: RunningCampaign, row: Delivery) -> asyncio.Event:
        """Takes a result; returns an event that is set once it is durable.

        No result is given up: it waits for the store as long as that takes.
        """
        batch = self._gathering.get(running.key)
        if batch is None:
            batch = self._gathering[running.key] = _Batch()
            task = asyncio.create_task(self._write(running, batch))
            # Kept here, because the loop itself keeps no task alive.
            self._writes.add(task)
            task.add_done_callback(self._writes.discard)
        batch.rows.append(row)
        self.waiting += 1
        if len(batch.rows) >= ENOUGH:
            # Results that come after it go with another write, beside this one.
            del self._gathering[running.key]
            batch.enough.set()
        return batch.written

    async def finish(self) -> None:
        """Waits until all results are durable."""
        while self._writes:
            await asyncio.wait(self._writes)

    async def _write(self, running: RunningCampaign, batch: _Batch) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(batch.enough.wait(), GATHER)
        if self._gathering.get(running.key) is batch:
            del self._gathering[running.key]
        await self._waiting.until(
            lambda: self._store.ledger.settle(running.key, batch.rows),
            f"{len(batch.rows)} results wait for the store",
            even_damaged=True,
        )
        self.waiting -= len(batch.rows)
        batch.written.set()
        self._when_written(running, len(batch.rows))


class _Batch:
    def __init__(self) -> None:
        self.rows: list[Delivery] = []
        self.enough = asyncio.Event()
        self.written = asyncio.Event()
