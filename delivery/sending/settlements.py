"""Writes the results of deliveries, many with one write."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import logging
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial

from campaigns.campaign import CampaignKey
from campaigns.delivery import Delivery, DeliveryStatus
from campaigns.ledger import ledger
from delivery.clock import Clock
from delivery.sending.running import RunningCampaign
from delivery.supervision import Crew, WorkKind
from delivery.waiting import STORE_PAUSE, Waiting
from storage.base import Store
from storage.errors import Damaged

_log = logging.getLogger(__name__)

GATHER = 0.05
"""Most seconds for which results gather before they are written.

A durable write costs the same for one row as for a hundred. After a crash, results that were not
written are in doubt: at 50 per second, two or three.
"""

ENOUGH = 256
"""Results that are written at once, without gathering more."""


LONGEST_PAUSE = 60.0
"""Most seconds until results are written again while their ledger is damaged."""


class Settlements:
    """The results of one tenant's deliveries, on their way to the ledger.

    :param crew: writes the results, and begins again after a fault.
    :param written: called with a campaign and how many of its results have become durable.
    :param damaged: called with a campaign whose ledger can't take results until it is repaired.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        crew: Crew,
        written: Callable[[RunningCampaign, int], None],
        damaged: Callable[[RunningCampaign, Damaged], None],
    ) -> None:
        self._store = store
        self._clock = clock
        self._crew = crew
        self._when_written = written
        self._when_damaged = damaged
        self._waiting = Waiting(_log, clock, "results")
        self._gathering: dict[CampaignKey, _Batch] = {}
        self._batches: set[_Batch] = set()
        """Results that are gathering, or being written."""
        self._numbers = itertools.count(1)
        self._finished = asyncio.Event()
        self.unwritten = 0
        """Results that are not durable yet, without those that wait for a repair."""

    def put(self, running: RunningCampaign, row: Delivery) -> asyncio.Event:
        """Takes a result; returns an event that is set once it is durable.

        No result is given up: it waits for the store, however long that takes.
        """
        batch = self._gathering.get(running.key)
        if batch is None:
            batch = self._gathering[running.key] = _Batch()
            self._batches.add(batch)
            self._crew.carry_out(
                WorkKind.RESULTS,
                f"results {next(self._numbers)} of campaign {running.campaign.id}"
                f" of {running.key.tenant_id}",
                partial(self._write, running, batch),
            )
        batch.rows.append(row)
        self.unwritten += 1
        if len(batch.rows) >= ENOUGH:
            # Later results go into another write, which may run beside this one.
            del self._gathering[running.key]
            batch.enough.set()
        return batch.written

    def release(
        self,
        running: RunningCampaign,
        claimed: Sequence[Delivery],
        *,
        until: datetime | None = None,
    ) -> None:
        """Takes claimed deliveries of which nothing has left: they are pending again.

        Those of a stopped campaign are cancelled.

        :param until: they are not claimed again before this time; None: at any time.
        """
        for delivery in claimed:
            self.put_unsent(running, ledger.released(delivery, until=until))

    def put_unsent(self, running: RunningCampaign, row: Delivery) -> None:
        """Takes the row of a claimed delivery of which nothing has left."""
        if running.stopped and row.status is DeliveryStatus.PENDING:
            row = ledger.cancelled(row, self._clock.now())
        self.put(running, row)

    async def finish(self) -> None:
        """Waits until all results are durable."""
        while self._batches:
            self._finished.clear()
            await self._finished.wait()

    async def _write(self, running: RunningCampaign, batch: _Batch) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(batch.enough.wait(), GATHER)
        if self._gathering.get(running.key) is batch:
            del self._gathering[running.key]
        results = len(batch.rows)
        pause = STORE_PAUSE
        while not batch.written.is_set():
            try:
                await self._waiting.until(
                    lambda: self._store.ledger.settle(running.key, batch.rows),
                    f"{results} results wait for the store",
                )
            except Damaged as error:
                # They wait for as long as it takes, and take no room from the other campaigns.
                if batch.takes_room:
                    batch.takes_room = False
                    self.unwritten -= results
                    self._when_damaged(running, error)
                await self._clock.sleep(pause)
                pause = min(2 * pause, LONGEST_PAUSE)
            else:
                batch.written.set()
        if batch.takes_room:
            self.unwritten -= results
        self._batches.discard(batch)
        self._finished.set()
        self._when_written(running, results)


class _Batch:
    def __init__(self) -> None:
        self.rows: list[Delivery] = []
        self.takes_room = True
        """False while it waits for a repair."""
        self.enough = asyncio.Event()
        self.written = asyncio.Event()
