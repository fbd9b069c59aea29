"""Claims due deliveries of one tenant, paces, sends, settles: the one place that retries."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
from collections import deque
from collections.abc import Callable
from datetime import datetime

from campaigns.campaign import Fault
from campaigns.ledger.retry import STANDARD, RetryRules
from delivery.clock import Clock
from delivery.messenger import Messenger
from delivery.pacing.pacer import Pacer
from delivery.people.contacts import Contacts
from delivery.sending.attempt import Attempts
from delivery.sending.claims import Claims
from delivery.sending.deliveries import Deliveries
from delivery.sending.running import RunningCampaign
from delivery.sending.settlements import Settlements
from delivery.waiting import Waiting, nap
from storage.base import Store
from storage.errors import Damaged

_log = logging.getLogger(__name__)

IN_FLIGHT = 768
"""Most deliveries of one tenant that are being sent, or whose results wait to be written.

Three portions: one is claimed and one written while the third is sent. At 50 per second it covers
answers as slow as 15 s.
"""

WORTH_A_CLAIM = 256
"""Fewest deliveries that are worth a claim.

With less room the dispatcher waits, and it rounds its room down to a multiple. The reason: a claim
costs one write, whatever the number of rows, and a file of the embedded ledger has this many rows.
"""


class Dispatcher:
    """Sends one tenant's campaigns, which take turns.

    :param ended: called when a campaign has nothing in flight, and is held or has nothing pending.
    :param faulted: called once when a campaign has been held for a fault.
    """

    def __init__(
        self,
        tenant_id: str,
        *,
        store: Store,
        attempts: Attempts,
        messenger: Messenger,
        contacts: Contacts,
        pacer: Pacer,
        clock: Clock,
        owner: str,
        ended: Callable[[RunningCampaign], None],
        faulted: Callable[[RunningCampaign, Fault], None],
        rules: RetryRules = STANDARD,
        dice: Callable[[], float] = random.random,
    ) -> None:
        self.tenant_id = tenant_id
        self._store = store
        self._pacer = pacer
        self._clock = clock
        self._when_ended = ended
        self._settlements = Settlements(store, clock, self._written)
        self._claims = Claims(tenant_id, store, clock, owner, self._settlements)
        self._deliveries = Deliveries(
            attempts=attempts,
            messenger=messenger,
            contacts=contacts,
            clock=clock,
            settlements=self._settlements,
            faulted=faulted,
            rules=rules,
            dice=dice,
        )
        self._turns: deque[RunningCampaign] = deque()
        self._claiming: asyncio.Task[int] | None = None
        self._waiting = Waiting(_log, clock, "sending")
        self._wake = asyncio.Event()

    def add(self, running: RunningCampaign) -> None:
        """Adds a campaign to those that are sent."""
        self._turns.append(running)
        self._wake.set()

    def wake(self) -> None:
        """Has the dispatcher look again, because something else may be due, or held, now."""
        self._wake.set()

    async def run(self) -> None:
        """Sends due deliveries until it is cancelled.

        Deliveries in flight go on after that: see :meth:`finish`.
        """
        while True:
            seconds = await self._waiting.until(
                self._round, "sending waits for the store", even_damaged=True
            )
            await nap(self._clock, self._wake, seconds)

    async def finish(self, within: float) -> None:
        """Waits for what is in flight, for at most ``within`` seconds; nothing more leaves."""
        self._deliveries.let_nothing_leave()
        claiming = self._claiming
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(within):
                # The claim that is being made comes first: its deliveries are released next.
                if claiming is not None:
                    await asyncio.wait({claiming})
                await self._deliveries.finish()
                await self._settlements.finish()
        if claiming is not None:
            claiming.cancel()
        self._deliveries.cancel()

    async def _round(self) -> float | None:
        """Claims and sends for each campaign in turn.

        Returns the seconds until the next round, which a wake cuts short; None: until it is woken.
        """
        self._wake.clear()
        room = IN_FLIGHT - len(self._deliveries) - self._settlements.unwritten
        if room < WORTH_A_CLAIM:
            return None
        room -= room % WORTH_A_CLAIM
        ready, next_due = await self._ready()
        if not ready:
            return None if next_due is None else (next_due - self._clock.now()).total_seconds()
        permits = await self._pacer.take(self.tenant_id, room)
        for served, running in enumerate(ready):
            if not running.may_leave():
                continue
            share = -(-permits // (len(ready) - served))
            try:
                permits -= await self._claim_and_send(running, running.may_claim(share))
            except Damaged as error:
                self._give_up(running, error)
            if not permits:
                break
        self._pacer.give_back(self.tenant_id, permits)
        self._turns.rotate(-1)
        return 0.0

    async def _ready(self) -> tuple[list[RunningCampaign], datetime | None]:
        """Returns the campaigns that have deliveries due, in turn, and when the next one is due.

        That time is of the other campaigns; None: there is none, or it is not known.
        """
        now = self._clock.now()
        ready = []
        later = []
        # A copy: while the store is asked, others may be added.
        for running in list(self._turns):
            if running.held and not running.in_flight:
                self._end(running)
            elif running.may_leave() and running.may_claim(1):
                try:
                    due = await self._store.ledger.next_due(running.key)
                except Damaged as error:
                    self._give_up(running, error)
                    continue
                if due is None and not running.in_flight:
                    self._end(running)
                elif due is not None and due <= now:
                    ready.append(running)
                elif due is not None:
                    later.append(due)
        return ready, min(later, default=None)

    async def _claim_and_send(self, running: RunningCampaign, limit: int) -> int:
        """Claims some of a campaign's deliveries and sends them; returns how many are sent."""

        async def claim_and_send() -> int:
            claimed, users = await self._claims.claim(running, limit)
            self._deliveries.send(running, claimed, users)
            return len(claimed)

        # A claim that was begun is carried through, even when the process is told to end. Otherwise
        # deliveries would be claimed, and neither sent nor settled: they would be in doubt.
        self._claiming = asyncio.create_task(claim_and_send())
        self._claiming.add_done_callback(self._claimed)
        return await asyncio.shield(self._claiming)

    def _claimed(self, task: asyncio.Task[int]) -> None:
        self._claiming = None
        if not task.cancelled() and (error := task.exception()):
            _log.info("nothing claimed: %s", error)

    def _written(self, running: RunningCampaign, results: int) -> None:
        running.settled(results)
        self._wake.set()

    def _end(self, running: RunningCampaign) -> None:
        self._turns.remove(running)
        self._when_ended(running)

    def _give_up(self, running: RunningCampaign, error: Damaged) -> None:
        """Stops sending a damaged campaign until people have repaired it; the others go on."""
        _log.error("campaign %s stands still: %s", running.campaign.id, error)
        self._turns.remove(running)
