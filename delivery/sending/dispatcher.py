"""Claims due deliveries of one tenant, paces, sends, settles: the one place that retries."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
from collections import deque
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from campaigns.campaign import CampaignKey, Fault
from campaigns.ledger.retry import STANDARD, RetryRules
from delivery.clock import Clock
from delivery.pacing.pacer import Pacer
from delivery.people.contacts import Contacts
from delivery.sending.attempt import Attempts
from delivery.sending.claims import Claims
from delivery.sending.deliveries import Deliveries
from delivery.sending.running import RunningCampaign
from delivery.sending.settlements import Settlements
from delivery.sending.troubles import Troubles
from delivery.supervision import Crew
from delivery.waiting import STORE_PAUSE, Waiting, nap
from storage.base import Store
from storage.errors import Damaged, StoreError

_log = logging.getLogger(__name__)

IN_FLIGHT = 768
"""Most deliveries of one tenant that are being sent, or whose results wait to be written.

Three portions: one is claimed and one written while the third is sent. At 50 per second it covers
answers as slow as 15 s.
"""

SET_ASIDE_FOR = 60.0
"""Seconds for which a campaign is set aside after the loop broke off with it."""

WORTH_A_CLAIM = 256
"""Fewest deliveries that are worth a claim.

With less room the dispatcher waits, and it rounds its room down to a multiple. The reason: a claim
costs one write, whatever the number of rows, and a file of the embedded ledger has this many rows.
"""


class Dispatcher:
    """Sends one tenant's campaigns, which take turns.

    :param crew: writes results, also after the loop has been stopped.
    :param ended: called when a campaign has nothing in flight, and is held or has nothing pending.
    :param faulted: called once when a campaign has been held for a fault.
    :param damaged: called when a campaign is held because something that it needs is damaged.
    """

    def __init__(
        self,
        tenant_id: str,
        *,
        store: Store,
        attempts: Attempts,
        contacts: Contacts,
        pacer: Pacer,
        clock: Clock,
        owner: str,
        crew: Crew,
        ended: Callable[[RunningCampaign], None],
        faulted: Callable[[RunningCampaign, Fault], None],
        damaged: Callable[[CampaignKey], None],
        rules: RetryRules = STANDARD,
        dice: Callable[[], float] = random.random,
    ) -> None:
        self.tenant_id = tenant_id
        self._store = store
        self._pacer = pacer
        self._clock = clock
        self._when_ended = ended
        self._when_damaged = damaged
        self._settlements = Settlements(store, clock, crew, self._written, self._give_up)
        self._claims = Claims(tenant_id, store, clock, owner, self._settlements)
        self._deliveries = Deliveries(
            attempts=attempts,
            contacts=contacts,
            pacer=pacer,
            clock=clock,
            settlements=self._settlements,
            troubles=Troubles(),
            faulted=faulted,
            made_room=self._made_room,
            rules=rules,
            dice=dice,
        )
        self._turns: deque[RunningCampaign] = deque()
        self._claiming: asyncio.Task[tuple[int, int]] | None = None
        self._waits_for_room = False
        self._refused = False
        """True when a campaign rests in this round, because the store has refused something."""
        self._in_hand: RunningCampaign | None = None
        """The campaign that is being worked on; after a fault, the one that caused it."""
        self._aside: dict[CampaignKey, datetime] = {}
        """Campaigns that are set aside, and until when."""
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
        self._set_aside()
        while True:
            seconds = await self._round()
            await nap(self._clock, self._wake, seconds)

    async def finish(self, within: float) -> None:
        """Waits for what is in flight, for at most ``within`` seconds; nothing more leaves."""
        self._deliveries.let_nothing_leave()
        claiming = self._claiming
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(within):
                # The claim that is being made comes first: its deliveries are released next. If it
                # takes too long, it is broken off while there is time to write that down.
                if claiming is not None:
                    await asyncio.wait({claiming}, timeout=within / 2)
                    claiming.cancel()
                    await asyncio.wait({claiming})
                await self._deliveries.finish()
                await self._settlements.finish()
        self._deliveries.cancel()

    async def _round(self) -> float | None:
        """Claims and sends for each campaign in turn.

        A campaign that the store refuses to serve, or that is damaged, holds up no other one.
        Returns the seconds until the next round, which a wake cuts short; None: until it is woken.
        """
        self._wake.clear()
        room = self._room()
        self._waits_for_room = room < WORTH_A_CLAIM
        if self._waits_for_room:
            return None
        self._refused = False
        ready, next_due = await self._ready()
        claimed = await self._serve(ready, room - room % WORTH_A_CLAIM) if ready else 0
        if not self._refused:
            self._waiting.succeeded()
        if claimed:
            return 0.0
        if ready or self._refused:
            # Without a pause, the store would be asked again and again.
            return STORE_PAUSE
        return None if next_due is None else (next_due - self._clock.now()).total_seconds()

    async def _ready(self) -> tuple[list[RunningCampaign], datetime | None]:
        """Returns the campaigns that have deliveries due, in turn, and when the next one is due.

        That time is of the other campaigns; None: there is none, or it is not known.
        """
        now = self._clock.now()
        moment = asyncio.get_running_loop().time()
        ready = []
        later = []
        # A copy: while the store is asked, others may be added.
        for running in list(self._turns):
            due: datetime | None = None
            if self._is_set_aside(running):
                later.append(now + timedelta(seconds=SET_ASIDE_FOR))
                continue
            self._in_hand = running
            if running.may_leave():
                if not running.may_claim(1):
                    continue  # a probe waits for its answer
                if running.rests_until > moment:
                    self._refused = True
                    continue
                try:
                    due = await self._store.ledger.next_due(running.key)
                except StoreError as error:
                    self._refuse(running, error)
                    if running.given_up is None:
                        continue
            elif not running.held:
                # The lease has lapsed, perhaps for a moment only.
                continue
            if due is None and not running.in_flight:
                self._end(running)
            elif due is not None and due <= now:
                ready.append(running)
            elif due is not None:
                later.append(due)
        self._in_hand = None
        return ready, min(later, default=None)

    async def _serve(self, ready: Sequence[RunningCampaign], room: int) -> int:
        """Claims some deliveries of these campaigns and sends them; returns how many it claimed."""
        permits = await self._pacer.take(self.tenant_id, room)
        claimed = 0
        try:
            for number, running in enumerate(ready):
                if not running.may_leave():
                    continue
                share = -(-permits // (len(ready) - number))
                self._in_hand = running
                try:
                    taken, sent = await self._claim_and_send(running, running.may_claim(share))
                except StoreError as error:
                    self._refuse(running, error)
                    continue
                claimed += taken
                permits -= sent
                if not permits:
                    break
            self._in_hand = None
        finally:
            self._pacer.give_back(self.tenant_id, permits)
        self._turns.rotate(-1)
        return claimed

    def _set_aside(self) -> None:
        """Sets the campaign aside with which the loop broke off: the others go on without it."""
        running, self._in_hand = self._in_hand, None
        if running is not None:
            self._aside[running.key] = self._clock.now() + timedelta(seconds=SET_ASIDE_FOR)
            _log.error("campaign %s is set aside for a minute: see above", running.campaign.id)

    def _is_set_aside(self, running: RunningCampaign) -> bool:
        until = self._aside.get(running.key)
        return until is not None and self._clock.now() < until

    def _refuse(self, running: RunningCampaign, error: StoreError) -> None:
        if isinstance(error, Damaged):
            self._give_up(running, error)
            return
        self._refused = True
        self._waiting.failed("sending waits for the store", error)
        until = asyncio.get_running_loop().time() + STORE_PAUSE
        running.rests_until = max(running.rests_until, until)

    def _room(self) -> int:
        """Returns how many more deliveries may be in flight."""
        return IN_FLIGHT - len(self._deliveries) - self._settlements.unwritten

    def _made_room(self) -> None:
        """Wakes the dispatcher when it waits for room, and has enough of it now."""
        if self._waits_for_room and self._room() >= WORTH_A_CLAIM:
            self._waits_for_room = False
            self._wake.set()

    async def _claim_and_send(self, running: RunningCampaign, limit: int) -> tuple[int, int]:
        """Claims some of a campaign's deliveries and sends them.

        Returns how many were claimed, and how many of them are sent now.
        """

        async def claim_and_send() -> tuple[int, int]:
            claimed = await self._claims.claim(running, limit)
            self._deliveries.send(running, claimed)
            return claimed.taken, len(claimed.deliveries)

        # A claim that was begun is carried through, even when the process is told to end. Otherwise
        # deliveries would be claimed, and neither sent nor settled: they would be in doubt.
        self._claiming = asyncio.create_task(claim_and_send())
        self._claiming.add_done_callback(self._claimed)
        return await asyncio.shield(self._claiming)

    def _claimed(self, task: asyncio.Task[tuple[int, int]]) -> None:
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
        """Holds a damaged campaign for good; the others go on.

        When nothing of it is in flight any more, it has ended here.
        """
        running.give_up(error)
        self._when_damaged(running.key)
        self._wake.set()
