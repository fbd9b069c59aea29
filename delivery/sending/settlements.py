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
"""Most seconds for which results gather before they are written.

A durable write costs the same for one row as for a hundred. After a crash, results that were not
written are in doubt: at 50 per second, two or three.
"""

ENOUGH = 256
"""Results that are written at once, without gathering more."""


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
        self.unwritten = 0
        """Results that are not durable yet."""

    def put(self, running: RunningCampaign, row: Delivery) -> asyncio.Event:
        """Takes a result; returns an event that is set once it is durable.

        No result is given up: it waits for the store, however long that takes.
        """
        batch = self._gathering.get(running.key)
        if batch is None:
            batch = self._gathering[running.key] = _Batch()
            task = asyncio.create_task(self._write(running, batch))
            # Kept here, because the loop itself keeps no task alive.
            self._writes.add(task)
            task.add_done_callback(self._writes.discard)
        batch.rows.append(row)
        self.unwritten += 1
        if len(batch.rows) >= ENOUGH:
            # Later results go into another write, which may run beside this one.
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
        self.unwritten -= len(batch.rows)
        batch.written.set()
        self._when_written(running, len(batch.rows))


class _Batch:
    def __init__(self) -> None:
        self.rows: list[Delivery] = []
        self.enough = asyncio.Event()
        self.written = asyncio.Event()
