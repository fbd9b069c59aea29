"""Several processes with one PostgreSQL database: who sends for whom, and who hears of what."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import asyncpg
import msgspec
import pytest

from campaigns.campaign import CampaignKey, Status
from campaigns.user import User
from storage.base import Standing
from storage.errors import Unavailable
from storage.postgres.connection.rules import ConnectionRules
from storage.postgres.store import PostgresStore
from tests.support.examples import (
    CLAIM,
    KEY,
    NOW,
    TENANT,
    campaign,
    changed,
    many,
    started,
    user,
)
from tests.support.stores.postgresql import Cable

LONG = 60.0
SHORT = 0.2
"""Seconds that a lease lasts; :func:`lapse` waits for the end of a short one."""


async def beat(store: PostgresStore, owner: str, *wanted: str, seconds: float = LONG) -> Standing:
    return await store.leases.beat(owner, seconds=seconds, wanted=wanted, now=datetime.now(UTC))


def only(*tenants: str) -> frozenset[str]:
    return frozenset(tenants)


async def lapse() -> None:
    await asyncio.sleep(SHORT + 0.05)


# Leases


async def test_a_tenant_is_held_by_one_until_its_lease_has_lapsed(store: PostgresStore) -> None:
    first = await beat(store, "one", TENANT, seconds=SHORT)
    assert first.tenants == only(TENANT)
    assert (await beat(store, "two", TENANT)).tenants == frozenset()
    await lapse()
    assert (await beat(store, "two", TENANT)).tenants == only(TENANT)
    # The former owner comes back, and finds it taken.
    assert (await beat(store, "one", TENANT)).tenants == frozenset()


async def test_a_lapsed_lease_that_nobody_took_goes_on(store: PostgresStore) -> None:
    await beat(store, "one", TENANT, seconds=SHORT)
    await lapse()
    assert (await beat(store, "one", TENANT)).tenants == only(TENANT)


async def test_many_who_beat_at_once_share_the_tenants(store: PostgresStore) -> None:
    tenants = [f"t{number:02d}" for number in range(20)]
    for _ in range(3):
        standings = await asyncio.gather(
            *(beat(store, owner, *tenants) for owner in ("one", "two", "three"))
        )
        held = [tenant for standing in standings for tenant in standing.tenants or ()]
        assert len(held) == len(set(held)) <= 20
        for owner, standing in zip(("one", "two", "three"), standings, strict=True):
            mine = sorted(standing.tenants or ())
            await store.leases.release(owner, mine[: standing.surplus])
    standings = [await beat(store, owner) for owner in ("one", "two", "three")]
    assert sorted(len(standing.tenants or ()) for standing in standings) == [6, 7, 7]


async def test_a_process_that_died_while_the_databases_clock_was_ahead_is_followed_soon(
    url: str, store: PostgresStore
) -> None:
    await beat(store, "dead", TENANT)
    connection = await asyncpg.connect(url)
    await connection.execute(
        "UPDATE replicas SET until = until + interval '1 day', "
        "beaten_at = beaten_at + interval '1 day', joined_at = joined_at + interval '1 day'"
    )
    await connection.close()
    assert (await beat(store, "two", TENANT, seconds=SHORT)).tenants == frozenset()
    await lapse()
    assert (await beat(store, "two", TENANT)).tenants == only(TENANT)


async def test_tenants_are_busy_while_their_campaigns_go_on_and_shortly_after_a_start(
    store: PostgresStore,
) -> None:
    assert (await beat(store, "one", TENANT, "another")).busy == frozenset()
    now = datetime.now(UTC)
    draft = await store.campaigns.add(campaign("c", at=now))
    assert (await beat(store, "one")).busy == frozenset()
    sending = await store.campaigns.save(
        changed(draft, status=Status.SENDING, started_at=now - timedelta(hours=1))
    )
    assert (await beat(store, "one")).busy == only(TENANT)
    ended = await store.campaigns.save(changed(sending, status=Status.COMPLETED, ended_at=now))
    assert (await beat(store, "one")).busy == frozenset()
    # The shortest campaign is not overlooked between two beats.
    await store.campaigns.save(changed(ended, started_at=now))
    assert (await beat(store, "two")).busy == only(TENANT)


async def test_who_leaves_is_followed_at_once(store: PostgresStore) -> None:
    await beat(store, "one", TENANT)
    await beat(store, "two")
    await store.leases.leave("one")
    after = await beat(store, "two")
    assert (after.tenants, after.others) == (only(TENANT), 0)


async def test_who_is_lost_is_counted_for_a_while(store: PostgresStore) -> None:
    await beat(store, "one", seconds=SHORT)
    await beat(store, "two")
    await lapse()
    assert (await beat(store, "two")).others == 1


async def test_a_newcomer_is_known_when_all_the_others_have_beaten_since(
    store: PostgresStore,
) -> None:
    assert (await beat(store, "one")).known
    await beat(store, "two")
    assert not (await beat(store, "three")).known
    await beat(store, "one")
    assert not (await beat(store, "three")).known
    await beat(store, "two")
    assert (await beat(store, "three")).known


async def test_tenants_with_users_or_campaigns_are_known_to_the_first_who_comes(
    store: PostgresStore,
) -> None:
    await store.users.put(user("a", "of users"))
    await store.users.put(user("b", "of more users"))
    await store.campaigns.add(campaign("c", "sending", status=Status.SENDING, started_at=NOW))
    await store.campaigns.add(campaign("c", "drafting"))
    assert (await beat(store, "one")).tenants == only("of users", "of more users", "sending")


@pytest.mark.parametrize("minutes", [-7, 0, 7])
async def test_how_wrong_ones_own_clock_is_is_told(store: PostgresStore, minutes: int) -> None:
    wrong = datetime.now(UTC) + timedelta(minutes=minutes)
    standing = await store.leases.beat("one", seconds=LONG, wanted=(), now=wrong)
    assert abs(standing.ahead + timedelta(minutes=minutes)) < timedelta(seconds=5)


async def test_who_has_lost_the_lease_takes_over_no_claims(store: PostgresStore) -> None:
    await store.ledger.freeze(KEY, many(3))
    await beat(store, "one", TENANT, seconds=SHORT)
    await lapse()
    await beat(store, "two", TENANT)
    own = msgspec.structs.replace(CLAIM, owner="two")
    claimed = await store.ledger.claim(KEY, own, now=NOW, limit=2)
    assert list(await store.ledger.abandoned(KEY, NOW, holder="one")) == []
    assert list(await store.ledger.abandoned(KEY, NOW, holder="two")) == []
    await beat(store, "three")
    await store.leases.leave("two")
    await beat(store, "three")
    assert set(await store.ledger.abandoned(KEY, NOW, holder="three")) == set(claimed)


async def test_a_beat_that_is_not_answered_is_given_up_soon(url: str, wire: Cable) -> None:
    store = PostgresStore(wire.url)
    await store.open()
    wire.hush()
    with pytest.raises(Unavailable):
        await beat(store, "one")
    wire.mend()
    assert (await beat(store, "one", TENANT)).tenants == only(TENANT)
    await store.close()


# Changes


async def test_a_change_is_heard_within_a_second(url: str, store: PostgresStore) -> None:
    other = PostgresStore(url)
    await other.open()
    heard = store.campaigns.changes()
    assert await anext(heard) is None
    sending = await other.campaigns.add(started("c", Status.SENDING, at=NOW))
    await other.campaigns.add(campaign("draft"))
    assert await next_key(heard) == sending.key
    await other.campaigns.save(msgspec.structs.replace(sending, status=Status.PAUSED))
    assert await next_key(heard) == sending.key
    await heard.aclose()  # type: ignore[attr-defined]  # an AsyncIterator that is a generator
    await other.close()


async def test_who_can_not_hear_is_told_to_look_each_second(url: str, wire: Cable) -> None:
    store = PostgresStore(wire.url, ConnectionRules(connect=1.0))
    await store.open()
    heard = store.campaigns.changes()
    assert await anext(heard) is None
    wire.cut()
    for _ in range(3):
        async with asyncio.timeout(2.5):
            assert await anext(heard) is None
    wire.mend()
    direct = PostgresStore(url)
    await direct.open()
    async with asyncio.timeout(5.0):
        await asyncio.gather(
            _save_often(direct), _until_heard(heard, started("c9", Status.SENDING, at=NOW).key)
        )
    await heard.aclose()  # type: ignore[attr-defined]
    await direct.close()
    await store.close()


async def _save_often(store: PostgresStore) -> None:
    for number in range(10):
        await store.campaigns.add(started(f"c{number}", Status.SENDING, at=NOW))
        await asyncio.sleep(0.3)


async def _until_heard(heard: AsyncIterator[CampaignKey | None], key: CampaignKey) -> None:
    while await anext(heard) != key:
        pass


async def next_key(heard: AsyncIterator[CampaignKey | None]) -> CampaignKey:
    """The next key that is not None, within a second."""
    async with asyncio.timeout(1.0):
        while (key := await anext(heard)) is None:
            pass
    return key


# The inbox


async def test_a_turn_is_one_process_and_the_others_give_its_answer(store: PostgresStore) -> None:
    for owner in ("one", "two"):
        await beat(store, owner)
    assert await store.inbox.begin("turn", "one") is None
    waiting = asyncio.create_task(store.inbox.begin("turn", "two"))
    await asyncio.sleep(0.3)
    assert not waiting.done()
    await store.inbox.answered("turn", "one", b"the answer")
    assert await waiting == b"the answer"
    assert await store.inbox.begin("turn", "two") == b"the answer"


async def test_the_turn_of_a_process_that_failed_or_is_gone_is_begun_anew(
    store: PostgresStore,
) -> None:
    await beat(store, "one", seconds=SHORT)
    await beat(store, "two")
    assert await store.inbox.begin("failed", "one") is None
    assert await store.inbox.begin("gone", "one") is None
    await store.inbox.failed("failed", "one")
    assert await store.inbox.begin("failed", "two") is None
    await lapse()
    assert await store.inbox.begin("gone", "two") is None


async def test_what_is_old_is_forgotten(url: str, store: PostgresStore) -> None:
    await beat(store, "one")
    for key in ("old", "new"):
        await store.inbox.begin(key, "one")
        await store.inbox.answered(key, "one", b"")
    connection = await asyncpg.connect(url)
    await connection.execute(
        "UPDATE inbox SET begun_at = now() - interval '1 hour' WHERE key='old'"
    )
    await beat(store, "one")
    assert await connection.fetchval("SELECT array_agg(key) FROM inbox") == ["new"]
    await connection.close()


# Users


async def test_processes_that_change_one_user_undo_nothing_of_each_other(
    url: str, store: PostgresStore
) -> None:
    other = PostgresStore(url)
    await other.open()

    def longer(known: User | None) -> User:
        known = known or user("a")
        return msgspec.structs.replace(known, locale=known.locale + "x")

    await asyncio.gather(*(each.users.change(TENANT, "a", longer) for each in (store, other) * 15))
    kept = await store.users.get(TENANT, "a")
    assert kept is not None
    assert kept.locale == "x" * 30
    await other.close()
