"""Writing verbs of a store, what is there before each of them, and everything that a store has."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from typing import Any

import msgspec

from campaigns.campaign import Status
from campaigns.delivery import DeliveryStatus
from campaigns.feedback.events import Event, EventKind
from campaigns.ledger import ledger as rows_of
from campaigns.ledger.retry import STANDARD
from campaigns.outcome import Reason
from campaigns.surveys.answers import Answer, Response
from storage.base import Store
from tests.support.examples import (
    CLAIM,
    KEY,
    NOW,
    SECOND,
    TENANT,
    campaign,
    ended,
    many,
    pending,
    people,
    template,
    user,
)

Work = Callable[[Store], Awaitable[object]]

DAY = date(2026, 3, 2)
GIVEN = Response("r1", {"q1": Answer(number=3)})
CLICK = Event(kind=EventKind.CLICK, at=NOW, recipient_id="a", detail="link")
NAMELESS = msgspec.structs.replace(CLICK, recipient_id="")


async def nothing(store: Store) -> None:
    pass


async def kept(store: Store) -> None:
    """A campaign with everything that belongs to one, and something of every other kind."""
    await store.campaigns.add(campaign(KEY.campaign_id, status=Status.COMPLETED))
    await store.campaigns.add(campaign("other"))
    await store.ledger.freeze(
        KEY, [pending("a"), pending("b"), pending("later", due_at=NOW + SECOND)]
    )
    await store.events.append(KEY, [CLICK, NAMELESS])
    await store.responses.record(KEY, "a", GIVEN, day=DAY, change=True)
    await store.users.put(user("u", email="old@example.com"))
    await store.lists.add(people("l"))
    await store.templates.add(template("t"))
    await store.secrets.get_or_keep("links", b"first")


async def claimed(store: Store) -> None:
    await kept(store)
    await store.ledger.claim(KEY, CLAIM, now=NOW, limit=2)


def settled(status: DeliveryStatus, reason: Reason | None = None) -> Work:
    async def work(store: Store) -> None:
        await claimed(store)
        await settle(store, status, reason)

    return work


async def settle(
    store: Store,
    status: DeliveryStatus = DeliveryStatus.SENT,
    reason: Reason | None = None,
) -> None:
    rows = [rows_of.claimed(pending(recipient_id), CLAIM) for recipient_id in ("a", "b")]
    results = [msgspec.structs.replace(ended(row, status), reason=reason) for row in rows]
    assert await store.ledger.settle(KEY, results) == {"a", "b"}


async def save(store: Store) -> None:
    before = campaign("other", revision=1)
    await store.campaigns.save(msgspec.structs.replace(before, name="Changed"))


VERBS: dict[str, tuple[Work, Work]] = {
    "put a user": (nothing, lambda store: store.users.put(user("u", email="a@example.com"))),
    "put a user again": (kept, lambda store: store.users.put(user("u", email="a@example.com"))),
    "change a user": (
        kept,
        lambda store: store.users.change(TENANT, "u", lambda _: user("u", locale="fr")),
    ),
    "add a campaign": (nothing, lambda store: store.campaigns.add(campaign("c"))),
    "save a campaign": (kept, save),
    "delete a campaign": (kept, lambda store: store.campaigns.delete(KEY)),
    "add a list": (kept, lambda store: store.lists.add(people("m"))),
    "delete a list": (kept, lambda store: store.lists.delete(TENANT, "l")),
    "add a template": (nothing, lambda store: store.templates.add(template("t"))),
    "freeze": (kept, lambda store: store.ledger.freeze(KEY, many(600))),
    "claim": (kept, lambda store: store.ledger.claim(KEY, CLAIM, now=NOW, limit=2)),
    "settle": (claimed, settle),
    "cancel": (kept, lambda store: store.ledger.cancel(KEY, NOW)),
    "resend": (
        settled(DeliveryStatus.IN_DOUBT),
        lambda store: store.ledger.resend_in_doubt(KEY),
    ),
    "retry": (
        settled(DeliveryStatus.FAILED, Reason.TOO_BIG),
        lambda store: store.ledger.retry_failed(KEY, {Reason.TOO_BIG}),
    ),
    "redate": (kept, lambda store: store.ledger.redate(KEY, NOW - timedelta(days=1), STANDARD)),
    "drop deliveries": (kept, lambda store: store.ledger.drop(KEY)),
    "drop events": (kept, lambda store: store.events.drop(KEY)),
    "drop responses": (kept, lambda store: store.responses.drop(KEY)),
    "append events": (
        kept,
        lambda store: store.events.append(
            KEY,
            [
                msgspec.structs.replace(CLICK, at=NOW + SECOND),
                msgspec.structs.replace(CLICK, recipient_id="b"),
                msgspec.structs.replace(NAMELESS, at=NOW + SECOND),
            ],
        ),
    ),
    "record a response": (
        kept,
        lambda store: store.responses.record(
            KEY, "b", msgspec.structs.replace(GIVEN, id="r2"), day=DAY, change=True
        ),
    ),
    "change a response": (
        kept,
        lambda store: store.responses.record(
            KEY, "a", Response("r1", {"q1": Answer(number=5)}), day=DAY, change=True
        ),
    ),
    "keep a secret": (nothing, lambda store: store.secrets.get_or_keep("links", b"second")),
    "check": (kept, lambda store: store.check()),
}
"""The ground of each verb, and the verb itself."""


async def everything(store: Store) -> Any:
    """All that is kept, without the order in which it came."""

    async def chunks(stream: Any) -> list[str]:
        values = [str(value) async for chunk in stream for value in chunk]
        return sorted(values)

    return {
        "users": await chunks(store.users.everyone()),
        "found": await store.users.by_emails(TENANT, ["a@example.com", "old@example.com"]),
        "campaigns": await store.campaigns.in_status(tuple(Status)),
        "lists": [str(document) async for document in store.lists.everything()],
        "templates": [str(document) async for document in store.templates.everything()],
        "secrets": await store.secrets.everything(),
        "deliveries": await chunks(store.ledger.rows(KEY)),
        "counts": await store.ledger.counts(KEY),
        "events": await chunks(store.events.rows(KEY)),
        "responses": await chunks(store.responses.rows(KEY)),
        "tally": +Counter(await store.responses.tally(KEY)),
        "people": await chunks(store.responses.people(KEY)),
        "days": await store.responses.days(KEY),
    }
