"""The allowed rate is filled and not exceeded."""

import asyncio
import math
import random
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from delivery.pacing.pacer import AHEAD, BURST, Pacer
from tests.fake_teams.limits import PER_TENANT, SlidingWindows
from tests.support.virtual_time import VirtualTime, run

T = "tenant-1"


def most_within(moments: Sequence[float], seconds: float) -> int:
    """The most that happened in any window of so many seconds."""
    ordered = sorted(moments)
    return max(
        (
            sum(start <= moment < start + seconds for moment in ordered[index:])
            for index, start in enumerate(ordered)
        ),
        default=0,
    )


async def paced_calls(
    time: VirtualTime,
    pacer: Pacer,
    seconds: float,
    *,
    tenant: str = T,
    claim: tuple[float, float] = (0.005, 0.03),
    dice: random.Random,
) -> list[float]:
    """Does as the dispatcher does for so long: takes, claims, departs. Returns the departures."""
    left: list[float] = []

    async def call() -> None:
        left.append(await pacer.depart(tenant))

    end = time.monotonic() + seconds
    async with asyncio.TaskGroup() as group:
        while time.monotonic() < end:
            permits = await pacer.take(tenant, 256)
            await time.sleep(dice.uniform(*claim))
            for _ in range(permits):
                group.create_task(call())
    return [moment for moment in left if moment < end]


@pytest.mark.parametrize("rate", [50.0, 35.7, 7.0])
def test_the_rate_is_filled_over_a_minute_though_claims_take_their_time(rate: float) -> None:
    async def main(time: VirtualTime) -> list[float]:
        pacer = Pacer(time, rate, monotonic=time.monotonic)
        return await paced_calls(time, pacer, 60.0, dice=random.Random(1))

    left = run(main)
    assert len(left) >= 0.99 * rate * 60
    assert most_within(left, 1.0) <= math.ceil(rate)


@pytest.mark.parametrize("there_and_back", [0.001, 0.02, 0.2])
@pytest.mark.parametrize("seed", range(3))
def test_a_strict_service_refuses_nothing_though_calls_stumble_on_their_way(
    there_and_back: float, seed: int
) -> None:
    dice = random.Random(seed)
    stumbles = 0.02

    async def main(time: VirtualTime) -> tuple[int, int]:
        pacer = Pacer(time, 50.0, monotonic=time.monotonic)
        service = SlidingWindows(PER_TENANT)
        done = refused = 0
        end = time.monotonic() + 60

        async def call() -> None:
            nonlocal done, refused
            departed = await pacer.depart(T)
            stumble = dice.uniform(0.0, 0.05) if dice.random() < stumbles else 0.0
            await asyncio.sleep(there_and_back / 2 + stumble)
            if throttled := service.wait(T, time.monotonic()) > 0:
                refused += 1
            else:
                service.count(T, time.monotonic())
                done += time.monotonic() < end
            await asyncio.sleep(there_and_back / 2)
            pacer.answered(T, throttled, departed=departed)

        async with asyncio.TaskGroup() as group:
            while time.monotonic() < end:
                permits = await pacer.take(T, 256)
                await time.sleep(dice.uniform(0.005, 0.03))
                for _ in range(permits):
                    group.create_task(call())
        return done, refused

    done, refused = run(main)
    assert refused == 0
    assert done >= 49.5 * 60


Step = tuple[str, int, float]
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["take", "depart", "urgent", "give back", "refuse", "pause"]),
        st.integers(1, 30),
        st.floats(0, 1.5),
    ),
    max_size=25,
)


@given(rate=st.floats(0.5, 80), steps=STEPS)
@settings(deadline=None, max_examples=60)
def test_whatever_is_asked_no_second_sees_more_than_the_allowed_calls(
    rate: float, steps: list[Step]
) -> None:
    async def main(time: VirtualTime) -> tuple[list[float], int]:
        pacer = Pacer(time, rate, monotonic=time.monotonic)
        left: list[float] = []
        asked = 0

        async def call(urgent: bool) -> None:
            left.append(await pacer.depart(T, urgent=urgent))

        async with asyncio.TaskGroup() as group:
            for what, count, seconds in steps:
                match what:
                    case "take":
                        assert 1 <= await pacer.take(T, count) <= count
                    case "give back":
                        pacer.give_back(T, count)
                    case "refuse":
                        for _ in range(count):
                            pacer.answered(T, True)
                    case "pause":
                        await time.sleep(seconds)
                    case _:
                        asked += count
                        for _ in range(count):
                            group.create_task(call(what == "urgent"))
        return left, asked

    left, asked = run(main)
    assert len(left) == asked  # Nobody starves.
    assert most_within(left, 1.0) <= math.ceil(rate)


def test_charged_calls_leave_at_once_and_the_others_give_way() -> None:
    async def main(time: VirtualTime) -> list[float]:
        pacer = Pacer(time, 50.0, monotonic=time.monotonic)
        charged = [pacer.charge(T) for _ in range(40)]
        assert set(charged) == {time.monotonic()}
        paced = await paced_calls(time, pacer, 5.0, dice=random.Random(1))
        return charged + paced

    left = run(main)
    assert most_within(left, 1.0) <= 50


def test_an_urgent_call_overtakes_those_that_wait() -> None:
    async def main(time: VirtualTime) -> tuple[float, int]:
        pacer = Pacer(time, 50.0, monotonic=time.monotonic)
        usual = [asyncio.create_task(pacer.depart(T)) for _ in range(120)]
        await time.sleep(0.5)
        asked_at = time.monotonic()
        left_at = await pacer.depart(T, urgent=True)
        before = sum(task.done() and task.result() < left_at for task in usual)
        await asyncio.gather(*usual)
        return left_at - asked_at, before

    waited, before = run(main)
    assert before == 50
    assert waited == pytest.approx(0.5, abs=0.01)


def test_while_the_rate_is_filled_an_urgent_call_waits_no_longer_than_a_burst_lasts() -> None:
    async def main(time: VirtualTime) -> list[float]:
        pacer = Pacer(time, 50.0, monotonic=time.monotonic)
        dice = random.Random(1)
        flow = asyncio.create_task(paced_calls(time, pacer, 20.0, dice=dice))
        waits = []
        while not flow.done():
            await time.sleep(dice.uniform(0.3, 0.8))
            asked_at = time.monotonic()
            waits.append(await pacer.depart(T, urgent=True) - asked_at)
        return waits

    assert max(run(main)) <= BURST + 0.03


def test_a_call_that_is_given_up_while_waiting_holds_nobody_up() -> None:
    async def main(time: VirtualTime) -> float:
        pacer = Pacer(time, 1.0, monotonic=time.monotonic)
        first = await pacer.depart(T)
        urgent = asyncio.create_task(pacer.depart(T, urgent=True))
        second, third = (asyncio.create_task(pacer.depart(T)) for _ in range(2))
        await time.sleep(0.1)
        urgent.cancel()
        second.cancel()
        return await third - first

    assert run(main) == pytest.approx(1.0, abs=0.01)


def test_no_more_is_claimed_than_will_leave_shortly() -> None:
    async def main(time: VirtualTime) -> int:
        pacer = Pacer(time, 50.0, monotonic=time.monotonic)
        waiting: list[asyncio.Task[float]] = []
        end = time.monotonic() + 10
        longest = 0
        while time.monotonic() < end:
            permits = await pacer.take(T, 256)
            waiting += [asyncio.create_task(pacer.depart(T)) for _ in range(permits)]
            await asyncio.sleep(0)
            waiting = [task for task in waiting if not task.done()]
            longest = max(longest, len(waiting))
        await asyncio.gather(*waiting)
        return longest

    assert run(main) <= 50 * AHEAD


def test_permits_given_back_can_be_taken_again_but_no_more_than_a_burst() -> None:
    async def main(time: VirtualTime) -> tuple[int, int, float]:
        pacer = Pacer(time, 50.0, monotonic=time.monotonic)
        taken = await pacer.take(T, 100)
        pacer.give_back(T, 100)
        again = await pacer.take(T, 100)
        start = time.monotonic()
        await pacer.take(T, 100)
        return taken, again, time.monotonic() - start

    taken, again, waited = run(main)
    assert (taken, again) == (5, 5)
    assert waited == pytest.approx(0.02, abs=0.002)


def test_tenants_do_not_slow_each_other() -> None:
    async def main(time: VirtualTime) -> list[list[float]]:
        pacer = Pacer(time, 50.0, monotonic=time.monotonic)
        pacer.charge("busy", 1000)
        for _ in range(10):
            pacer.answered("busy", True)
        dice = random.Random(1)
        flows = (paced_calls(time, pacer, 10.0, tenant=tenant, dice=dice) for tenant in ("a", "b"))
        assert pacer.rate_of("busy") < 50 == pacer.rate_of("a")
        return list(await asyncio.gather(*flows))

    for left in run(main):
        assert len(left) >= 495
        assert most_within(left, 1.0) <= 50


def test_a_run_of_refusals_slows_the_tenant_until_it_recovers() -> None:
    async def main(time: VirtualTime) -> tuple[list[float], list[float]]:
        pacer = Pacer(time, 50.0, monotonic=time.monotonic)
        for number in range(3):
            pacer.answered(T, True, conversation_id=f"a:{number}")
        assert pacer.rate_of(T) == 35
        dice = random.Random(1)
        slow = await paced_calls(time, pacer, 2.0, dice=dice)
        await time.sleep(20)
        return slow, await paced_calls(time, pacer, 2.0, dice=dice)

    slow, recovered = run(main)
    assert 66 <= len(slow) <= 75
    assert len(recovered) >= 98


def test_one_conversations_refusals_slow_nobody() -> None:
    async def main(time: VirtualTime) -> float:
        pacer = Pacer(time, 50.0, monotonic=time.monotonic)
        for _ in range(20):
            pacer.answered(T, True, conversation_id="a:1")
        return pacer.rate_of(T)

    assert run(main) == 50


def test_a_conversation_has_its_own_limit() -> None:
    async def main(time: VirtualTime) -> tuple[float, float]:
        pacer = Pacer(time, 50.0, monotonic=time.monotonic)
        for _ in range(7):
            assert pacer.room_in("a:1") == 0
            pacer.used("a:1")
        return pacer.room_in("a:1"), pacer.room_in("a:2")

    assert run(main) == (1.0, 0.0)


def test_without_a_rate_nothing_waits_and_nothing_is_remembered() -> None:
    async def main(time: VirtualTime) -> float:
        pacer = Pacer(time, math.inf, monotonic=time.monotonic)
        for _ in range(2000):
            assert await pacer.take(T, 256) == 256
            pacer.charge(T)
            pacer.give_back(T, 1)
            pacer.used("a:1")
            assert pacer.room_in("a:1") == 0
            pacer.answered(T, True, departed=await pacer.depart(T))
        assert pacer.rate_of(T) == math.inf
        return time.monotonic()

    assert run(main) == VirtualTime().monotonic()


@pytest.mark.parametrize("rate", [0.0, -1.0, math.nan])
def test_a_rate_that_lets_nothing_leave_is_refused(rate: float) -> None:
    with pytest.raises(ValueError, match="above 0"):
        Pacer(VirtualTime(), rate)
