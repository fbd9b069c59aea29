"""A campaign that was sent long ago to many people, some with odd names."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec

from campaigns import drafting
from campaigns.audience import AllUsers, FrozenAudience
from campaigns.campaign import Campaign, Status, with_run
from campaigns.content import Content, Format
from campaigns.delivery import Delivery, DeliveryStatus
from campaigns.feedback.events import Event, EventKind
from campaigns.outcome import Reason
from tests.support.campaigns.staff import NAME
from tests.support.chats.chat import TENANT, Bot

PEOPLE = 10_000
AT = datetime(2026, 3, 2, 9, 0, 5, tzinfo=UTC)
ODD = (
    ("=cmd()|' /C calc'!A0", "=1+1@example.com"),
    ("+49 30 1234", "plus@example.com"),
    ("-Bob", "minus@example.com"),
    ("@SUM(A1)", "at@example.com"),
    ('Quote "the", Comma', "q@example.com"),
    ("Zoë Ünal 🎉", "z@example.com"),
    ("](http://evil.example)", "l@example.com"),
    ("Line\nbreak", "n@example.com"),
)


async def completed(bot: Bot, people: int = PEOPLE, *, name: str = NAME) -> Campaign:
    """Puts a completed campaign to so many people into the store; some have odd names."""
    draft = drafting.draft(TENANT, "c" * 32, name=name, format=Format.IDEA, author_id="a", now=AT)
    campaign = await bot.store.campaigns.add(
        msgspec.structs.replace(
            with_run(
                draft, audience=FrozenAudience(), recipients=people, started_at=AT, ended_at=AT
            ),
            content=Content("Hello"),
            audience=AllUsers(),
            status=Status.COMPLETED,
        )
    )
    for first in range(0, people, 1_000):
        await bot.store.ledger.freeze(
            campaign.key, [delivery(number) for number in range(first, min(people, first + 1_000))]
        )
    clicked = [Event(kind=EventKind.CLICK, at=AT, recipient_id="u00003", detail="a")] * 2
    read = Event(kind=EventKind.READ, at=AT, recipient_id="u00003")
    like = Event(kind=EventKind.REACTED, at=AT, recipient_id="u00003", detail="like")
    await bot.store.events.append(campaign.key, [*clicked, read, like])
    return campaign


def delivery(number: int) -> Delivery:
    name, email = ODD[number] if number < len(ODD) else (f"P {number}", f"p{number}@example.com")
    failed = number % 10 == 9
    return Delivery(
        recipient_id=f"u{number:05d}",
        name=name,
        email=email,
        due_at=AT,
        status=DeliveryStatus.FAILED if failed else DeliveryStatus.SENT,
        reason=Reason.BLOCKED if failed else None,
        attempts=1,
        settled_at=AT,
    )
