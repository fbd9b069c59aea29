from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from campaigns.campaign import CampaignKey
from campaigns.delivery import Attempt, Claim, Delivery, DeliveryStatus, PresenceWait
from campaigns.ledger import ledger as rows_of
from campaigns.outcome import Reason, TeamsAnswer
from campaigns.report import Counts, Result, count
from storage.base import Store
from tests.support.examples import (
    CLAIM,
    KEY,
    NOW,
    OTHER_TENANT,
    SECOND,
    TENANT,
    ended,
    every_row,
    ids,
    many,
    pending,
)

LATER = NOW + timedelta(hours=1)


# Freezing


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


# Claiming


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


# Settling


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


# What is in doubt, and what is stopped


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
    assert await store.ledger.resend_in_doubt(KEY, LATER) == 2
    assert await store.ledger.resend_in_doubt(KEY, LATER) == 0
    assert await store.ledger.next_due(KEY) == LATER
    again = await store.ledger.claim(KEY, CLAIM, now=LATER, limit=9)
    assert list(again) == [rows_of.claimed(rows_of.resent(row, LATER), CLAIM) for row in in_doubt]


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
    assert await store.ledger.retry_failed(KEY, {Reason.UNAUTHORISED, Reason.TOO_BIG}, LATER) == 2
    assert await store.ledger.retry_failed(KEY, {Reason.UNAUTHORISED, Reason.TOO_BIG}, LATER) == 0
    assert (await store.ledger.counts(KEY)).error == 1
    again = await store.ledger.claim(KEY, CLAIM, now=LATER, limit=9)
    assert list(again) == [rows_of.claimed(rows_of.retried(row, LATER), CLAIM) for row in ours]


# Reading


async def test_next_due_is_the_earliest_pending_one(store: Store) -> None:
    assert await store.ledger.next_due(KEY) is None
    await store.ledger.freeze(KEY, [pending("a", due_at=LATER), pending("b", due_at=NOW)])
    assert await store.ledger.next_due(KEY) == NOW
    await store.ledger.claim(KEY, CLAIM, now=NOW, limit=1)
    assert await store.ledger.next_due(KEY) == LATER
    await store.ledger.claim(KEY, CLAIM, now=LATER, limit=1)
    assert await store.ledger.next_due(KEY) is None


async def test_pages_are_in_the_order_of_freezing(store: Store) -> None:
    everyone = many(2_100)
    for start in range(0, len(everyone), 300):
        await store.ledger.freeze(KEY, everyone[start : start + 300])
    claimed = await store.ledger.claim(KEY, CLAIM, now=NOW, limit=2_100)
    chosen = [row for row in claimed if row.recipient_id.endswith("7/é")]
    await store.ledger.settle(KEY, [ended(row, DeliveryStatus.FAILED) for row in reversed(chosen)])
    expected = [recipient_id for recipient_id in ids(everyone) if recipient_id.endswith("7/é")]
    page = await store.ledger.page(KEY, Result.ERROR, offset=95, limit=20)
    assert ids(page.items) == expected[95:115]
    assert page.total == len(expected) == 210
    beyond = await store.ledger.page(KEY, Result.ERROR, offset=210, limit=20)
    assert (beyond.items, beyond.total) == ((), 210)


async def test_campaigns_and_tenants_are_apart(store: Store) -> None:
    others = [
        CampaignKey(OTHER_TENANT, KEY.campaign_id),
        CampaignKey(TENANT, KEY.campaign_id.upper()),
        CampaignKey(TENANT, KEY.campaign_id + "."),
        CampaignKey(TENANT, "../" + KEY.campaign_id),
    ]
    await store.ledger.freeze(KEY, many(2))
    for number, other in enumerate(others):
        assert await store.ledger.counts(other) == Counts()
        assert await store.ledger.freeze(other, many(3 + number)) == 3 + number
    await store.ledger.cancel(KEY, NOW)
    await store.ledger.drop(others[0])
    assert await store.ledger.counts(KEY) == Counts(cancelled=2)
    assert [(await store.ledger.counts(other)).ongoing for other in others] == [0, 4, 5, 6]


async def test_a_dropped_campaign_is_gone_and_can_be_frozen_anew(store: Store) -> None:
    await store.ledger.freeze(KEY, many(1_300))
    await store.ledger.claim(KEY, CLAIM, now=NOW, limit=10)
    await store.ledger.drop(KEY)
    await store.ledger.drop(KEY)
    assert await store.ledger.counts(KEY) == Counts()
    assert await every_row(store.ledger) == []
    assert list(await store.ledger.abandoned(KEY, LATER)) == []
    assert await store.ledger.freeze(KEY, many(4)) == 4
    assert await store.ledger.counts(KEY) == Counts(ongoing=4)


async def test_many_campaigns_that_have_ended_still_report(store: Store) -> None:
    keys = [CampaignKey(TENANT, f"c{number}") for number in range(60)]
    for key in keys:
        await store.ledger.freeze(key, many(2))
        claimed = await store.ledger.claim(key, CLAIM, now=NOW, limit=1)
        await store.ledger.settle(key, [ended(row) for row in claimed])
        await store.ledger.cancel(key, NOW)
    for key in keys:
        assert await store.ledger.counts(key) == Counts(success=1, cancelled=1)
        assert (await store.ledger.page(key, Result.SUCCESS, offset=0, limit=5)).total == 1


# Whatever is done in whatever order

STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("freeze"), st.integers(0, 30), st.integers(1, 30)),
        st.tuples(st.just("claim"), st.integers(0, 15), st.integers(0, 3)),
        st.tuples(
            st.just("settle"),
            st.integers(1, 10),
            st.sampled_from(["sent", "failed", "in_doubt", "skipped", "retry"]),
        ),
        st.tuples(st.just("cancel"), st.none(), st.none()),
        st.tuples(st.just("resend"), st.none(), st.none()),
    ),
    max_size=25,
)


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=STEPS)
async def test_the_ledger_is_as_the_rows_of_a_dict(
    store: Store, steps: list[tuple[Any, Any, Any]]
) -> None:
    """Held against the simplest ledger there is: a dict of rows and the domain's transitions."""
    ledger, expected = store.ledger, dict[str, Delivery]()
    await ledger.drop(KEY)
    for step in steps:
        match step:
            case "freeze", first, number:
                given_ = [
                    pending(f"r{n}", due_at=NOW + (n % 3) * SECOND)
                    for n in range(first, first + number)
                ]
                new = {row.recipient_id: row for row in given_ if row.recipient_id not in expected}
                assert await ledger.freeze(KEY, given_) == len(new)
                expected |= new
            case "claim", limit, seconds:
                now = NOW + seconds * SECOND
                due = [row for row in expected.values() if rows_of.is_due(row, now)]
                claimed = await ledger.claim(KEY, CLAIM, now=now, limit=limit)
                assert len(claimed) == min(limit, len(due))
                for row in claimed:
                    assert row == rows_of.claimed(expected[row.recipient_id], CLAIM)
                    assert rows_of.is_due(expected[row.recipient_id], now)
                    expected[row.recipient_id] = row
            case "settle", number, result:
                open_ = [row for row in expected.values() if row.status is DeliveryStatus.CLAIMED]
                changed = [
                    msgspec.structs.replace(rows_of.released(row), attempts=row.attempts + 1)
                    if result == "retry"
                    else ended(row, DeliveryStatus(result))
                    for row in open_[:number]
                ]
                await ledger.settle(KEY, changed)
                expected |= {row.recipient_id: row for row in changed}
            case "cancel", _, _:
                changed = [
                    rows_of.cancelled(row, LATER)
                    for row in expected.values()
                    if row.status is DeliveryStatus.PENDING
                ]
                assert await ledger.cancel(KEY, LATER) == len(changed)
                expected |= {row.recipient_id: row for row in changed}
            case "resend", _, _:
                changed = [
                    rows_of.resent(row, NOW)
                    for row in expected.values()
                    if row.status is DeliveryStatus.IN_DOUBT
                ]
                assert await ledger.resend_in_doubt(KEY, NOW) == len(changed)
                expected |= {row.recipient_id: row for row in changed}
        assert await ledger.counts(KEY) == count(expected.values())
        assert await ledger.next_due(KEY) == min(
            (row.due_at for row in expected.values() if row.status is DeliveryStatus.PENDING),
            default=None,
        )
    kept = {row.recipient_id: row for row in await every_row(ledger)}
    assert kept == expected
    for result in Result:
        page = await ledger.page(KEY, result, offset=0, limit=100)
        frozen_order = [
            recipient_id for recipient_id in expected if recipient_id in set(ids(page.items))
        ]
        assert ids(page.items) == frozen_order


@pytest.mark.parametrize("size", [1, 999, 1_000, 1_001, 2_000])
async def test_counts_are_those_of_the_rows_at_any_size(store: Store, size: int) -> None:
    await store.ledger.freeze(KEY, many(size))
    claimed = await store.ledger.claim(KEY, CLAIM, now=NOW, limit=size // 2)
    await store.ledger.settle(KEY, [ended(row) for row in claimed])
    assert await store.ledger.counts(KEY) == count(await every_row(store.ledger))
    assert (await store.ledger.counts(KEY)).recipients == size


async def test_a_delivery_is_found_by_its_recipient(store: Store) -> None:
    await store.ledger.freeze(KEY, many(600))
    [claimed] = await store.ledger.claim(KEY, CLAIM, now=NOW, limit=1)
    await store.ledger.settle(KEY, [ended(claimed)])
    assert await store.ledger.find(KEY, claimed.recipient_id) == ended(claimed)
    assert await store.ledger.find(KEY, many(600)[-1].recipient_id) == many(600)[-1]
    assert await store.ledger.find(KEY, "29:nobody") is None
    assert await store.ledger.find(CampaignKey(OTHER_TENANT, "x"), "29:nobody") is None


async def test_it_is_also_found_when_everything_has_ended_and_more_came_since(store: Store) -> None:
    await store.ledger.freeze(KEY, many(400))
    claimed = await store.ledger.claim(KEY, CLAIM, now=NOW, limit=400)
    await store.ledger.settle(KEY, [ended(row) for row in claimed])
    assert await store.ledger.find(KEY, many(400)[399].recipient_id) is not None
    await store.ledger.freeze(KEY, many(401))
    assert await store.ledger.find(KEY, many(401)[400].recipient_id) == many(401)[400]


async def test_rows_are_all_deliveries_once_each(store: Store) -> None:
    await store.ledger.freeze(KEY, many(1_200))
    claimed = await store.ledger.claim(KEY, CLAIM, now=NOW, limit=30)
    await store.ledger.settle(KEY, [ended(row) for row in claimed[:20]])
    chunks = [chunk async for chunk in store.ledger.rows(KEY)]
    rows = [row for chunk in chunks for row in chunk]
    assert sorted(ids(rows)) == ids(many(1_200))
    assert [row for row in rows if row.attempts] == [ended(row) for row in claimed[:20]]
    assert [chunk async for chunk in store.ledger.rows(CampaignKey(OTHER_TENANT, "x"))] == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("adele", ["a"]),
        ("ADELE VANCE", ["a"]),
        ("@example.COM", ["a", "z"]),
        ("ÉLAN", ["z"]),
        ("%", []),
        ("", ["a", "z", "n"]),
    ],
)
async def test_people_are_searched_by_name_and_address(
    store: Store, text: str, matching: list[str]
) -> None:
    await store.ledger.freeze(
        KEY,
        [
            pending("a", name="Adele Vance", email="avance@example.com"),
            pending("z", name="Zoé Élan", email="zoe@example.com"),
            pending("n", name="Nobody"),
            pending("t", name="Adele Tried", attempts=1),
        ],
    )
    page = await store.ledger.search(KEY, Result.ONGOING, text, offset=0, limit=9)
    assert (ids(page.items), page.total) == (matching, len(matching))
    page = await store.ledger.search(KEY, Result.ONGOING, text, offset=1, limit=1)
    assert (ids(page.items), page.total) == (matching[1:2], len(matching))


async def test_a_search_over_many_is_paged(store: Store) -> None:
    rows = [pending(f"{n:04d}", name=f"Person {n % 2}") for n in range(1_100)]
    await store.ledger.freeze(KEY, rows)
    page = await store.ledger.search(KEY, Result.ONGOING, "person 1", offset=540, limit=20)
    assert (ids(page.items), page.total) == ([f"{n:04d}" for n in range(1081, 1100, 2)], 550)


async def test_the_timeline_says_how_many_were_sent_when(store: Store) -> None:
    await store.ledger.freeze(KEY, many(400))
    claimed = await store.ledger.claim(KEY, CLAIM, now=NOW, limit=300)
    rows = [
        msgspec.structs.replace(ended(row), settled_at=NOW + number * SECOND / 10)
        for number, row in enumerate(claimed[:250])
    ]
    failed = [ended(row, DeliveryStatus.FAILED) for row in claimed[250:]]
    await store.ledger.settle(KEY, [*rows, *failed])
    assert await store.ledger.timeline(KEY, 10 * SECOND) == {
        NOW: 100,
        NOW + 10 * SECOND: 100,
        NOW + 20 * SECOND: 50,
    }
    assert await store.ledger.timeline(KEY, 3600 * SECOND) == {NOW.replace(minute=0): 250}
    assert await store.ledger.timeline(CampaignKey(OTHER_TENANT, "x"), SECOND) == {}


async def test_deliveries_are_found_by_their_recipients_with_the_message_they_are_about(
    store: Store,
) -> None:
    rows = [pending(f"{n:04d}", target_id=f"message {n}") for n in range(1_100)]
    await store.ledger.freeze(KEY, rows)
    found = await store.ledger.get_many(KEY, ["0007", "1042", "nobody"])
    assert found == {"0007": rows[7], "1042": rows[1042]}
    claimed = await store.ledger.claim(KEY, CLAIM, now=NOW, limit=8)
    await store.ledger.settle(KEY, [ended(row) for row in claimed])
    [settled] = (await store.ledger.get_many(KEY, ["0007"])).values()
    assert (settled.target_id, settled.status) == ("message 7", DeliveryStatus.SENT)
    assert await store.ledger.get_many(CampaignKey(OTHER_TENANT, "x"), ["0007"]) == {}
    assert await store.ledger.get_many(KEY, []) == {}
