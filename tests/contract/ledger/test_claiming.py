"""Claiming deliveries, over every store."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from campaigns.campaign import CampaignKey
from campaigns.delivery import Claim
from campaigns.ledger import ledger as rows_of
from campaigns.report import Counts
from storage.base import Store
from tests.support.examples import (
    CLAIM,
    KEY,
    NOW,
    SECOND,
    TENANT,
    ended,
    every_row,
    ids,
    many,
    pending,
)

LATER = NOW + timedelta(hours=1)


async def test_what_is_claimed_is_claimed_for_its_owner(store: Store) -> None:
    await store.ledger.freeze(KEY, [pending("a", name="Adele")])
    claimed = await store.ledger.claim(KEY, CLAIM, now=NOW, limit=10)
    assert list(claimed) == [rows_of.claimed(pending("a", name="Adele"), CLAIM)]
    assert await every_row(store.ledger) == list(claimed)
    assert list(await store.ledger.claim(KEY, CLAIM, now=LATER, limit=10)) == []


async def test_only_what_is_due_is_claimed_the_earliest_first(store: Store) -> None:
    await store.ledger.freeze(
        KEY,
        [
            pending("later", due_at=NOW + SECOND),
            pending("now", due_at=NOW),
            pending("earlier", due_at=NOW - SECOND),
            pending("fraction", due_at=NOW - timedelta(milliseconds=1)),
        ],
    )
    assert ids(await store.ledger.claim(KEY, CLAIM, now=NOW, limit=2)) == ["earlier", "fraction"]
    assert ids(await store.ledger.claim(KEY, CLAIM, now=NOW, limit=9)) == ["now"]
    assert ids(await store.ledger.claim(KEY, CLAIM, now=LATER, limit=9)) == ["later"]


async def test_who_is_due_can_be_seen_without_claiming(store: Store) -> None:
    late = pending("late", due_at=LATER)
    await store.ledger.freeze(KEY, [late, *many(3)])
    assert sorted(await store.ledger.due(KEY, now=NOW, limit=9)) == sorted(ids(many(3)))
    assert len(await store.ledger.due(KEY, now=LATER, limit=2)) == 2
    assert len(await store.ledger.claim(KEY, CLAIM, now=NOW, limit=9)) == 3
    assert not await store.ledger.due(KEY, now=NOW, limit=9)
    assert not await store.ledger.due(CampaignKey(TENANT, "none"), now=NOW, limit=9)


async def test_a_claim_takes_no_more_than_its_limit(store: Store) -> None:
    await store.ledger.freeze(KEY, many(2_500))
    assert list(await store.ledger.claim(KEY, CLAIM, now=NOW, limit=0)) == []
    assert len(await store.ledger.claim(KEY, CLAIM, now=NOW, limit=1_700)) == 1_700
    assert len(await store.ledger.claim(KEY, CLAIM, now=NOW, limit=1_700)) == 800


async def test_what_is_due_is_found_wherever_it_is(store: Store) -> None:
    due = {number: NOW if number % 500 == 7 else LATER for number in range(3_000)}
    await store.ledger.freeze(KEY, [pending(f"r{n}", due_at=due_at) for n, due_at in due.items()])
    claimed = ids(await store.ledger.claim(KEY, CLAIM, now=NOW, limit=100))
    assert sorted(claimed) == sorted(f"r{n}" for n, due_at in due.items() if due_at == NOW)


async def test_many_who_claim_at_once_never_get_the_same_delivery(store: Store) -> None:
    await store.ledger.freeze(KEY, many(2_200))
    claims = await asyncio.gather(
        *(store.ledger.claim(KEY, Claim(f"owner-{n}", LATER), now=NOW, limit=37) for n in range(70))
    )
    got = [recipient for claim in claims for recipient in ids(claim)]
    assert len(got) == len(set(got)) == 2_200
    assert all(
        row.claim is not None and row.claim.owner == f"owner-{n}"
        for n, claim in enumerate(claims)
        for row in claim
    )


async def test_claims_settles_and_retries_at_once_send_each_delivery_once(store: Store) -> None:
    await store.ledger.freeze(KEY, many(600))
    sends: list[str] = []

    async def dispatch(owner: str) -> None:
        claim = Claim(owner, LATER)
        while claimed := await store.ledger.claim(KEY, claim, now=NOW, limit=25):
            sends.extend(ids(claimed))
            await asyncio.gather(*(store.ledger.settle(KEY, [ended(row)]) for row in claimed))

    await asyncio.gather(*(dispatch(f"owner-{number}") for number in range(6)))
    assert sorted(sends) == sorted(ids(many(600)))
    assert await store.ledger.counts(KEY) == Counts(success=600)
