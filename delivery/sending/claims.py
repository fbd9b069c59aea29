"""Claims deliveries that are due, and reads all that is needed to send them."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Mapping, Sequence
from datetime import timedelta

from campaigns.campaign import CampaignKey
from campaigns.delivery import Claim, Delivery, DeliveryStatus
from campaigns.feedback import events
from campaigns.feedback.events import EventKind
from campaigns.ledger import ledger
from campaigns.user import User
from delivery.clock import Clock
from delivery.sending.gate import Gate
from delivery.sending.presences import AT_ONCE
from delivery.sending.running import RunningCampaign
from delivery.sending.settlements import Settlements
from delivery.waiting import Waiting
from storage.base import Store
from storage.errors import Damaged, StoreError

_log = logging.getLogger(__name__)

CLAIM_FOR = timedelta(minutes=5)
"""How long a claim lasts: longer than any send may take, so that none expires under a living owner.
"""


class Claims:
    """The claims of one tenant's dispatcher.

    Nobody else can send claimed deliveries. So reading what they need waits for the store, however
    long that takes.

    :param owner: the id of this process.
    """

    def __init__(
        self, tenant_id: str, store: Store, clock: Clock, owner: str, settlements: Settlements
    ) -> None:
        self._tenant_id = tenant_id
        self._store = store
        self._clock = clock
        self._owner = owner
        self._settlements = settlements
        self._waiting = Waiting(_log, clock, "recipients")

    async def claim(
        self, running: RunningCampaign, limit: int
    ) -> tuple[Sequence[Delivery], Mapping[str, User]]:
        """Returns up to ``limit`` deliveries that are to be sent now, and their recipients by id.

        Deliveries that the campaign's gate holds back are settled and left out.

        Raises StoreError when the claim can't be written.
        """
        now = self._clock.now()
        claim = Claim(self._owner, now + CLAIM_FOR)
        claimed = await self._store.ledger.claim(running.key, claim, now=now, limit=limit)
        if not claimed:
            return (), {}
        users = await self._recipients(claimed)
        if running.thanking is not None:
            running.acknowledged(await self._acknowledged(running, claimed))
        if running.gate is not None:
            claimed = await self._past_gate(running, running.gate, claimed, users)
        return claimed, users

    async def _recipients(self, claimed: Sequence[Delivery]) -> Mapping[str, User]:
        user_ids = [delivery.recipient_id for delivery in claimed]
        return await self._waiting.until(
            lambda: self._store.users.get_many(self._tenant_id, user_ids),
            "recipients wait for the store",
            even_damaged=True,
        )

    async def _acknowledged(
        self, running: RunningCampaign, claimed: Sequence[Delivery]
    ) -> set[str]:
        """Returns the recipients who have acknowledged the message that is corrected."""
        corrected = CampaignKey(self._tenant_id, running.campaign.counts_for)
        user_ids = [delivery.recipient_id for delivery in claimed]
        try:
            known = await self._waiting.until(
                lambda: self._store.events.by_recipient(corrected, user_ids),
                "confirmations wait for the store",
            )
        except Damaged as error:
            # Asking once too often does less harm than a message that stays wrong.
            _log.error("confirmations of %s are not known: %s", corrected.campaign_id, error)
            return set()
        return {
            user_id for user_id, own in known.items() if events.has(own, EventKind.ACKNOWLEDGED)
        }

    async def _past_gate(
        self,
        running: RunningCampaign,
        gate: Gate,
        claimed: Sequence[Delivery],
        users: Mapping[str, User],
    ) -> Sequence[Delivery]:
        """Returns the deliveries that are to be sent now; the others are settled."""
        soon: Sequence[str] = ()
        if gate.looks and not gate.knows(users):
            with contextlib.suppress(StoreError):
                soon = await self._store.ledger.due(
                    running.key, now=self._clock.now(), limit=AT_ONCE
                )
        now = self._clock.now()
        held = await gate.hold_back(claimed, users, soon, now)
        running.claimed(len(held))
        running.left_out(sum(row.status.has_ended for row in held.values()))
        for row in held.values():
            if running.stopped and row.status is DeliveryStatus.PENDING:
                row = ledger.cancelled(row, now)
            self._settlements.put(running, row)
        return [delivery for delivery in claimed if delivery.recipient_id not in held]
