"""Read receipts and reactions, as Teams reports them.

Teams names the message, not the campaign. The campaign is looked up by the recipient, among the
tenant's newest ones.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime

from campaigns.campaign import CampaignKey, Purpose, Status
from campaigns.delivery import Delivery
from campaigns.feedback import events, reading
from campaigns.feedback.events import Event, EventKind
from delivery.feedback.recorder import Recorder
from storage.base import Store
from storage.errors import Damaged

_log = logging.getLogger(__name__)

NEWEST = 20
"""How many of a tenant's campaigns, the latest started first, are searched for a message.

It is fewer than the embedded store keeps open, so a search need not read their files again.
"""

_STARTED = tuple(status for status in Status if status.has_started)


_REMEMBERED = 1_000
"""Most damaged records that are remembered as logged."""


class Receipts:
    """Finds the campaigns that reads and reactions belong to, and has them recorded."""

    def __init__(self, store: Store, recorder: Recorder) -> None:
        self._store = store
        self._recorder = recorder
        self._told: set[str] = set()
        """Damage that was logged."""

    async def read(self, tenant_id: str, user_id: str, last_read: str, at: datetime) -> None:
        """Records that a person has read everything up to the message with this activity id."""
        sent: list[tuple[CampaignKey, Delivery]] = []
        for key in await self._newest(tenant_id):
            delivery = await self._delivery(key, user_id)
            if delivery is None:
                continue
            own = await self._own_events(key, user_id)
            if events.has(own, EventKind.READ):
                # It and all messages before it are recorded already.
                break
            sent.append((key, delivery))
        read = reading.covered((delivery for _, delivery in sent), last_read)
        for key, delivery in sent:
            if delivery in read:
                self._recorder.note(key, Event(kind=EventKind.READ, at=at, recipient_id=user_id))

    async def reacted(
        self,
        tenant_id: str,
        user_id: str,
        activity_id: str,
        *,
        added: Sequence[str],
        removed: Sequence[str],
        at: datetime,
    ) -> None:
        """Records the reactions that a person has put on a message, or taken back."""
        for key in await self._newest(tenant_id):
            delivery = await self._delivery(key, user_id)
            if delivery is not None and delivery.activity_id == activity_id:
                for kind, reactions in ((EventKind.UNREACTED, removed), (EventKind.REACTED, added)):
                    for reaction in reactions:
                        self._recorder.note(
                            key, Event(kind=kind, at=at, recipient_id=user_id, detail=reaction)
                        )
                return
        _log.debug("a reaction to a message of no recent campaign")

    async def _delivery(self, key: CampaignKey, user_id: str) -> Delivery | None:
        """Returns the person's delivery; None when there is none, or it is damaged.

        So a damaged campaign costs no other one what people do with it.
        """
        try:
            return await self._store.ledger.find(key, user_id)
        except Damaged as damage:
            self._left_out(damage)
            return None

    async def _own_events(self, key: CampaignKey, user_id: str) -> Sequence[Event]:
        try:
            return (await self._store.events.by_recipient(key, [user_id])).get(user_id, ())
        except Damaged as damage:
            self._left_out(damage)
            return ()

    def _left_out(self, damage: Damaged) -> None:
        """Logs the damage once: people read and react all the time."""
        message = str(damage)
        if message not in self._told and len(self._told) < _REMEMBERED:
            self._told.add(message)
            _log.error("left out: %s", message)

    async def _newest(self, tenant_id: str) -> list[CampaignKey]:
        page = await self._store.campaigns.page(tenant_id, _STARTED, offset=0, limit=NEWEST)
        return [
            campaign.key for campaign in page.items if campaign.follow_up.purpose is Purpose.SEND
        ]
