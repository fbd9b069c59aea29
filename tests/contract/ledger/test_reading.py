"""Reading the ledger, over every store."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest

from campaigns.campaign import CampaignKey
from campaigns.delivery import DeliveryStatus
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
    ("text", "matching"),
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
