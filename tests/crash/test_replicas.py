"""Whatever becomes of one replica, the others go on: nobody gets it twice, nobody is forgotten, and
together they are never faster than one may be.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from campaigns.campaign import CampaignKey, InDoubtPolicy
from campaigns.delivery import DeliveryStatus
from storage.embedded.store import EmbeddedStore
from storage.postgres.store import PostgresStore
from tests.crash.test_crash import arrived, messages, require_truth, slow_answers
from tests.fake_teams import FakeTeams
from tests.support.chats.cards import recipients
from tests.support.chats.chat import Bot, Person
from tests.support.processes.bot_process import TENANT
from tests.support.processes.replicas import Replica, begin, busiest, read, three
from tests.support.stores.postgresql import empty_database

RATE = 50
"""Calls per second, all replicas together."""

TAKEN_OVER_WITHIN = 30.0

LATE = 10
"""Calls that a process which stands still for a moment has permitted and not made: as many as are
under way at once here.
"""


@pytest.fixture
async def fake() -> AsyncIterator[FakeTeams]:
    async with FakeTeams() as fake:
        yield fake


@pytest.fixture
async def url(postgresql: str) -> AsyncIterator[str]:
    async with empty_database(postgresql) as url:
        yield url


@pytest.fixture
async def store(url: str) -> AsyncIterator[PostgresStore]:
    """The test's own."""
    store = PostgresStore(url)
    await store.open()
    yield store
    await store.close()


@pytest.fixture
async def replicas(url: str, tmp_path: Path) -> AsyncIterator[list[Replica]]:
    async with three(url, tmp_path) as replicas:
        yield replicas


async def start(replicas: list[Replica]) -> None:
    for replica in replicas:
        await replica.start()
    for replica in replicas:
        await replica.answers()


async def until(met: Callable[[], bool], replicas: list[Replica], within: float = 60.0) -> None:
    deadline = time.monotonic() + within
    while not met():
        logs = "\n".join(f"--- {n}\n{replica.log}" for n, replica in enumerate(replicas))
        assert time.monotonic() < deadline, logs
        await asyncio.sleep(0.01)


async def the_end(
    store: PostgresStore, key: CampaignKey, replicas: list[Replica], within: float = 90.0
) -> None:
    deadline = time.monotonic() + within
    while (campaign := await store.campaigns.get(key)) is None or campaign.run.ended_at is None:
        logs = "\n".join(f"--- {n}\n{replica.log}" for n, replica in enumerate(replicas))
        assert time.monotonic() < deadline, logs
        await asyncio.sleep(0.1)


def holder(replicas: list[Replica]) -> Replica:
    [holding] = [replica for replica in replicas if replica.lives and replica.holds]
    return holding


@pytest.mark.parametrize(
    "seed", [20261124, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(1, 11))]
)
@pytest.mark.timeout(300)
async def test_sigkill_of_any_replica_doubles_nothing_and_loses_nothing(
    fake: FakeTeams, store: PostgresStore, replicas: list[Replica], seed: int
) -> None:
    dice = random.Random(seed)
    people = fake.add_users(500, tenant=TENANT)
    slow_answers(fake, people)
    await start(replicas)
    key = await begin(store, fake, people)
    await until(arrived(fake, 1), replicas)
    interrupted: set[str] = set()
    for _ in range(3):
        await until(arrived(fake, messages(fake) + dice.randint(5, 40)), replicas)
        victim = holder(replicas) if dice.random() < 0.7 else dice.choice(replicas)
        await victim.kill()
        killed_at, before = time.monotonic(), messages(fake)
        left = await read(store, key)
        interrupted |= left.having(DeliveryStatus.CLAIMED)
        await until(arrived(fake, before + 60), replicas, TAKEN_OVER_WITHIN)
        assert time.monotonic() - killed_at < TAKEN_OVER_WITHIN
        await victim.start()
    await the_end(store, key, replicas)
    ledger = await read(store, key)
    require_truth(fake, people, ledger)
    assert ledger.having(DeliveryStatus.IN_DOUBT) <= interrupted
    assert busiest(fake) <= RATE


@pytest.mark.timeout(300)
async def test_a_frozen_replica_that_comes_back_sends_nothing(
    fake: FakeTeams, store: PostgresStore, replicas: list[Replica]
) -> None:
    people = fake.add_users(300, tenant=TENANT)
    slow_answers(fake, people)
    await start(replicas)
    key = await begin(store, fake, people)
    await until(arrived(fake, 40), replicas)
    frozen = holder(replicas)
    frozen.freeze()
    await the_end(store, key, replicas)
    before = messages(fake)
    frozen.thaw()
    await until(lambda: not frozen.holds, replicas)
    await frozen.answers()
    assert messages(fake) == before
    require_truth(fake, people, await read(store, key))
    assert busiest(fake) <= RATE


@pytest.mark.parametrize(
    "seed", [pytest.param(seed, marks=pytest.mark.slow) for seed in range(1, 11)]
)
@pytest.mark.timeout(300)
async def test_replicas_that_freeze_and_wake_at_any_time_double_nothing(
    fake: FakeTeams, store: PostgresStore, replicas: list[Replica], seed: int
) -> None:
    dice = random.Random(seed)
    people = fake.add_users(1_500, tenant=TENANT)
    slow_answers(fake, people)
    await start(replicas)
    key = await begin(store, fake, people)
    await until(arrived(fake, 1), replicas)
    for _ in range(4):
        await until(arrived(fake, messages(fake) + dice.randint(5, 60)), replicas)
        frozen = holder(replicas) if dice.random() < 0.7 else dice.choice(replicas)
        frozen.freeze()
        await asyncio.sleep(dice.uniform(1.0, 8.0))
        frozen.thaw()
        await asyncio.sleep(2.0)
    await the_end(store, key, replicas)
    require_truth(fake, people, await read(store, key))
    # What was on its way to a new connection when it froze leaves when it wakes, if it may.
    assert busiest(fake) <= RATE + LATE


@pytest.mark.parametrize("silent", [True, pytest.param(False, marks=pytest.mark.slow)])
@pytest.mark.timeout(300)
async def test_a_replica_that_is_cut_off_from_the_database_lets_go(
    fake: FakeTeams, store: PostgresStore, replicas: list[Replica], silent: bool
) -> None:
    people = fake.add_users(400, tenant=TENANT)
    slow_answers(fake, people)
    await start(replicas)
    key = await begin(store, fake, people)
    await until(arrived(fake, 40), replicas)
    lost = holder(replicas)
    if silent:
        lost.wire.hush()
    else:
        lost.wire.cut()
    cut_at, before = time.monotonic(), messages(fake)
    await until(arrived(fake, before + 100), replicas, TAKEN_OVER_WITHIN)
    assert time.monotonic() - cut_at < TAKEN_OVER_WITHIN
    assert not await lost.is_ready()
    lost.wire.mend()
    await the_end(store, key, replicas)
    await lost.answers()
    require_truth(fake, people, await read(store, key))
    assert busiest(fake) <= RATE


@pytest.mark.timeout(300)
async def test_what_is_pressed_at_any_replica_takes_effect_at_once(
    fake: FakeTeams, url: str, store: PostgresStore, replicas: list[Replica]
) -> None:
    people = fake.add_users(600, tenant=TENANT)
    await start(replicas)
    await begin(store, fake, people)
    await until(arrived(fake, 20), replicas)
    [one, other] = [replica for replica in replicas if replica is not holder(replicas)]
    admins = [
        Person(fake, Bot(replica.messages, EmbeddedStore(None), signed=False), user)
        for replica, user in zip((one, other), people, strict=False)
    ]
    for admin in admins:
        # Everybody writes, while the rate is filled.
        await admin.says("campaigns")
        await admin.presses("Sending (1)")
        await admin.presses("Open News")
    await admins[0].presses("Pause")
    await asyncio.sleep(1.0)
    held = fake.arrived().total()
    await asyncio.sleep(1.5)
    assert fake.arrived().total() == held
    await admins[1].presses("Refresh")
    await admins[1].presses("Resume")
    await until(arrived(fake, held + 20), replicas, 5.0)
    report = await admins[1].sees("Report · Completed")
    assert recipients(report) == 600
    assert busiest(fake) <= RATE


@pytest.mark.timeout(300)
async def test_a_scheduled_campaign_starts_once_though_who_should_start_it_stands_still(
    fake: FakeTeams, store: PostgresStore, replicas: list[Replica]
) -> None:
    people = fake.add_users(100, tenant=TENANT)
    await start(replicas)
    key = await begin(store, fake, people, starts_in=5.0)
    await until(lambda: any(replica.holds for replica in replicas), replicas)
    frozen = holder(replicas)
    frozen.freeze()
    assert messages(fake) == 0
    await until(arrived(fake, 20), replicas, 5.0 + TAKEN_OVER_WITHIN)
    frozen.thaw()
    await the_end(store, key, replicas)
    await until(lambda: not frozen.holds, replicas)
    await frozen.answers()
    require_truth(fake, people, await read(store, key))
    assert sum(replica.log.count(f"{key.campaign_id} starts ") for replica in replicas) == 1
    assert busiest(fake) <= RATE


@pytest.mark.timeout(300)
async def test_the_same_press_delivered_to_two_replicas_acts_once(
    fake: FakeTeams, store: PostgresStore, replicas: list[Replica]
) -> None:
    [user] = fake.add_users(1, tenant=TENANT)
    await start(replicas[:2])
    menu = fake.inbound.said(user, "menu")
    await asyncio.gather(
        *(fake.deliver(replica.messages, menu, signed=False) for replica in replicas[:2])
    )
    await fake.deliver(replicas[1].messages, menu, signed=False)
    assert messages(fake) == 1


@pytest.mark.slow
@pytest.mark.timeout(300)
async def test_what_was_under_way_is_sent_once_more_where_that_was_chosen(
    fake: FakeTeams, store: PostgresStore, replicas: list[Replica]
) -> None:
    people = fake.add_users(300, tenant=TENANT)
    slow_answers(fake, people)
    await start(replicas)
    key = await begin(store, fake, people, policy=InDoubtPolicy.RESEND)
    await until(arrived(fake, 100), replicas)
    await holder(replicas).kill()
    interrupted = (await read(store, key)).having(DeliveryStatus.CLAIMED)
    await the_end(store, key, replicas)
    ledger = await read(store, key)
    assert ledger.having(DeliveryStatus.SENT) == {user.id for user in people}
    times = fake.arrived()
    twice = {user.id for user in people if times[user.conversation_id] == 2}
    assert interrupted
    assert twice <= interrupted
    assert all(times[user.conversation_id] in (1, 2) for user in people)
    assert busiest(fake) <= RATE
