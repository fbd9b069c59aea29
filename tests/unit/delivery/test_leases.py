"""Which tenants a process sends for, and at what rate, as far as it knows itself."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from datetime import datetime, timedelta

import pytest

from delivery.leases import STANDARD, TenantLeases
from delivery.pacing.pacer import Pacer
from delivery.shares import WINDOW, reserve
from storage.base import Standing
from storage.errors import Unavailable
from tests.support.virtual_time import VirtualTime, run

RATE = 50.0
MINE = frozenset({"t"})


class FakeLeases:
    """Answers as scripted, and notes what is given up and left."""

    def __init__(self) -> None:
        self.standing = Standing(tenants=MINE)
        self.fails = False
        self.takes = 0.0
        """Seconds until the answer."""
        self.beats = 0
        self.released: list[str] = []
        self.left = False

    async def beat(
        self, owner: str, *, seconds: float, wanted: Collection[str], now: datetime
    ) -> Standing:
        self.beats += 1
        await asyncio.sleep(self.takes)
        if self.fails:
            raise Unavailable("cut off")
        return self.standing

    async def release(self, owner: str, tenant_ids: Collection[str]) -> None:
        self.released += tenant_ids

    async def leave(self, owner: str) -> None:
        self.left = True


class Engine:
    """Works under the leases, and notes what it is told."""

    def __init__(self) -> None:
        self.busy = True
        self.reviews = 0
        self.let_gone: list[str] = []

    def review_soon(self) -> None:
        self.reviews += 1

    def is_busy(self, tenant_id: str) -> bool:
        return self.busy

    def let_go(self, tenant_id: str) -> None:
        self.let_gone.append(tenant_id)


def keeper(leases: FakeLeases, time: VirtualTime) -> TenantLeases:
    return TenantLeases(leases, time, RATE)


async def settled_in(leases: FakeLeases, time: VirtualTime) -> TenantLeases:
    """The leases of a process that has joined, when what it was given counts."""
    held = keeper(leases, time)
    await held.join()
    await time.sleep(WINDOW)
    return held


def test_a_lease_is_let_go_before_others_may_take_it() -> None:
    async def story(time: VirtualTime) -> None:
        leases = FakeLeases()
        leases.takes = 1.5
        held = keeper(leases, time)
        began = time.monotonic()
        await held.join()
        assert held.holds("t")
        assert not held.holds("another")
        # From when it was asked for, not from when the answer came.
        await time.sleep(began + STANDARD.lease - STANDARD.margin - time.monotonic() - 0.01)
        assert held.holds("t")
        await time.sleep(0.02)
        assert not held.holds("t")

    run(story)


def test_beats_that_are_lost_cost_nothing_while_one_in_time_gets_through() -> None:
    async def story(time: VirtualTime) -> None:
        leases, engine = FakeLeases(), Engine()
        held = await settled_in(leases, time)
        beating = asyncio.create_task(held.run(engine))
        for _ in range(10):
            leases.fails = not leases.fails
            for _ in range(20):
                assert held.holds("t")
                await time.sleep(0.2)
        leases.fails = True
        await time.sleep(STANDARD.lease)
        assert not held.holds("t")
        leases.fails = False
        await time.sleep(2 * STANDARD.beat)
        assert held.holds("t")
        assert engine.reviews >= leases.beats - 3
        beating.cancel()

    run(story)


def test_the_others_share_of_the_rate_is_left_to_them() -> None:
    async def story(time: VirtualTime) -> None:
        leases = FakeLeases()
        leases.standing = Standing(tenants=MINE, others=2)
        held = await settled_in(leases, time)
        assert held.share("t") == RATE - 2 * reserve(RATE) == 46.0
        assert held.share("another") == reserve(RATE) == 2.0

    run(story)


def test_a_rate_is_taken_over_only_when_the_former_holders_calls_do_not_count_any_more() -> None:
    async def story(time: VirtualTime) -> None:
        leases, engine = FakeLeases(), Engine()
        leases.standing = Standing(tenants=frozenset(), others=1)
        held = await settled_in(leases, time)
        beating = asyncio.create_task(held.run(engine))
        leases.standing = Standing(tenants=MINE, others=1)
        while not held.holds("t"):
            await time.sleep(0.05)
        assert held.share("t") == 2.0
        await time.sleep(WINDOW)
        assert held.share("t") == 48.0
        # One leaves: it may have made its last call just now.
        leases.standing = Standing(tenants=MINE, others=0)
        await time.sleep(STANDARD.beat - 0.5)
        assert held.share("t") == 48.0
        await time.sleep(2 * STANDARD.beat)
        assert held.share("t") == 50.0
        beating.cancel()

    run(story)


def test_who_is_not_known_to_the_others_makes_no_calls_yet() -> None:
    async def story(time: VirtualTime) -> None:
        leases, engine = FakeLeases(), Engine()
        leases.standing = Standing(tenants=frozenset(), others=1, known=False)
        held = await settled_in(leases, time)
        pacer = Pacer(time, RATE, share=held.share, monotonic=time.monotonic)
        beating = asyncio.create_task(held.run(engine))
        waiting = asyncio.create_task(pacer.depart("t", urgent=True))
        await time.sleep(5.0)
        assert not held.has_settled_in
        assert not waiting.done()
        leases.standing = Standing(tenants=frozenset(), others=1)
        await time.sleep(STANDARD.beat + WINDOW + 0.5)
        assert held.has_settled_in
        assert waiting.done()
        beating.cancel()

    run(story)


def test_tenants_beyond_ones_share_are_given_up_when_nothing_is_in_flight() -> None:
    async def story(time: VirtualTime) -> None:
        leases, engine = FakeLeases(), Engine()
        leases.standing = Standing(tenants=frozenset({"t", "u", "v"}), others=1, surplus=1)
        held = await settled_in(leases, time)
        beating = asyncio.create_task(held.run(engine))
        await time.sleep(STANDARD.beat + 0.5)
        assert engine.let_gone == ["t"]
        assert not held.holds("t")
        assert held.holds("u")
        assert leases.released == []
        engine.busy = False
        await time.sleep(1.0)
        assert leases.released == ["t"]
        beating.cancel()

    run(story)


def test_the_time_is_the_stores() -> None:
    async def story(time: VirtualTime) -> None:
        leases = FakeLeases()
        leases.standing = Standing(tenants=MINE, ahead=timedelta(minutes=-7))
        held = keeper(leases, time)
        await held.join()
        assert held.clock.now() == time.now() - timedelta(minutes=7)

    run(story)


@pytest.mark.parametrize("takes", [0.0, 1.5, 2.9])
def test_a_step_of_the_databases_clock_is_noticed_however_long_its_answers_take(
    takes: float,
) -> None:
    async def story(time: VirtualTime) -> None:
        fake = FakeLeases()
        fake.takes = takes
        leases = keeper(fake, time)
        await leases.join()
        running = asyncio.create_task(leases.run(Engine()))
        await time.sleep(60)
        fake.standing = Standing(tenants=MINE, ahead=timedelta(days=-1))
        await time.sleep(60)
        assert leases.clock.steps == 1
        assert leases.clock.now() - time.now() < timedelta(hours=-23)
        running.cancel()

    run(story)


def test_whoever_is_alone_for_good_beats_once_and_has_all() -> None:
    async def story(time: VirtualTime) -> None:
        leases, engine = FakeLeases(), Engine()
        leases.standing = Standing(tenants=None)
        held = keeper(leases, time)
        await held.join()
        await held.run(engine)
        assert leases.beats == 1
        await time.sleep(1_000_000.0)
        assert held.holds("any")
        assert held.share("any") == RATE
        assert held.has_settled_in

    run(story)


@pytest.mark.parametrize(
    ("rate", "left"), [(50.0, 2.0), (100.0, 4.0), (10.0, 1.0), (4.0, 1.0), (1.0, 0.25)]
)
def test_what_is_left_to_each_other(rate: float, left: float) -> None:
    assert reserve(rate) == left
