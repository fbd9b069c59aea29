"""Waiting for the store, told in the log without filling it; and naps that an event ends."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

import pytest

from delivery.waiting import AGAIN_AFTER, LONGEST_NAP, NAMED, STORE_PAUSE, Waiting, nap
from storage.errors import Damaged, StoreError, Unavailable
from tests.support.virtual_time import VirtualTime, run

FULL = StoreError("x can't be written: No space left on device.")
BROKEN = Damaged("x is damaged")


def fails(times: int, error: StoreError) -> Callable[[], Awaitable[str]]:
    """Work that succeeds after it has failed so many times."""
    left = times

    async def work() -> str:
        nonlocal left
        if left:
            left -= 1
            raise error
        return "written"

    return work


def test_work_is_repeated_until_the_store_serves_and_its_result_returned() -> None:
    async def story(clock: VirtualTime) -> None:
        waiting = Waiting(logging.getLogger("test"), clock, "results")
        began = clock.seconds
        assert await waiting.until(fails(3, FULL), "results wait for the store") == "written"
        assert clock.seconds - began == pytest.approx(3 * STORE_PAUSE, abs=0.1)

    run(story)


def test_a_night_with_a_full_disk_is_a_line_a_minute(caplog: pytest.LogCaptureFixture) -> None:
    async def story(clock: VirtualTime) -> None:
        waiting = Waiting(logging.getLogger("test"), clock, "results")
        for times in (0, 600, 0, 0):
            await waiting.until(fails(times, FULL), "3 results wait for the store")

    with caplog.at_level(logging.INFO, "test"):
        run(story)
    first, *others, last = caplog.messages
    assert first == f"3 results wait for the store: {FULL}"
    assert others == [first] * 9
    assert last == "results: the store serves again, after 600 s"


def test_a_second_trouble_is_told_at_once(caplog: pytest.LogCaptureFixture) -> None:
    async def story(clock: VirtualTime) -> None:
        waiting = Waiting(logging.getLogger("test"), clock, "results")
        for _ in range(2):
            await waiting.until(fails(1, FULL), "results wait")

    with caplog.at_level(logging.WARNING, "test"):
        run(story)
    assert len(caplog.messages) == 2


def test_a_damaged_record_is_not_waited_for() -> None:
    async def story(clock: VirtualTime) -> None:
        waiting = Waiting(logging.getLogger("test"), clock, "results")
        began = clock.seconds
        with pytest.raises(Damaged):
            await waiting.until(fails(1, BROKEN), "results wait")
        assert clock.seconds == began

    run(story)


def test_a_damaged_record_is_waited_for_where_nothing_may_be_lost() -> None:
    async def story(clock: VirtualTime) -> None:
        waiting = Waiting(logging.getLogger("test"), clock, "results")
        work = fails(2, BROKEN)
        assert await waiting.until(work, "results wait", even_damaged=True) == "written"

    run(story)


def test_what_is_no_trouble_of_the_store_passes_through() -> None:
    async def fault() -> None:
        raise KeyError("a fault of ours")

    async def story(clock: VirtualTime) -> None:
        waiting = Waiting(logging.getLogger("test"), clock, "results")
        with pytest.raises(KeyError):
            await waiting.until(fault, "results wait")

    run(story)


def test_a_round_that_fails_is_tolerated_and_told(caplog: pytest.LogCaptureFixture) -> None:
    async def story(clock: VirtualTime) -> None:
        waiting = Waiting(logging.getLogger("test"), clock, "profiles")
        sweep = fails(2, FULL)
        for _ in range(3):
            with waiting.tolerate("profiles wait for the store"):
                await sweep()
            await clock.sleep(10.0)

    with caplog.at_level(logging.INFO, "test"):
        run(story)
    assert caplog.messages == [
        f"profiles wait for the store: {FULL}",
        "profiles: the store serves again, after 20 s",
    ]


@pytest.mark.parametrize(
    ("seconds", "set_after", "lasts"),
    [
        (5.0, None, 5.0),
        (5.0, 2.0, 2.0),
        (5.0, 0.0, 0.0),
        (None, 2.0, 2.0),
        (0.0, None, 0.0),
        (-1.0, None, 0.0),
        (None, None, LONGEST_NAP),
        (86_400.0, None, LONGEST_NAP),
        (86_400.0, 29.0, 29.0),
    ],
)
def test_a_nap_ends_with_its_time_or_its_event(
    seconds: float | None, set_after: float | None, lasts: float
) -> None:
    async def story(clock: VirtualTime) -> None:
        event = asyncio.Event()
        if set_after is not None:
            asyncio.get_running_loop().call_later(set_after, event.set)
        began = clock.seconds
        await nap(clock, event, seconds)
        assert clock.seconds - began == pytest.approx(lasts, abs=0.01)
        # Neither the sleep nor the wait goes on behind it.
        await asyncio.sleep(0)
        assert asyncio.all_tasks() == {asyncio.current_task()}

    run(story)


def test_the_log_of_a_wait_does_not_follow_the_wall_clock(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def story(clock: VirtualTime) -> None:
        waiting = Waiting(logging.getLogger("test"), clock, "results")
        asyncio.get_running_loop().call_later(100, clock.set_wrong, -86_400)
        await waiting.until(fails(600, FULL), "3 results wait for the store")

    with caplog.at_level(logging.INFO, "test"):
        run(story)
    assert len(caplog.messages) == 11
    assert caplog.messages[-1] == "results: the store serves again, after 600 s"


def test_of_many_waits_for_the_same_store_some_are_named_and_the_others_counted(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def story(time: VirtualTime) -> None:
        served_from = time.monotonic() + 2.5 * AGAIN_AFTER

        async def work() -> None:
            if time.monotonic() < served_from:
                raise Unavailable("the disk is full")

        async def wait(number: int) -> None:
            waiting = Waiting(logging.getLogger("many"), time, f"work {number}")
            await waiting.until(work, f"work {number} waits")

        await asyncio.gather(*(wait(number) for number in range(500)))

    with caplog.at_level(logging.INFO):
        run(story)
    waits = [message for message in caplog.messages if message.endswith("the disk is full")]
    assert len(waits) == 3 * NAMED
    assert caplog.messages.count("480 more waited for the store in the last minute") == 2
    over = [message for message in caplog.messages if "serves again" in message]
    assert NAMED <= len(over) <= 3 * NAMED
    assert len(caplog.messages) == len(waits) + len(over) + 2
