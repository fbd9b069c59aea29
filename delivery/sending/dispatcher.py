"""Claims due deliveries of one tenant, paces, sends, settles: the one place that retries."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
from collections import deque
from collections.abc import Callable, Coroutine, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from campaigns.campaign import CampaignKey, Fault
from campaigns.delivery import Claim, Delivery, DeliveryStatus
from campaigns.feedback import events
from campaigns.feedback.events import EventKind
from campaigns.ledger import ledger
from campaigns.ledger.retry import (
    STANDARD,
    Decision,
    GiveUp,
    RetryAt,
    RetryRules,
    decide,
    interrupted,
)
from campaigns.outcome import Outcome, Reason
from campaigns.user import User
from delivery.clock import Clock
from delivery.messenger import Messenger
from delivery.pacing.pacer import Pacer
from delivery.people.contacts import Contacts
from delivery.sending.attempt import Attempts
from delivery.sending.gate import Gate
from delivery.sending.presences import AT_ONCE
from delivery.sending.running import RunningCampaign
from delivery.sending.settlements import Settlements
from delivery.waiting import STORE_PAUSE, Waiting
from storage.base import Store
from storage.errors import Damaged, StoreError

_log = logging.getLogger(__name__)

IN_FLIGHT = 768
"""Sends of one tenant under way at once, or waiting for their result to be written.

Three portions: one is claimed and one written while the third is sent. At 50 per second it covers
answers as slow as 15 s.
"""

WORTH_A_CLAIM = 256
"""With less room than this for more, it is waited for, and whole multiples are claimed:
a claim costs by the write, not the row, and the embedded ledger's files have as many.
"""

CLAIM_FOR = timedelta(minutes=5)
"""Longer than any send may take, so that a claim never expires under a living owner."""


class Dispatcher:
    """The sending of one tenant's campaigns, taking turns between them.

    ``ended`` is called when a campaign has nothing pending and nothing in flight; ``faulted`` once
    when something is wrong that is not its recipients', and it has been held for that.
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
        self._attempts = attempts
        self._messenger = messenger
        self._contacts = contacts
        self._pacer = pacer
        self._clock = clock
        self._owner = owner
        self._when_ended = ended
        self._when_faulted = faulted
        self._rules = rules
        self._dice = dice
        self._turns: deque[RunningCampaign] = deque()
        self._waiting = Waiting(_log, clock, "sending")
        self._reading = Waiting(_log, clock, "recipients")
        self._settlements = Settlements(store, clock, self._written)
        self._wake = asyncio.Event()
        self._finishing = False
        self._tasks: set[asyncio.Task[Any]] = set()

    def add(self, sending: RunningCampaign) -> None:
        self._turns.append(sending)
        self._wake.set()

    def wake(self) -> None:
        """Something may be due, or may have been held, that was not before."""
        self._wake.set()

    async def run(self) -> None:
        """Sends what is due until cancelled.

        What is in flight then goes on: see :meth:`finish`.
        """
        while True:
            self._wake.clear()
            try:
                busy = await self._round()
            except StoreError as error:
                self._waiting.still("sending waits for the store", error)
                await self._clock.sleep(STORE_PAUSE)
                continue
            self._waiting.over()
            if not busy:
                await self._rest(await self._next_due())

    async def finish(self, within: float) -> None:
        """Waits for what is in flight, for at most ``within`` seconds; nothing more leaves."""
        self._finishing = True
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(within):
                # In a loop: what was just being claimed has yet to be sent.
                while self._tasks:
                    await asyncio.wait(self._tasks)
                await self._settlements.finish()
        for task in self._tasks:
            task.cancel()

    async def _round(self) -> bool:
        """Claims and sends for each campaign in turn; False when there was nothing to do."""
        room = IN_FLIGHT - len(self._tasks) - self._settlements.waiting
        if room < WORTH_A_CLAIM:
            await self._wake.wait()
            return True
        room -= room % WORTH_A_CLAIM
        ready = await self._ready()
        if not ready:
            return False
        permits = await self._pacer.take(self.tenant_id, room)
        for waiting, sending in enumerate(ready):
            if not sending.may_leave():
                continue
            share = -(-permits // (len(ready) - waiting))
            try:
                permits -= await self._claim_and_send(sending, share)
            except Damaged as error:
                self._give_up(sending, error)
            if not permits:
                break
        self._pacer.give_back(self.tenant_id, permits)
        self._turns.rotate(-1)
        return True

    async def _ready(self) -> list[RunningCampaign]:
        """The campaigns with something due, the one whose turn it is first."""
        now = self._clock.now()
        ready = []
        for sending in list(self._turns):
            if sending.held and not sending.in_flight:
                self._end(sending)
            elif sending.may_leave():
                try:
                    due = await self._store.ledger.next_due(sending.key)
                except Damaged as error:
                    self._give_up(sending, error)
                    continue
                if due is None and not sending.in_flight:
                    self._end(sending)
                elif due is not None and due <= now:
                    ready.append(sending)
        return ready

    async def _next_due(self) -> datetime | None:
        dues = [
            due
            # A copy: while the store is asked, others may be added.
            for sending in list(self._turns)
            if sending.may_leave() and (due := await self._store.ledger.next_due(sending.key))
        ]
        return min(dues, default=None)

    async def _rest(self, until: datetime | None) -> None:
        """Until something is due, is added, or has ended."""
        if until is None:
            await self._wake.wait()
            return
        seconds = (until - self._clock.now()).total_seconds()
        if seconds <= 0:
            return
        wait = asyncio.ensure_future(self._wake.wait())
        nap = asyncio.ensure_future(self._clock.sleep(seconds))
        try:
            await asyncio.wait((wait, nap), return_when=asyncio.FIRST_COMPLETED)
        finally:
            wait.cancel()
            nap.cancel()

    def _give_up(self, sending: RunningCampaign, error: Damaged) -> None:
        """What is damaged stays so until people have repaired it; the other campaigns go on."""
        _log.error("campaign %s stands still: %s", sending.campaign.id, error)
        self._turns.remove(sending)

    def _end(self, sending: RunningCampaign) -> None:
        self._turns.remove(sending)
        self._when_ended(sending)

    async def _claim_and_send(self, sending: RunningCampaign, limit: int) -> int:
        # Once begun it goes through, also when the process is told to end: what is claimed and
        # neither sent nor settled would be in doubt.
        task = asyncio.create_task(self._claim_and_spawn(sending, limit))
        self._tasks.add(task)
        task.add_done_callback(self._claimed)
        return await asyncio.shield(task)

    def _claimed(self, task: asyncio.Task[int]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            _log.info("nothing claimed: %s", error)

    async def _claim_and_spawn(self, sending: RunningCampaign, limit: int) -> int:
        now = self._clock.now()
        claim = Claim(self._owner, now + CLAIM_FOR)
        claimed = await self._store.ledger.claim(sending.key, claim, now=now, limit=limit)
        if not claimed:
            return 0
        users = await self._users_of(claimed)
        if sending.thanking is not None:
            sending.confirmed = await self._confirmed(sending, claimed) | sending.confirmed
        if sending.gate is not None:
            claimed = await self._past_gate(sending, sending.gate, claimed, users)
        for delivery in claimed:
            task = asyncio.create_task(
                self._deliver(sending, delivery, users.get(delivery.recipient_id))
            )
            sending.in_flight += 1
            self._tasks.add(task)
            task.add_done_callback(partial(self._done, sending, delivery))
        return len(claimed)

    async def _past_gate(
        self,
        sending: RunningCampaign,
        gate: Gate,
        claimed: Sequence[Delivery],
        users: dict[str, User],
    ) -> Sequence[Delivery]:
        """Those that are to be sent now; the others are settled."""
        soon: Sequence[str] = ()
        if gate.looks and not gate.knows(users):
            with contextlib.suppress(StoreError):
                soon = await self._store.ledger.due(
                    sending.key, now=self._clock.now(), limit=AT_ONCE
                )
        now = self._clock.now()
        held = await gate.hold_back(claimed, users, soon, now)
        for row in held.values():
            sending.in_flight += 1
            if sending.stopped and row.status is DeliveryStatus.PENDING:
                row = ledger.cancelled(row, now)
            self._settlements.put(sending, row)
        return [delivery for delivery in claimed if delivery.recipient_id not in held]

    async def _users_of(self, claimed: Sequence[Delivery]) -> dict[str, User]:
        """Waits for the store as long as that takes: these are claimed, and nobody else's now."""
        ids = [delivery.recipient_id for delivery in claimed]
        while True:
            try:
                users = await self._store.users.get_many(self.tenant_id, ids)
            except StoreError as error:
                self._reading.still("recipients wait for the store", error)
                await self._clock.sleep(STORE_PAUSE)
            else:
                self._reading.over()
                return users

    async def _confirmed(self, sending: RunningCampaign, claimed: Sequence[Delivery]) -> set[str]:
        """Who has confirmed what is corrected; waits for the store, as :meth:`_users_of` does."""
        of = CampaignKey(self.tenant_id, sending.campaign.counts_for)
        ids = [delivery.recipient_id for delivery in claimed]
        while True:
            try:
                did = await self._store.events.by_recipient(of, ids)
            except Damaged as error:
                # A button too many is less than a message that stays wrong.
                _log.error("who has confirmed %s is not known: %s", of.campaign_id, error)
                return set()
            except StoreError as error:
                self._reading.still("confirmations wait for the store", error)
                await self._clock.sleep(STORE_PAUSE)
            else:
                self._reading.over()
                return {one for one in did if events.has(did[one], EventKind.ACKNOWLEDGED)}

    async def _deliver(
        self, sending: RunningCampaign, delivery: Delivery, user: User | None
    ) -> None:
        def may_leave() -> bool:
            return sending.may_leave() and not self._finishing

        outcome = await self._attempts.make(
            sending.campaign.follow_up.purpose,
            sending.rendered_for(delivery.recipient_id),
            delivery,
            user,
            may_leave,
        )
        if outcome is None:
            self._settlements.put(sending, self._unsent(sending, delivery))
            return
        decision, durable = self._settle(sending, delivery, outcome)
        fault = sending.breaker.observe(outcome, decision, self._clock.now())
        if fault is not None and not sending.held:
            sending.held = sending.faulted = True
            self._when_faulted(sending, fault)
        match decision:
            case GiveUp(reason=reason, unreachable=True) if user is not None and user.reachable:
                self._spawn(self._leave_alone(user, reason, durable), f"mark {user.id}")
            case RetryAt(new_token=True):
                self._spawn(self._messenger.renew_token(), "renew token")

    def _unsent(self, sending: RunningCampaign, delivery: Delivery) -> Delivery:
        """The row of a delivery that was claimed, and whose request has not left."""
        row = ledger.released(delivery)
        return ledger.cancelled(row, self._clock.now()) if sending.stopped else row

    async def _leave_alone(self, user: User, reason: Reason, settled: asyncio.Event) -> None:
        await settled.wait()
        try:
            await self._contacts.unreachable(user, reason)
        except StoreError as error:
            # The delivery is settled, and must not come into doubt for this.
            _log.warning("user %s stays reachable for now: %s", user.id, error)

    def _settle(
        self, sending: RunningCampaign, delivery: Delivery, outcome: Outcome
    ) -> tuple[Decision, asyncio.Event]:
        """What follows from what came of a claimed delivery, and when that will be durable."""
        now = self._clock.now()
        campaign = sending.campaign
        decision = decide(
            outcome,
            delivery,
            now=now,
            started_at=campaign.run.started_at or now,
            policy=campaign.in_doubt,
            rules=self._rules,
            dice=self._dice(),
        )
        row = ledger.settled(delivery, outcome, decision, now)
        if sending.stopped and row.status is DeliveryStatus.PENDING:
            row = ledger.cancelled(row, now)
        return decision, self._settlements.put(sending, row)

    def _written(self, sending: RunningCampaign, results: int) -> None:
        sending.in_flight -= results
        self._wake.set()

    def _done(self, sending: RunningCampaign, delivery: Delivery, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            _log.error(
                "delivery to %s of campaign %s broke off",
                delivery.recipient_id,
                sending.campaign.id,
                exc_info=error,
            )
            # How far it got is not known.
            self._settle(sending, delivery, interrupted(sending.campaign.follow_up.purpose))

    def _spawn(self, work: Coroutine[Any, Any, None], name: str) -> None:
        """Does what follows from a result, beside the delivery, which is settled already."""
        task = asyncio.create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._followed)

    def _followed(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            _log.error("%s failed", task.get_name(), exc_info=error)
