"""Sends claimed deliveries, decides what follows from each outcome, and has it written down.

Each delivery has a departure, which knows whether its call has left. Until then nothing is in
doubt, whatever happens: a refusing store, a fault of ours, the end of the process. The delivery is
released, or tried again, and its permit is given back.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any

from campaigns.campaign import Fault, Purpose
from campaigns.delivery import Delivery, DeliveryStatus
from campaigns.ledger import ledger
from campaigns.ledger.retry import Decision, Done, GiveUp, RetryRules, decide, interrupted
from campaigns.outcome import Outcome, Reason, Rejected, Sent, TeamsAnswer, Throttled, Transient
from campaigns.user import LastFailure, User
from delivery.clock import Clock
from delivery.pacing.departure import ChatFull, Departure, HeldBack
from delivery.pacing.pacer import Pacer
from delivery.people.contacts import Contacts
from delivery.sending.attempt import Attempts
from delivery.sending.claims import PUT_OFF, Claimed
from delivery.sending.running import RunningCampaign
from delivery.sending.settlements import Settlements
from delivery.sending.troubles import Troubles
from storage.errors import Damaged, StoreError

_log = logging.getLogger(__name__)


class Deliveries:
    """The deliveries of one tenant that are on their way.

    :param faulted: called when a campaign has been held for a fault.
    :param made_room: called whenever one delivery less is under way.
    :param dice: returns a number from 0 to 1 for each decision; it spreads retries.
    """

    def __init__(
        self,
        *,
        attempts: Attempts,
        contacts: Contacts,
        pacer: Pacer,
        clock: Clock,
        settlements: Settlements,
        troubles: Troubles,
        faulted: Callable[[RunningCampaign, Fault], None],
        made_room: Callable[[], None],
        rules: RetryRules,
        dice: Callable[[], float],
    ) -> None:
        self._attempts = attempts
        self._contacts = contacts
        self._pacer = pacer
        self._clock = clock
        self._settlements = settlements
        self._troubles = troubles
        self._when_faulted = faulted
        self._made_room = made_room
        self._rules = rules
        self._dice = dice
        self._finishing = False
        self._departures: dict[asyncio.Task[Outcome], Departure] = {}
        self._following: set[asyncio.Task[None]] = set()

    def __len__(self) -> int:
        """Returns the number of deliveries under way, and of tasks that follow from their results.

        Deliveries whose results wait to be written are not counted.
        """
        return len(self._departures) + len(self._following)

    def send(self, running: RunningCampaign, claimed: Claimed) -> None:
        """Sends claimed deliveries, side by side. Each uses a permit of the pacer."""
        if self._finishing:
            self._settlements.release(running, claimed.deliveries)
            self._pacer.give_back(running.key.tenant_id, len(claimed.deliveries))
            return
        tenant_id = running.key.tenant_id
        purpose = running.campaign.follow_up.purpose

        def may_leave() -> bool:
            return running.may_leave() and not self._finishing

        for delivery in claimed.deliveries:
            user = claimed.recipients.get(delivery.recipient_id)
            if isinstance(user, Damaged):
                self._pacer.give_back(tenant_id, 1)
                self._damaged(running, delivery, user)
                continue
            departure = Departure(self._pacer, tenant_id, may_leave=may_leave)
            rendered = running.rendered_for(delivery.recipient_id)
            task = asyncio.create_task(
                self._attempts.make(purpose, rendered, delivery, user, departure)
            )
            self._departures[task] = departure
            task.add_done_callback(partial(self._done, running, delivery, user))

    def let_nothing_leave(self) -> None:
        """Breaks off what has not left, and releases it; what comes after that is held back."""
        self._finishing = True
        for task, departure in self._departures.items():
            if not departure.left:
                task.cancel()

    async def finish(self) -> None:
        """Waits for all that is under way."""
        # In a loop, because results start more work, such as marking a user.
        while under_way := (*self._departures, *self._following):
            await asyncio.wait(under_way)

    def cancel(self) -> None:
        """Breaks off all that is under way. What has left stays claimed, and is in doubt."""
        for task in (*self._departures, *self._following):
            task.cancel()

    def _done(
        self,
        running: RunningCampaign,
        delivery: Delivery,
        user: User | None,
        task: asyncio.Task[Outcome],
    ) -> None:
        """Settles a delivery when its attempt has ended, in whichever way."""
        departure = self._departures.pop(task)
        if not departure.left:
            # Every permit of a delivery whose attempt was begun is given back here, or used.
            self._pacer.give_back(running.key.tenant_id, 1)
        if not task.cancelled() and task.exception() is None:
            self._answered(running, delivery, user, task.result())
        elif departure.left:
            self._broken_off(running, delivery, task)
        else:
            self._not_left(running, delivery, task)
        self._made_room()

    def _answered(
        self,
        running: RunningCampaign,
        delivery: Delivery,
        user: User | None,
        outcome: Outcome,
    ) -> None:
        decision, durable = self._settle(running, delivery, outcome)
        if user is None or not user.reachable:
            running.left_out(1)
        else:
            fault = running.observe(delivery, outcome, decision, self._clock.now())
            if fault is not None and running.fault():
                self._when_faulted(running, fault)
        match decision:
            case GiveUp(unreachable=True) | GiveUp(perhaps_unreachable=True) | Done() if (
                user is not None and _may_tell_of(user, decision)
            ):
                learning = self._learn(running, user, decision, outcome, durable)
                self._spawn(learning, f"mark {user.id}")

    def _broken_off(
        self, running: RunningCampaign, delivery: Delivery, task: asyncio.Task[Outcome]
    ) -> None:
        """Nobody knows whether it arrived. This is the one place that puts deliveries in doubt."""
        if task.cancelled():
            # The process ends. The next one finds the claim.
            return
        error = task.exception()
        # A repeatable call that aiohttp makes anew may be held back at the second time.
        if error is not None and not isinstance(error, (HeldBack, ChatFull)):
            self._troubles.tell(running.key, delivery.recipient_id, error)
        self._settle(running, delivery, interrupted(running.campaign.follow_up.purpose))

    def _not_left(
        self, running: RunningCampaign, delivery: Delivery, task: asyncio.Task[Outcome]
    ) -> None:
        """Nothing of it has left: it is released, put off, or tried again."""
        match None if task.cancelled() else task.exception():
            case None | HeldBack():
                self._settlements.release(running, [delivery])
            case ChatFull(seconds=seconds):
                answer = TeamsAnswer(message="Held back: the most Teams allows to one chat.")
                self._settle(running, delivery, Throttled(seconds, answer))
            case Damaged() as error:
                self._damaged(running, delivery, error)
            case StoreError() as error:
                self._troubles.tell(running.key, delivery.recipient_id, error)
                until = self._clock.now() + PUT_OFF
                self._settlements.release(running, [delivery], until=until)
            case error:
                self._troubles.tell(running.key, delivery.recipient_id, error)
                self._settle(running, delivery, Transient(Reason.NOT_PREPARED))

    def _damaged(self, running: RunningCampaign, delivery: Delivery, error: Damaged) -> None:
        """Ends the delivery to a person whose record is damaged."""
        self._troubles.tell(running.key, delivery.recipient_id, error)
        self._settle(running, delivery, Rejected(Reason.DAMAGED))

    def _settle(
        self, running: RunningCampaign, delivery: Delivery, outcome: Outcome
    ) -> tuple[Decision, asyncio.Event]:
        """Decides what follows from an outcome, and has that written.

        Returns the decision, and an event that is set once it is durable.
        """
        now = self._clock.now()
        campaign = running.campaign
        decision = decide(
            outcome,
            delivery,
            now=now,
            started_at=campaign.run.going_since or now,
            policy=campaign.in_doubt,
            rules=self._rules,
            dice=self._dice(),
        )
        row = ledger.settled(delivery, outcome, decision, now)
        if running.stopped and row.status is DeliveryStatus.PENDING:
            row = ledger.cancelled(row, now)
        return decision, self._settlements.put(running, row)

    async def _learn(
        self,
        running: RunningCampaign,
        user: User,
        decision: Decision,
        outcome: Outcome,
        settled: asyncio.Event,
    ) -> None:
        """Keeps what a delivery's end tells of its recipient, once it is settled."""
        await settled.wait()
        try:
            match decision:
                case GiveUp(reason=reason, unreachable=True):
                    await self._contacts.unreachable(user, reason)
                # That a message can't be changed does not tell whether a new one would arrive.
                case GiveUp(reason=reason) if running.campaign.follow_up.purpose is Purpose.SEND:
                    code = "" if isinstance(outcome, Sent) else outcome.answer.code
                    failure = LastFailure(reason, code, self._clock.now())
                    await self._contacts.failed(user, failure)
                case Done():
                    await self._contacts.reached(user)
        except StoreError as error:
            # The delivery is settled. This failure must not put it in doubt.
            _log.warning("user %s stays reachable for now: %s", user.id, error)

    def _spawn(self, work: Coroutine[Any, Any, None], name: str) -> None:
        """Starts work that follows from a result; the delivery itself is settled already."""
        task = asyncio.create_task(work, name=name)
        self._following.add(task)
        task.add_done_callback(self._followed)

    def _followed(self, task: asyncio.Task[None]) -> None:
        self._following.discard(task)
        if not task.cancelled() and (error := task.exception()):
            _log.error("%s failed", task.get_name(), exc_info=error)
        self._made_room()


def _may_tell_of(user: User, decision: Decision) -> bool:
    """True when this end changes what is known of its recipient; for most it does not."""
    return user.last_failure is not None if isinstance(decision, Done) else user.reachable
