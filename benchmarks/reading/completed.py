"""A data folder with a campaign that was sent to everyone, and with people's reactions to it."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec

from benchmarks.sending.sends import campaign, person
from campaigns.audience import FrozenAudience
from campaigns.campaign import Campaign, Run, Status
from campaigns.delivery import Delivery, DeliveryStatus
from campaigns.feedback.events import Event, EventKind
from campaigns.seal import link_id
from storage.embedded.store import EmbeddedStore

_AT_ONCE = 1_000
_RATE = 50
_LINK = link_id("https://intranet.example.com/travel?from=[EMAIL]")


async def fill(folder: Path, recipients: int) -> Campaign:
    """Fills the folder and returns the campaign.

    One delivery in 100 has failed. Of the others, two thirds have read it, a third has clicked, and
    a fifth has reacted.
    """
    chance = random.Random(1)
    began = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
    store = EmbeddedStore(folder)
    await store.open()
    kept = await store.campaigns.add(
        msgspec.structs.replace(
            campaign(),
            status=Status.COMPLETED,
            run=Run(
                audience=FrozenAudience(),
                recipients=recipients,
                started_at=began,
                ended_at=began + timedelta(seconds=recipients / _RATE),
            ),
        )
    )
    for first in range(0, recipients, _AT_ONCE):
        numbers = range(first, min(first + _AT_ONCE, recipients))
        rows = [_delivery(number, began) for number in numbers]
        await store.ledger.freeze(kept.key, rows)
        events = [event for row in rows for event in _events(row, chance)]
        await store.events.append(kept.key, events)
    await store.close()
    return kept


def _delivery(number: int, began: datetime) -> Delivery:
    recipient = person(number, "")
    return Delivery(
        recipient_id=recipient.id,
        name=recipient.full_name,
        email=recipient.email,
        due_at=began,
        status=DeliveryStatus.FAILED if number % 100 == 0 else DeliveryStatus.SENT,
        attempts=1,
        activity_id=str(1_700_000_000_000 + number),
        settled_at=began + timedelta(seconds=number / _RATE),
    )


def _events(row: Delivery, chance: random.Random) -> list[Event]:
    if row.status is not DeliveryStatus.SENT or row.settled_at is None:
        return []
    moment = row.settled_at + timedelta(minutes=chance.randint(1, 500))
    kinds = (
        (EventKind.READ, "", 0.66),
        (EventKind.CLICK, _LINK, 0.33),
        (EventKind.REACTED, "like", 0.2),
    )
    return [
        Event(kind=kind, at=moment, recipient_id=row.recipient_id, detail=detail)
        for kind, detail, share in kinds
        if chance.random() < share
    ]
