"""Settling deliveries, and changing many at once, over every store."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta

import msgspec
import pytest

from campaigns.delivery import AT_ONCE, Attempt, Delivery, DeliveryStatus, PresenceWait
from campaigns.ledger import ledger as rows_of
from campaigns.outcome import Reason, TeamsAnswer
from campaigns.report import Counts, Result, count
from storage.base import Store
from tests.support.examples import (
    CLAIM,
    KEY,
    NOW,
    SECOND,
    ended,
    every_row,
    ids,
    many,
    pending,
)

LATER = NOW + timedelta(hours=1)


async def test_settled_rows_are_kept_as_given(store: Store) -> None:
    await store.ledger.freeze(KEY, many(3))
    claimed = await store.ledger.claim(KEY, CLAIM, now=NOW, limit=3)
    settled = [
        msgspec.structs.replace(ended(claimed[0]), activity_id="1:2"),
        msgspec.structs.replace(ended(claimed[1], DeliveryStatus.FAILED), reason=Reason.BLOCKED),
        msgspec.structs.replace(rows_of.released(claimed[2]), attempts=1, due_at=LATER),
    ]
    await store.ledger.settle(KEY, settled)
    assert sorted(ids(await every_row(store.ledger))) == sorted(ids(settled))
    assert set(await every_row(store.ledger)) == set(settled)
    assert await store.ledger.counts(KEY) == Counts(success=1, error=1, rescheduled=1)


async def test_what_is_to_be_retried_is_claimed_again_when_due(store: Store) -> None:
    await store.ledger.freeze(KEY, [pending("a")])
    [claimed] = await store.ledger.claim(KEY, CLAIM, now=NOW, limit=1)
    retry = msgspec.structs.replace(rows_of.released(claimed), attempts=1, due_at=LATER)
    await store.ledger.settle(KEY, [retry])
    assert await store.ledger.next_due(KEY) == LATER
    assert list(await store.ledger.claim(KEY, CLAIM, now=NOW, limit=1)) == []
    [again] = await store.ledger.claim(KEY, CLAIM, now=LATER, limit=1)
    assert again.attempts == 1


async def test_what_waits_for_a_better_time_counts_as_rescheduled(store: Store) -> None:
    await store.ledger.freeze(KEY, many(3))
    [first, second] = await store.ledger.claim(KEY, CLAIM, now=NOW, limit=2)
    absent = PresenceWait(absences=1, first_at=NOW)
    rows = [
        rows_of.postponed(first, LATER, absent),
        rows_of.taken_off(second, Reason.ABSENT, absent, NOW),
    ]
    await store.ledger.settle(KEY, rows)
    counts = await store.ledger.counts(KEY)
    assert counts == Counts(rescheduled=1, error=1, ongoing=1)
    assert counts == count(await every_row(store.ledger))
    *_, again = await store.ledger.claim(KEY, CLAIM, now=LATER, limit=9)
    assert again.waiting == absent


async def test_settling_after_the_campaign_was_dropped_brings_nothing_back(store: Store) -> None:
    await store.ledger.freeze(KEY, many(2))
    claimed = await store.ledger.claim(KEY, CLAIM, now=NOW, limit=2)
    await store.ledger.drop(KEY)
    await store.ledger.settle(KEY, [ended(row) for row in claimed])
    assert await store.ledger.counts(KEY) == Counts()


async def test_a_half_character_in_an_answer_does_not_keep_a_row_from_being_settled(
    store: Store,
) -> None:
    await store.ledger.freeze(KEY, many(2))
    first, second = await store.ledger.claim(KEY, CLAIM, now=NOW, limit=2)
    cut = Attempt(at=NOW, outcome="rejected", answer=TeamsAnswer(status=400, message="bad \ud83d"))
    bad = msgspec.structs.replace(ended(first, DeliveryStatus.FAILED), trace=(cut,))
    await asyncio.gather(store.ledger.settle(KEY, [bad]), store.ledger.settle(KEY, [ended(second)]))
    assert await store.ledger.counts(KEY) == Counts(success=1, error=1)


async def test_a_claim_is_abandoned_when_its_time_has_passed(store: Store) -> None:
    await store.ledger.freeze(KEY, many(3))
    claimed = await store.ledger.claim(KEY, CLAIM, now=NOW, limit=2)
    await store.ledger.settle(KEY, [ended(claimed[0])])
    assert list(await store.ledger.abandoned(KEY, NOW)) == []
    assert list(await store.ledger.abandoned(KEY, CLAIM.until + SECOND)) == [claimed[1]]
    await store.ledger.settle(KEY, [ended(claimed[1], DeliveryStatus.IN_DOUBT)])
    assert list(await store.ledger.abandoned(KEY, CLAIM.until + SECOND)) == []


async def test_cancelling_ends_what_is_pending_and_leaves_what_is_claimed(store: Store) -> None:
    await store.ledger.freeze(KEY, [*many(1_800), pending("later", due_at=LATER)])
    claimed = await store.ledger.claim(KEY, CLAIM, now=NOW, limit=3)
    await store.ledger.settle(KEY, [ended(claimed[0])])
    assert await store.ledger.cancel(KEY, NOW) == 1_798
    assert await store.ledger.counts(KEY) == Counts(success=1, ongoing=2, cancelled=1_798)
    assert await store.ledger.cancel(KEY, NOW) == 0
    assert await store.ledger.next_due(KEY) is None
    page = await store.ledger.page(KEY, Result.CANCELLED, offset=1_797, limit=9)
    assert list(page.items) == [rows_of.cancelled(pending("later", due_at=LATER), NOW)]


async def test_resending_makes_what_is_in_doubt_due_again(store: Store) -> None:
    await store.ledger.freeze(KEY, many(3))
    claimed = await store.ledger.claim(KEY, CLAIM, now=NOW, limit=3)
    in_doubt = [ended(row, DeliveryStatus.IN_DOUBT) for row in claimed[:2]]
    await store.ledger.settle(KEY, [*in_doubt, ended(claimed[2])])
    assert await store.ledger.counts(KEY) == Counts(success=1, in_doubt=2)
    assert await store.ledger.resend_in_doubt(KEY) == 2
    assert await store.ledger.resend_in_doubt(KEY) == 0
    assert await store.ledger.next_due(KEY) == AT_ONCE
    again = await store.ledger.claim(KEY, CLAIM, now=LATER, limit=9)
    assert list(again) == [rows_of.claimed(rows_of.resent(row), CLAIM) for row in in_doubt]


async def test_what_failed_for_a_reason_that_is_mended_is_due_again(store: Store) -> None:
    await store.ledger.freeze(KEY, many(4))
    claimed = await store.ledger.claim(KEY, CLAIM, now=NOW, limit=4)
    ours = [
        msgspec.structs.replace(ended(row, DeliveryStatus.FAILED), reason=Reason.UNAUTHORISED)
        for row in claimed[:2]
    ]
    theirs = msgspec.structs.replace(
        ended(claimed[2], DeliveryStatus.FAILED), reason=Reason.BLOCKED
    )
    await store.ledger.settle(KEY, [*ours, theirs, ended(claimed[3])])
    assert await store.ledger.retry_failed(KEY, {Reason.UNAUTHORISED, Reason.TOO_BIG}) == 2
    assert await store.ledger.retry_failed(KEY, {Reason.UNAUTHORISED, Reason.TOO_BIG}) == 0
    assert (await store.ledger.counts(KEY)).error == 1
    again = await store.ledger.claim(KEY, CLAIM, now=LATER, limit=9)
    assert list(again) == [rows_of.claimed(rows_of.retried(row), CLAIM) for row in ours]


async def test_a_result_replaces_only_the_claim_that_it_is_the_result_of(store: Store) -> None:
    await store.ledger.freeze(KEY, [pending("a")])
    [first] = await store.ledger.claim(KEY, CLAIM, now=NOW, limit=1)
    retry = msgspec.structs.replace(rows_of.released(first), attempts=1)
    assert await store.ledger.settle(KEY, [retry]) == {"a"}
    # By the same owner, with the same end, in the same instant.
    [second] = await store.ledger.claim(KEY, CLAIM, now=NOW, limit=1)
    assert await store.ledger.settle(KEY, [retry]) == frozenset()
    assert await store.ledger.settle(KEY, [ended(first, DeliveryStatus.FAILED)]) == frozenset()
    assert await every_row(store.ledger) == [second]
    assert await store.ledger.settle(KEY, [ended(second)]) == {"a"}
    assert await store.ledger.settle(KEY, [retry]) == frozenset()
    assert await every_row(store.ledger) == [ended(second)]


RESULTS = {
    "sent": ended,
    "failed": lambda row: ended(row, DeliveryStatus.FAILED),
    "in doubt": lambda row: ended(row, DeliveryStatus.IN_DOUBT),
    "to retry": lambda row: msgspec.structs.replace(rows_of.released(row), attempts=1),
    "released": rows_of.released,
    "postponed": lambda row: rows_of.postponed(row, LATER, PresenceWait(absences=1)),
    "taken off": lambda row: rows_of.taken_off(row, Reason.ABSENT, PresenceWait(absences=1), NOW),
    "left out": lambda row: rows_of.left_out(row, Reason.ANSWERED, NOW),
    "released and cancelled": lambda row: rows_of.cancelled(rows_of.released(row), NOW),
}


@pytest.mark.parametrize("result", RESULTS.values(), ids=RESULTS)
async def test_settling_again_is_a_success_and_changes_nothing_more(
    store: Store, result: Callable[[Delivery], Delivery]
) -> None:
    await store.ledger.freeze(KEY, many(3))
    claimed = await store.ledger.claim(KEY, CLAIM, now=NOW, limit=2)
    results = [result(row) for row in claimed]
    assert await store.ledger.settle(KEY, results) == set(ids(results))
    before = await every_row(store.ledger)
    assert await store.ledger.settle(KEY, results) == set(ids(results))
    assert await every_row(store.ledger) == before
    assert await store.ledger.counts(KEY) == count(before)


async def test_what_was_never_claimed_or_is_cancelled_is_left_alone(store: Store) -> None:
    await store.ledger.freeze(KEY, [pending("never"), pending("back", due_at=NOW - SECOND)])
    [row] = await store.ledger.claim(KEY, CLAIM, now=NOW - SECOND, limit=1)
    await store.ledger.settle(KEY, [rows_of.released(row)])
    await store.ledger.cancel(KEY, NOW)
    results = [ended(row), ended(pending("never")), ended(pending("nobody"))]
    assert await store.ledger.settle(KEY, results) == frozenset()
    assert await store.ledger.counts(KEY) == Counts(cancelled=2)


async def test_some_results_are_kept_where_others_are_left_alone(store: Store) -> None:
    await store.ledger.freeze(KEY, many(300))
    claimed = await store.ledger.claim(KEY, CLAIM, now=NOW, limit=300)
    await store.ledger.settle(KEY, [rows_of.released(row) for row in claimed[::2]])
    await store.ledger.claim(KEY, CLAIM, now=NOW, limit=150)
    kept = await store.ledger.settle(KEY, [ended(row) for row in claimed])
    assert kept == set(ids(claimed[1::2]))
    assert await store.ledger.counts(KEY) == Counts(success=150, ongoing=150)


async def test_changing_all_rows_again_changes_nothing_more(store: Store) -> None:
    """A caller does so when the answer was lost."""
    await store.ledger.freeze(KEY, many(9))
    claimed = await store.ledger.claim(KEY, CLAIM, now=NOW, limit=6)
    failed = [
        msgspec.structs.replace(ended(row, DeliveryStatus.FAILED), reason=Reason.TOO_BIG)
        for row in claimed[:3]
    ]
    in_doubt = [ended(row, DeliveryStatus.IN_DOUBT) for row in claimed[3:]]
    await store.ledger.settle(KEY, [*failed, *in_doubt])
    for again in range(2):
        assert await store.ledger.retry_failed(KEY, {Reason.TOO_BIG}) == (0 if again else 3)
        assert await store.ledger.resend_in_doubt(KEY) == (0 if again else 3)
        rows = await every_row(store.ledger)
        assert {row.resends for row in rows} == {0, 1}
    assert await store.ledger.cancel(KEY, LATER) == 9
    assert await store.ledger.cancel(KEY, LATER) == 0
    counts = await store.ledger.counts(KEY)
    assert (counts.cancelled, counts.in_doubt) == (6, 3)
