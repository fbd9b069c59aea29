"""A data folder with everything, and an empty database to move it into."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path

import pytest

from campaigns.delivery import DeliveryStatus, PresenceWait
from campaigns.feedback.events import EventKind
from campaigns.lists import DistributionList
from campaigns.surveys.answers import Answer, Response
from campaigns.user import Profile
from storage.embedded.store import EmbeddedStore
from storage.postgres.store import PostgresStore
from tests.support.examples import (
    CLAIM,
    KEY,
    NOW,
    OTHER_TENANT,
    TENANT,
    campaign,
    ended,
    many,
    people,
    template,
    user,
)
from tests.support.stores.moves import ASKED, EVENTS, PEOPLE, SENDING, SENT, SIGNS, event


@pytest.fixture
async def target(url: str) -> AsyncIterator[PostgresStore]:
    store = PostgresStore(url)
    await store.open()
    yield store
    await store.close()


@pytest.fixture
async def folder(tmp_path: Path) -> Path:
    """The data folder of a bot that was killed while sending."""
    store = EmbeddedStore(tmp_path / "data")
    await store.open()
    for number in range(30):
        await store.users.put(user(f"u{number}", email=f"u{number}@example.com"))
    await store.users.put(user("nul", OTHER_TENANT, profile=Profile(name="A\0B \ud83d")))
    await store.users.put(user("gone", reachable=False))
    await store.lists.add(people("l"))
    await store.lists.save(await _first(store))
    await store.lists.add(people("m", OTHER_TENANT))
    await store.templates.add(template("t"))
    await store.templates.add(template("t", OTHER_TENANT, name="There"))
    await store.secrets.get_or_keep("links", SIGNS)
    await store.campaigns.add(SENDING)
    await store.campaigns.add(SENT)
    await store.campaigns.add(campaign("draft", OTHER_TENANT))
    await store.ledger.freeze(KEY, many(1_203))
    rows = await store.ledger.claim(KEY, CLAIM, now=NOW, limit=20)
    await store.ledger.settle(KEY, [ended(row) for row in rows[:10]])
    await store.ledger.settle(KEY, [ended(row, DeliveryStatus.IN_DOUBT) for row in rows[10:15]])
    looked_for = many(4, waiting=PresenceWait(absences=2, first_at=NOW))[3]
    await store.ledger.freeze(SENT.key, [*(ended(row) for row in many(3)), looked_for])
    assert await store.events.append(KEY, EVENTS) == len(EVENTS)
    await store.surveys.add(ASKED)
    for number, person in enumerate(PEOPLE[:20]):
        given = Response(f"r{number}", {"q1": Answer(number=number % 5, other="A\0é")})
        await store.responses.record(
            KEY, person, given, day=date(2026, 3, 1 + number % 2), change=True
        )
    await store.events.append(
        SENT.key, [event(PEOPLE[0], EventKind.READ), event("", EventKind.CLICK, "link")]
    )
    await store.close()
    return tmp_path / "data"


async def _first(store: EmbeddedStore) -> DistributionList:
    found = await store.lists.get(TENANT, "l")
    assert found is not None
    return found
