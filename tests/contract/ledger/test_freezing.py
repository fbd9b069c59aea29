"""Freezing deliveries, over every store."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from campaigns.delivery import Attempt, DeliveryStatus, PresenceWait
from campaigns.outcome import Reason, TeamsAnswer
from campaigns.report import Counts, Result
from storage.base import Store
from tests.support.examples import (
    CLAIM,
    KEY,
    NOW,
    ended,
    every_row,
    ids,
    many,
    pending,
)


async def test_a_delivery_is_given_back_as_it_was_frozen(store: Store) -> None:
    whole = pending(
        "29:1a/b\\c é",
        name='Zoë "Z" O\'Neill',
        email="zoe@example.com",
        status=DeliveryStatus.FAILED,
        attempts=2,
        throttles=1,
        trace=(
            Attempt(
                at=NOW, outcome="throttled", reason=Reason.THROTTLED, answer=TeamsAnswer(status=429)
            ),
        ),
        waiting=PresenceWait(absences=3, first_at=NOW + timedelta(minutes=1), runs=1, delays=2),
        reason=Reason.BLOCKED,
        settled_at=NOW + timedelta(microseconds=17),
    )
    await store.ledger.freeze(KEY, [whole])
    assert await every_row(store.ledger) == [whole]


async def test_freezing_again_adds_nothing_and_changes_nothing(store: Store) -> None:
    assert await store.ledger.freeze(KEY, many(5)) == 5
    [first] = await store.ledger.claim(KEY, CLAIM, now=NOW, limit=1)
    await store.ledger.settle(KEY, [ended(first)])
    assert await store.ledger.freeze(KEY, many(5, name="Another")) == 0
    assert await store.ledger.counts(KEY) == Counts(success=1, ongoing=4)
    assert {row.name for row in await every_row(store.ledger)} == {""}


async def test_freezing_the_rest_after_an_interruption_adds_the_rest(store: Store) -> None:
    everyone = many(2_500)
    await store.ledger.freeze(KEY, everyone[:1_200])
    added = [
        await store.ledger.freeze(KEY, everyone[start : start + 1_000])
        for start in range(0, 2_500, 1_000)
    ]
    assert added == [0, 800, 500]
    page = await store.ledger.page(KEY, Result.ONGOING, offset=0, limit=3_000)
    assert ids(page.items) == ids(everyone)


async def test_a_recipient_is_frozen_once_however_often_it_is_given(store: Store) -> None:
    assert await store.ledger.freeze(KEY, [pending("a", name="first"), pending("a")]) == 1
    assert await store.ledger.freeze(KEY, [pending("b"), pending("a"), pending("b")]) == 1
    assert [(row.recipient_id, row.name) for row in await every_row(store.ledger)] == [
        ("a", "first"),
        ("b", ""),
    ]


async def test_a_recipient_is_frozen_once_by_many_at_a_time(store: Store) -> None:
    everyone = many(1_500)
    added = await asyncio.gather(*(store.ledger.freeze(KEY, everyone) for _ in range(5)))
    assert sum(added) == 1_500
    assert sorted(ids(await every_row(store.ledger))) == sorted(ids(everyone))


async def test_freezing_nobody_adds_nobody(store: Store) -> None:
    assert await store.ledger.freeze(KEY, []) == 0
    assert await store.ledger.counts(KEY) == Counts()
