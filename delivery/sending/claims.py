"""Claims deliveries that are due, and reads all that is needed to send them.

Nothing has left yet. So whatever fails here leaves nothing in doubt: the deliveries are released.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta

import msgspec

from campaigns.campaign import CampaignKey
from campaigns.delivery import Claim, Delivery, DeliveryStatus
from campaigns.feedback import events
from campaigns.feedback.events import EventKind
from campaigns.user import User
from delivery.clock import Clock
from delivery.sending.gate import Gate
from delivery.sending.presences import AT_ONCE
from delivery.sending.running import RunningCampaign
from delivery.sending.settlements import Settlements
from storage.base import Store
from storage.errors import Damaged, StoreError

_log = logging.getLogger(__name__)

CLAIM_FOR = timedelta(minutes=5)
"""How long a claim lasts: longer than any send may take, so that none expires under a living owner.
"""

PUT_OFF = timedelta(seconds=5)
"""How long a delivery is put off when the store refused what it needs, or a gate named no time.
"""


class Claimed(msgspec.Struct, frozen=True):
    """Claimed deliveries that are to be sent now, with all that was read for them."""

    deliveries: Sequence[Delivery] = ()
    recipients: Mapping[str, User | Damaged] = {}
    """The recipients by id; those whom nobody knows any more are missing. Damaged: the record can't
    be read."""

    taken: int = 0
    """All deliveries that were claimed, with those that are held back."""


class Claims:
    """The claims of one tenant's dispatcher. Nobody else can send claimed deliveries.

    :param owner: the id of this process.
    """

    def __init__(
        self,
        tenant_id: str,
        store: Store,
        clock: Clock,
        owner: str,
        settlements: Settlements,
    ) -> None:
        self._tenant_id = tenant_id
        self._store = store
        self._clock = clock
        self._owner = owner
        self._settlements = settlements

    async def claim(self, running: RunningCampaign, limit: int) -> Claimed:
        """Claims up to ``limit`` deliveries that are due.

        Those that the campaign's gate holds back are settled and left out.

        Raises StoreError when the claim can't be written, or what the deliveries need can't be
        read. Then nothing stays claimed.
        """
        now = self._clock.now()
        claim = Claim(self._owner, now + CLAIM_FOR)
        claimed = await self._store.ledger.claim(running.key, claim, now=now, limit=limit)
        if not claimed:
            return Claimed()
        running.claimed(len(claimed))
        try:
            return await self._ready(running, claimed)
        except BaseException:
            self._settlements.release(running, claimed)
            # Without a rest they would be claimed again at once, and again.
            until = asyncio.get_running_loop().time() + PUT_OFF.total_seconds()
            running.rests_until = until
            raise

    async def _ready(self, running: RunningCampaign, claimed: Sequence[Delivery]) -> Claimed:
        """Reads what the deliveries need. If it raises, none of them is settled."""
        taken = len(claimed)
        recipients = await self._recipients([delivery.recipient_id for delivery in claimed])
        if running.thanking is not None:
            running.acknowledged(await self._acknowledged(running, claimed))
        if running.gate is not None:
            claimed = await self._past_gate(running, running.gate, claimed, recipients)
        return Claimed(claimed, recipients, taken)

    async def _recipients(self, user_ids: Sequence[str]) -> dict[str, User | Damaged]:
        """Returns the recipients. One damaged record does not hide the others."""
        if not user_ids:
            return {}
        try:
            return {**await self._store.users.get_many(self._tenant_id, user_ids)}
        except Damaged as error:
            damaged = error.rows.intersection(user_ids)
            if len(user_ids) == 1:
                damaged = frozenset(user_ids)
            if damaged:
                others = [user_id for user_id in user_ids if user_id not in damaged]
                return {**await self._recipients(others), **dict.fromkeys(damaged, error)}
        # The damage is not that of single rows, such as a file. Whom else does it hide?
        half = len(user_ids) // 2
        return {
            **await self._recipients(user_ids[:half]),
            **await self._recipients(user_ids[half:]),
        }

    async def _acknowledged(
        self, running: RunningCampaign, claimed: Sequence[Delivery]
    ) -> set[str]:
        """Returns the recipients who have acknowledged the message that is corrected."""
        corrected = CampaignKey(self._tenant_id, running.campaign.counts_for)
        user_ids = [delivery.recipient_id for delivery in claimed]
        try:
            known = await self._store.events.by_recipient(corrected, user_ids)
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
        recipients: Mapping[str, User | Damaged],
    ) -> Sequence[Delivery]:
        """Returns the deliveries that are to be sent now; the others are settled."""
        users = {name: user for name, user in recipients.items() if isinstance(user, User)}
        soon: Collection[str] = ()
        if gate.looks and not gate.knows(users):
            with contextlib.suppress(StoreError):
                soon = await self._store.ledger.due(
                    running.key, now=self._clock.now(), limit=AT_ONCE
                )
        now = self._clock.now()
        held = await gate.hold_back(claimed, users, soon, now)
        running.left_out(sum(row.status.has_ended for row in held.values()))
        for row in held.values():
            if row.status is DeliveryStatus.PENDING and row.due_at <= now:
                row = msgspec.structs.replace(row, due_at=now + PUT_OFF)
            self._settlements.put_unsent(running, row)
        return [delivery for delivery in claimed if delivery.recipient_id not in held]
