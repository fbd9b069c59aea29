"""Several processes: all their calls together stay inside a tenant's rate, and little is wasted."""

from __future__ import annotations

import asyncio
import random
from bisect import bisect_left
from collections.abc import Collection
from datetime import datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from delivery.leases import STANDARD, TenantLeases
from delivery.pacing.pacer import Pacer
from delivery.shares import Reports, even_share, reserve
from storage.base import Standing
from storage.errors import Unavailable
from tests.support.virtual_time import VirtualTime, run

RATE = 50.0
TENANT = "t"
BUSY_AFTER_START = 30.0


class Database:
    """Leases as PostgreSQL keeps them, for one tenant, in virtual time."""

    def __init__(self, time: VirtualTime, dice: random.Random) -> None:
        self.time = time
        self.dice = dice
        self.joined: dict[str, float] = {}
        self.beaten: dict[str, float] = {}
        self.until: dict[str, float] = {}
        self.holder = ""
        self.going_on = 0
        self.started = -100.0
        self.cut_off: set[str] = set()
        self.slowest = 0.0

    async def beat(
        self, owner: str, *, seconds: float, wanted: Collection[str], now: datetime
    ) -> Standing:
        await self.time.sleep(self.dice.random() * self.slowest)
        if owner in self.cut_off:
            raise Unavailable("cut off")
        moment = self.time.seconds
        if self.until.get(owner, -1.0) <= moment:
            self.joined[owner] = moment
        self.beaten[owner], self.until[owner] = moment, moment + seconds
        if self.until.get(self.holder, -1.0) <= moment:
            self.holder = owner
        others = [other for other in self.until if other != owner]
        living = [other for other in others if self.until[other] > moment]
        standing = Standing(
            tenants=frozenset({TENANT} if self.holder == owner else ()),
            others=len(living) + min(3, len(others) - len(living)),
            known=all(self.beaten[other] > self.joined[owner] for other in living),
            busy=frozenset({TENANT} if self.is_busy else ()),
        )
        await self.time.sleep(self.dice.random() * self.slowest)
        if self.dice.random() < 0.1 * (self.slowest > 0):
            raise Unavailable("the answer was lost")
        return standing

    @property
    def is_busy(self) -> bool:
        return self.going_on > 0 or self.time.seconds < self.started + BUSY_AFTER_START

    async def release(self, owner: str, tenant_ids: Collection[str]) -> None:
        self.holder = ""

    async def leave(self, owner: str) -> None:
        self.until.pop(owner, None)


class Process:
    """A process that makes as many calls as it may, campaigns only while it has the lease."""

    def __init__(self, database: Database, calls: list[float]) -> None:
        self.database = database
        self.calls = calls
        self.leases = TenantLeases(database, database.time, RATE)
        clock = self.leases.clock
        self.pacer = Pacer(clock, RATE, share=self.leases.share, monotonic=database.time.monotonic)
        self.tasks: list[asyncio.Task[None]] = []

    async def begin(self) -> None:
        await self.leases.join()
        self.tasks = [
            asyncio.create_task(self.leases.run(self)),
            asyncio.create_task(self.answers_people()),
            asyncio.create_task(self.sends_campaigns()),
        ]

    async def answers_people(self) -> None:
        while True:
            await self.pacer.depart(TENANT, urgent=True)
            self.calls.append(self.database.time.seconds)

    async def sends_campaigns(self) -> None:
        while True:
            if self.database.going_on and self.leases.holds(TENANT):
                await self.pacer.depart(TENANT)
                if self.leases.holds(TENANT):
                    self.calls.append(self.database.time.seconds)
            else:
                await self.database.time.sleep(0.01)

    def end(self) -> None:
        for task in self.tasks:
            task.cancel()

    # --- the engine, as the leases see it

    def review_soon(self) -> None:
        pass

    def is_busy(self, tenant_id: str) -> bool:
        return self.database.going_on > 0

    def let_go(self, tenant_id: str) -> None:
        pass


def most_in_a_second(calls: list[float]) -> int:
    calls.sort()
    return max(
        (bisect_left(calls, call + 1.0) - place for place, call in enumerate(calls)), default=0
    )


events = st.lists(
    st.tuples(
        st.sampled_from(["start", "end", "cut off", "back", "join", "leave", "slow", "quick"]),
        st.sampled_from([0.0, 0.5, 1.9, 2.1, 3.9, 5.1, 9.0, 14.0, 31.0]),
    ),
    max_size=12,
)


@settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(events=events, seed=st.integers(0, 1_000), processes=st.integers(1, 4))
def test_all_calls_together_stay_inside_the_rate_whenever_a_campaign_starts(
    events: list[tuple[str, float]], seed: int, processes: int
) -> None:
    async def story(time: VirtualTime) -> None:
        dice = random.Random(seed)
        database = Database(time, dice)
        calls: list[float] = []
        there: list[Process] = []

        async def join() -> None:
            process = Process(database, calls)
            there.append(process)
            await process.begin()
            await time.sleep(dice.random() * 2)

        for _ in range(processes):
            await join()
        await time.sleep(20)
        for what, seconds in events:
            match what:
                case "start":
                    database.going_on, database.started = 1, time.seconds
                case "end":
                    database.going_on = 0
                case "cut off" if there:
                    database.cut_off.add(dice.choice(there).leases.owner)
                case "back":
                    database.cut_off.clear()
                case "join" if len(there) < 5 and not database.slowest:
                    database.cut_off.clear()
                    await join()
                case "leave" if len(there) > 1:
                    process = there.pop(dice.randrange(len(there)))
                    process.end()
                    await process.leases.leave()
                case "slow":
                    database.slowest = 1.4
                case "quick":
                    database.slowest = 0.0
            await time.sleep(seconds)
        for process in there:
            process.end()
        # A restart of counting may cost one call for each process at its first moment.
        assert most_in_a_second(calls) <= RATE

    run(story)


def test_the_share_of_those_without_the_lease_grows_while_the_tenant_is_idle() -> None:
    async def story(time: VirtualTime) -> None:
        database = Database(time, random.Random(1))
        there = [Process(database, []) for _ in range(2)]
        for process in there:
            await process.leases.join()
            process.tasks = [asyncio.create_task(process.leases.run(process))]
        holder, other = there

        def shares() -> tuple[float, float]:
            return holder.leases.share(TENANT), other.leases.share(TENANT)

        shares()
        await time.sleep(20)
        assert shares() == (25.0, 25.0)
        database.going_on, database.started = 1, time.seconds
        most = 0.0
        while (now := shares()) != (48.0, 2.0):
            most = max(most, sum(now))
            await time.sleep(0.05)
        assert most <= RATE
        # Two beats and a second until all certainly know, and up to a beat until the first does.
        assert time.seconds - database.started < 3 * STANDARD.beat + 1.1
        await time.sleep(60)
        assert shares() == (48.0, 2.0)
        database.going_on, ended = 0, time.seconds
        while shares() != (25.0, 25.0):
            assert sum(shares()) <= RATE
            assert time.seconds < ended + 20
            await time.sleep(0.05)
        # Cut off from the store, nobody knows what the others do.
        database.cut_off = {process.leases.owner for process in there}
        await time.sleep(2 * STANDARD.beat + 0.1)
        assert other.leases.share(TENANT) == 2.0
        for process in there:
            process.end()

    run(story)


def test_a_store_that_does_not_tell_leaves_the_shares_as_they_are() -> None:
    reports = Reports(idle_for=4.0, busy_for=8.0)
    assert not reports.holder_may_take_more(TENANT, 100.0)
    assert not reports.others_may_take_more(TENANT, 100.0)


@pytest.mark.parametrize("others", range(60))
@pytest.mark.parametrize("rate", [0.5, 1.0, 3.0, 4.0, 10.0, 50.0])
def test_the_shares_never_exceed_the_rate(rate: float, others: int) -> None:
    assert even_share(rate, others) * (others + 1) <= rate + 1e-9
    kept = rate - others * reserve(rate, others)
    assert kept >= reserve(rate, others) - 1e-9
