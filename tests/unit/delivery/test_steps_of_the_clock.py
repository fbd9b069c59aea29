"""Steps of the wall clock: noticed, logged once, and without effect on the time that passes."""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta

import pytest

from delivery.clock import BELIEVED_AFTER, SEEN_EVERY, StoreClock
from tests.support.virtual_time import VirtualTime, run

DAY = 86_400.0


def wrong_by(clock: StoreClock, time: VirtualTime) -> float:
    return (clock.now() - time.right()).total_seconds()


@pytest.mark.parametrize("seconds", [-50 * 365 * DAY, -600.0, -2.0, 2.0, 600.0, DAY])
def test_a_step_counts_when_the_clock_has_stayed_there_for_a_while(
    seconds: float, caplog: pytest.LogCaptureFixture
) -> None:
    async def story(time: VirtualTime) -> None:
        clock = StoreClock(time)
        clock.now()
        time.set_wrong(seconds)
        stepped = clock.stepped
        assert wrong_by(clock, time) == pytest.approx(0)
        for _ in range(int(BELIEVED_AFTER) + 1):
            await time.sleep(0.99)
            assert wrong_by(clock, time) == pytest.approx(0)
        assert (clock.steps, stepped.is_set()) == (0, False)
        await time.sleep(0.2)
        clock.now()
        assert wrong_by(clock, time) == pytest.approx(seconds)
        assert (clock.steps, stepped.is_set(), clock.stepped.is_set()) == (1, True, False)

    with caplog.at_level(logging.INFO):
        run(story)
    [record] = caplog.records
    assert record.levelname == "WARNING"


def test_a_step_is_not_believed_by_looks_that_are_far_apart() -> None:
    async def story(time: VirtualTime) -> None:
        clock = StoreClock(time)
        clock.now()
        for _ in range(100):
            # Each look meets the clock at the wrong place, and nobody looks while it is right.
            time.set_wrong(DAY)
            assert wrong_by(clock, time) == pytest.approx(0)
            time.set_wrong(0)
            await time.sleep(2 * SEEN_EVERY)
        assert clock.steps == 0

    run(story)


def test_the_log_tells_the_old_and_the_new_time(caplog: pytest.LogCaptureFixture) -> None:
    async def story(time: VirtualTime) -> None:
        clock = StoreClock(time)
        clock.now()
        await time.sleep(200)
        time.set_wrong(-600)
        clock.now()

    run(story)
    assert caplog.messages == [
        "this machine's clock was set from 2026-01-01 00:20:00 to 2026-01-01 00:10:00"
    ]


@pytest.mark.parametrize("seconds", [-600.0, DAY])
def test_a_clock_that_is_right_again_within_a_moment_has_no_effect(seconds: float) -> None:
    async def story(time: VirtualTime) -> None:
        clock = StoreClock(time)
        clock.now()
        for _ in range(100):
            time.set_wrong(seconds)
            assert wrong_by(clock, time) == pytest.approx(0)
            await time.sleep(0.5)
            assert wrong_by(clock, time) == pytest.approx(0)
            time.set_wrong(0)
            await time.sleep(0.5)
            assert wrong_by(clock, time) == pytest.approx(0)
        assert clock.steps == 0

    run(story)


def test_a_clock_that_is_set_all_the_time_is_told_of_once_a_minute(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def story(time: VirtualTime) -> None:
        clock = StoreClock(time)
        clock.now()
        for number in range(600):
            time.set_wrong(100.0 * (number % 7))
            clock.now()
            await time.sleep(1)
        assert clock.steps == 0

    run(story)
    assert 9 <= len(caplog.records) <= 11


def test_a_clock_that_is_drawn_slowly_to_the_right_time_makes_no_step(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def story(time: VirtualTime) -> None:
        clock = StoreClock(time)
        for number in range(1_000):
            time.set_wrong(0.5 * number)
            assert wrong_by(clock, time) == pytest.approx(0.5 * number)
            await time.sleep(10)
        assert clock.steps == 0

    run(story)
    assert not caplog.records


def test_a_process_that_stands_still_while_it_reads_the_clocks_makes_no_step(
    caplog: pytest.LogCaptureFixture,
) -> None:
    class Stopped(VirtualTime):
        """Stops for a minute between a reading of the one clock and of the other."""

        stops = 3

        def now(self):  # type: ignore[no-untyped-def]
            if self.stops:
                self.stops -= 1
                self.seconds += 60
            return super().now()

    time = Stopped()
    time.stops = 0
    clock = StoreClock(time)
    clock.now()
    time.stops = 3
    assert wrong_by(clock, time) == pytest.approx(0)
    assert clock.steps == 0
    assert not caplog.records


# --- with a database


def test_with_a_database_the_machines_clock_does_not_count(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def story(time: VirtualTime) -> None:
        clock = StoreClock(time)
        ahead = timedelta(hours=1)
        clock.follow(time.right() + ahead, time.seconds, time.seconds)
        for seconds in (0.0, -600.0, DAY, 0.0):
            time.set_wrong(seconds)
            for _ in range(30):
                clock.own()
                assert wrong_by(clock, time) == pytest.approx(3_600.0)
                await time.sleep(1)
        assert clock.steps == 0

    run(story)
    assert caplog.records


@pytest.mark.parametrize("seconds", [-600.0, DAY])
def test_a_step_of_the_databases_clock_is_noticed_at_the_beats(
    seconds: float, caplog: pytest.LogCaptureFixture
) -> None:
    async def story(time: VirtualTime) -> None:
        clock = StoreClock(time)

        async def beats(number: int, ahead: float) -> None:
            for _ in range(number):
                now = time.right() + timedelta(seconds=ahead)
                clock.follow(now, time.seconds, time.seconds)
                await time.sleep(2)

        await beats(5, 0.0)
        await beats(5, seconds)
        assert wrong_by(clock, time) == pytest.approx(0)
        await beats(2, seconds)
        assert wrong_by(clock, time) == pytest.approx(seconds)
        assert clock.steps == 1

    run(story)
    assert [message.partition(" clock")[0] for message in caplog.messages] == ["the database's"]


def test_an_answer_that_takes_long_moves_no_clock(caplog: pytest.LogCaptureFixture) -> None:
    async def story(time: VirtualTime) -> None:
        clock = StoreClock(time)
        quickest = 3.0
        for takes, read_after in ((3.0, 0.0), (3.0, 3.0), (0.01, 0.0), (3.0, 0.0), (3.0, 3.0)):
            asked, quickest = time.seconds, min(takes, quickest)
            await asyncio.sleep(read_after)
            store_time = time.right()
            await asyncio.sleep(takes - read_after)
            clock.follow(store_time, asked, time.seconds)
            # Never ahead, and behind by no more than the quickest answer leaves open.
            assert -quickest - 0.001 <= wrong_by(clock, time) <= 0.001
        assert clock.steps == 0

    run(story)
    assert not caplog.records
