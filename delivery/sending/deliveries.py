"""Sends claimed deliveries, decides what follows from each outcome, and has it written down."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Mapping, Sequence
from functools import partial
from typing import Any

from campaigns.campaign import Fault, Purpose
from campaigns.delivery import Delivery, DeliveryStatus
from campaigns.ledger import ledger
from campaigns.ledger.retry import (
    Decision,
    Done,
    GiveUp,
    RetryAt,
    RetryRules,
    decide,
    interrupted,
)
from campaigns.outcome import Outcome, Sent
from campaigns.user import LastFailure, User
from delivery.clock import Clock
from delivery.messenger import Messenger
from delivery.people.contacts import Contacts
from delivery.sending.attempt import Attempts
from delivery.sending.running import RunningCampaign
from delivery.sending.settlements import Settlements
from storage.errors import StoreError

_log = logging.getLogger(__name__)


class Deliveries:
    """The deliveries of one tenant that are on their way.

    :param faulted: called when a campaign has been held for a fault.
    :param dice: returns a number from 0 to 1 for each decision; it spreads retries.
    """

    def __init__(
        self,
        *,
        attempts: Attempts,
        messenger: Messenger,
        contacts: Contacts,
        clock: Clock,
        settlements: Settlements,
        faulted: Callable[[RunningCampaign, Fault], None],
        rules: RetryRules,
        dice: Callable[[], float],
    ) -> None:
        self._attempts = attempts
        self._messenger = messenger
        self._contacts = contacts
        self._clock = clock
        self._settlements = settlements
        self._when_faulted = faulted
        self._rules = rules
        self._dice = dice
        self._finishing = False
        self._tasks: set[asyncio.Task[None]] = set()

    def __len__(self) -> int:
        """Returns the number of deliveries under way, and of tasks that follow from their results.

        Deliveries whose results wait to be written are not counted.
        """
        return len(self._tasks)

    def send(
        self, running: RunningCampaign, claimed: Sequence[Delivery], users: Mapping[str, User]
    ) -> None:
        """Sends claimed deliveries, side by side.

        :param users: their recipients, by id; those whom nobody knows any more are missing.
        """
        running.claimed(len(claimed))
        for delivery in claimed:
            task = asyncio.create_task(
                self._deliver(running, delivery, users.get(delivery.recipient_id))
            )
            self._tasks.add(task)
            task.add_done_callback(partial(self._done, running, delivery))

    def let_nothing_leave(self) -> None:
        """Holds back all requests from now on, and releases their deliveries."""
        self._finishing = True

    async def finish(self) -> None:
        """Waits for all that is under way."""
        # In a loop, because results start more work: marking a user, renewing the token.
        while self._tasks:
            await asyncio.wait(self._tasks)

    def cancel(self) -> None:
        """Breaks off all that is under way."""
        for task in self._tasks:
            task.cancel()

    async def _deliver(
        self, running: RunningCampaign, delivery: Delivery, user: User | None
    ) -> None:
        def may_leave() -> bool:
            return running.may_leave() and not self._finishing

        outcome = await self._attempts.make(
            running.campaign.follow_up.purpose,
            running.rendered_for(delivery.recipient_id),
            delivery,
            user,
            may_leave,
        )
        if outcome is None:
            self._settlements.put(running, self._unsent(running, delivery))
            return
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
            case RetryAt(new_token=True):
                self._spawn(self._messenger.renew_token(), "renew token")

    def _unsent(self, running: RunningCampaign, delivery: Delivery) -> Delivery:
        """Returns the row of a claimed delivery whose request has not left."""
        row = ledger.released(delivery)
        return ledger.cancelled(row, self._clock.now()) if running.stopped else row

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

    def _done(self, running: RunningCampaign, delivery: Delivery, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            _log.error(
                "delivery to %s of campaign %s broke off",
                delivery.recipient_id,
                running.campaign.id,
                exc_info=error,
            )
            # Nobody knows whether its request had left.
            self._settle(running, delivery, interrupted(running.campaign.follow_up.purpose))

    def _spawn(self, work: Coroutine[Any, Any, None], name: str) -> None:
        """Starts work that follows from a result; the delivery itself is settled already."""
        task = asyncio.create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._followed)

    def _followed(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            _log.error("%s failed", task.get_name(), exc_info=error)


def _may_tell_of(user: User, decision: Decision) -> bool:
    """True when this end changes what is known of its recipient; for most it does not."""
    return user.last_failure is not None if isinstance(decision, Done) else user.reachable
