"""Several processes with the same database."""

from __future__ import annotations

import asyncio

import asyncpg

from campaigns.campaign import CampaignKey
from campaigns.delivery import Claim, DeliveryStatus
from campaigns.ledger import ledger as rows_of
from campaigns.report import Counts, Result
from storage.postgres.store import PostgresStore
from tests.support.examples import (
    CLAIM,
    KEY,
    NOW,
    SECOND,
    TENANT,
    campaign,
    ended,
    ids,
    many,
    pending,
)

LAPSED = CLAIM.until + SECOND


async def test_a_claim_of_another_process_is_not_abandoned_before_its_time(
    store: PostgresStore, other: PostgresStore
) -> None:
    await store.ledger.freeze(KEY, many(3))
    claimed = await store.ledger.claim(KEY, CLAIM, now=NOW, limit=3)
    assert list(await other.ledger.abandoned(KEY, CLAIM.until - SECOND)) == []
    taken_over = await other.ledger.abandoned(KEY, LAPSED)
    assert sorted(ids(taken_over)) == sorted(ids(claimed))
    # It is another claim now.
    assert {row.claims for row in taken_over} == {2}


async def test_who_comes_back_after_others_took_over_settles_nothing(
    store: PostgresStore, other: PostgresStore
) -> None:
    await store.ledger.freeze(KEY, many(2))
    claimed = await store.ledger.claim(KEY, CLAIM, now=NOW, limit=2)
    abandoned = await other.ledger.abandoned(KEY, LAPSED)
    await store.ledger.settle(KEY, [ended(row) for row in claimed])
    assert await store.ledger.counts(KEY) == Counts(ongoing=2)
    await other.ledger.settle(KEY, [ended(row, DeliveryStatus.IN_DOUBT) for row in abandoned])
    await store.ledger.settle(KEY, [ended(row) for row in claimed])
    assert await store.ledger.counts(KEY) == Counts(in_doubt=2)


async def test_what_is_taken_over_can_be_asked_for_again(
    store: PostgresStore, other: PostgresStore
) -> None:
    await store.ledger.freeze(KEY, many(2))
    await store.ledger.claim(KEY, CLAIM, now=NOW, limit=2)
    first = await other.ledger.abandoned(KEY, LAPSED)
    again = await other.ledger.abandoned(KEY, LAPSED)
    assert set(first) == set(again)
    await other.ledger.settle(KEY, [ended(row, DeliveryStatus.IN_DOUBT) for row in again])
    assert await store.ledger.counts(KEY) == Counts(in_doubt=2)


async def test_what_was_claimed_and_not_sent_can_be_given_back(store: PostgresStore) -> None:
    await store.ledger.freeze(KEY, [pending("a")])
    for _ in range(3):
        [row] = await store.ledger.claim(KEY, CLAIM, now=NOW, limit=1)
        await store.ledger.settle(KEY, [rows_of.released(row)])
    assert await store.ledger.counts(KEY) == Counts(ongoing=1)
    assert await store.ledger.next_due(KEY) == NOW


async def test_processes_that_claim_at_once_never_get_the_same_delivery(
    store: PostgresStore, other: PostgresStore
) -> None:
    await store.ledger.freeze(KEY, many(1_000))

    async def send(sender: PostgresStore, owner: str) -> list[str]:
        sent: list[str] = []
        while got := await sender.ledger.claim(KEY, Claim(owner, LAPSED), now=NOW, limit=30):
            sent += ids(got)
            await sender.ledger.settle(KEY, [ended(row) for row in got])
        return sent

    lanes = [(store, "one"), (store, "one"), (other, "two"), (other, "two")]
    sent = await asyncio.gather(*(send(*lane) for lane in lanes))
    assert sorted(recipient_id for lane in sent for recipient_id in lane) == sorted(
        ids(many(1_000))
    )
    assert await store.ledger.counts(KEY) == Counts(success=1_000)


async def test_processes_that_start_at_once_set_up_one_schema(url: str) -> None:
    stores = [PostgresStore(url) for _ in range(3)]
    await asyncio.gather(*(store.open() for store in stores))
    await stores[0].campaigns.add(campaign("c"))
    assert await stores[2].campaigns.get(campaign("c").key) is not None
    await asyncio.gather(*(store.close() for store in stores))


async def test_campaigns_of_many_partitions_are_apart(store: PostgresStore) -> None:
    keys = [CampaignKey(TENANT, f"c{number}") for number in range(130)]
    for number, key in enumerate(keys):
        await store.ledger.freeze(key, many(1 + number % 3))
    assert [(await store.ledger.counts(key)).ongoing for key in keys] == [
        1 + number % 3 for number in range(130)
    ]
    await store.ledger.drop(keys[0])
    assert (await store.ledger.page(keys[1], Result.ONGOING, offset=0, limit=9)).total == 2


async def test_campaigns_that_start_at_once_are_all_frozen(
    store: PostgresStore, other: PostgresStore
) -> None:
    keys = [CampaignKey(TENANT, f"c{number}") for number in range(20)]
    added = await asyncio.gather(
        *((store, other)[number % 2].ledger.freeze(key, many(5)) for number, key in enumerate(keys))
    )
    assert added == [5] * 20


async def test_what_a_broken_off_drop_left_goes_with_the_next(
    url: str, store: PostgresStore
) -> None:
    await store.ledger.freeze(KEY, many(5))
    connection = await asyncpg.connect(url)
    await connection.execute("INSERT INTO dropped_ledgers SELECT id FROM ledgers")
    await connection.execute("DELETE FROM ledgers")
    await store.ledger.drop(CampaignKey(TENANT, "another"))
    async with asyncio.timeout(10):
        while await connection.fetchval("SELECT count(*) FROM dropped_ledgers, pg_sleep(0.02)"):
            pass
    assert await connection.fetchval("SELECT count(*) FROM deliveries") == 0
    await connection.close()


async def test_what_an_ended_process_left_of_a_deletion_goes_at_the_next_start(url: str) -> None:
    first = PostgresStore(url)
    await first.open()
    await first.ledger.freeze(KEY, many(5))
    connection = await asyncpg.connect(url)
    await connection.execute("INSERT INTO dropped_ledgers SELECT id FROM ledgers")
    await connection.execute("DELETE FROM ledgers")
    await first.close()
    second = PostgresStore(url)
    await second.open()
    async with asyncio.timeout(10):
        while await connection.fetchval("SELECT count(*) FROM dropped_ledgers, pg_sleep(0.02)"):
            pass
    assert await connection.fetchval("SELECT count(*) FROM deliveries") == 0
    await connection.close()
    await second.close()
