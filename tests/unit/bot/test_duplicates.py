"""One activity, however often it is delivered, is worked on once."""

import asyncio
import logging

import msgspec
import pytest

from bot.duplicates import Deduplicator, FirstArrivalFailed


class Result(msgspec.Struct, frozen=True):
    number: int
    size: int = 1


class Work:
    """Counts how often it is done; waits for ``go`` when it has one."""

    def __init__(self, *, size: int = 1, error: Exception | None = None) -> None:
        self.done = 0
        self.size = size
        self.error = error
        self.go: asyncio.Event | None = None

    async def __call__(self) -> Result:
        self.done += 1
        number = self.done
        if self.go is not None:
            await self.go.wait()
        if self.error is not None:
            raise self.error
        return Result(number, self.size)


class Time:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


async def test_a_later_delivery_gets_the_very_same_result() -> None:
    duplicates, work = Deduplicator[Result](), Work()
    first = await duplicates.once("a", work)
    assert await duplicates.once("a", work) is first
    assert work.done == 1


async def test_a_delivery_in_between_shares_the_work_in_progress() -> None:
    duplicates, work = Deduplicator[Result](), Work()
    work.go = asyncio.Event()
    deliveries = [asyncio.ensure_future(duplicates.once("a", work)) for _ in range(5)]
    await asyncio.sleep(0)
    work.go.set()
    assert {id(result) for result in await asyncio.gather(*deliveries)} == {
        id(await duplicates.once("a", work))
    }
    assert work.done == 1


async def test_different_activities_are_worked_on_separately() -> None:
    duplicates, work = Deduplicator[Result](), Work()
    await asyncio.gather(duplicates.once("a", work), duplicates.once("b", work))
    assert work.done == 2


async def test_an_activity_without_a_key_is_worked_on_each_time() -> None:
    duplicates, work = Deduplicator[Result](), Work()
    await duplicates.once(None, work)
    await duplicates.once(None, work)
    assert work.done == 2


async def test_an_error_is_not_remembered() -> None:
    duplicates, work = Deduplicator[Result](), Work(error=ValueError("broken"))
    with pytest.raises(ValueError, match="broken"):
        await duplicates.once("a", work)
    work.error = None
    assert (await duplicates.once("a", work)).number == 2


async def test_who_joined_a_failure_learns_that_the_first_has_it() -> None:
    duplicates, work = Deduplicator[Result](), Work(error=ValueError("broken"))
    work.go = asyncio.Event()
    first = asyncio.ensure_future(duplicates.once("a", work))
    second = asyncio.ensure_future(duplicates.once("a", work))
    await asyncio.sleep(0)
    work.go.set()
    with pytest.raises(ValueError, match="broken"):
        await first
    with pytest.raises(FirstArrivalFailed) as joined:
        await second
    assert joined.value.__cause__ is work.error
    assert work.done == 1


async def test_the_work_goes_on_when_nobody_waits_any_more() -> None:
    duplicates, work = Deduplicator[Result](), Work()
    work.go = asyncio.Event()
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(duplicates.once("a", work), 0.01)
    again = asyncio.ensure_future(duplicates.once("a", work))
    await asyncio.sleep(0)
    work.go.set()
    assert (await again).number == 1


async def test_an_error_that_nobody_waits_for_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    duplicates, work = Deduplicator[Result](), Work(error=ValueError("broken"))
    work.go = asyncio.Event()
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(duplicates.once("a", work), 0.01)
    work.go.set()
    with caplog.at_level(logging.ERROR, "bot.duplicates"):
        await duplicates.finish(5.0)
        await asyncio.sleep(0)
    assert [record.exc_info[1] for record in caplog.records if record.exc_info] == [work.error]


async def test_results_are_forgotten_after_their_time() -> None:
    time, work = Time(), Work()
    duplicates = Deduplicator[Result](seconds=600, clock=time)
    await duplicates.once("a", work)
    time.now = 599.9
    await duplicates.once("a", work)
    assert work.done == 1
    time.now = 600.0
    await duplicates.once("a", work)
    assert work.done == 2
    assert len(duplicates) == 1


async def test_the_oldest_go_when_there_are_too_many() -> None:
    duplicates, work = Deduplicator[Result](most=3), Work()
    for key in "abcd":
        await duplicates.once(key, work)
    assert len(duplicates) == 3
    await duplicates.once("d", work)
    assert work.done == 4
    await duplicates.once("a", work)
    assert work.done == 5


async def test_the_oldest_go_when_they_are_too_big() -> None:
    duplicates, work = Deduplicator[Result](most_bytes=100), Work(size=40)
    for key in "abc":
        await duplicates.once(key, work)
    assert len(duplicates) == 2
    # One that is too big by itself leaves nothing behind, and the count is right afterwards.
    await duplicates.once("huge", Work(size=101))
    assert len(duplicates) == 0
    await duplicates.once("a", work)
    await duplicates.once("b", work)
    assert len(duplicates) == 2


async def test_finish_waits_for_what_is_in_progress() -> None:
    duplicates, work = Deduplicator[Result](), Work()
    work.go = asyncio.Event()
    waiting = [
        asyncio.ensure_future(duplicates.once("a", work)),
        asyncio.ensure_future(duplicates.once(None, work)),
    ]
    await asyncio.sleep(0)
    finishing = asyncio.ensure_future(duplicates.finish(5.0))
    await asyncio.sleep(0)
    assert not finishing.done()
    work.go.set()
    await finishing
    assert len(await asyncio.gather(*waiting)) == 2


async def test_finish_does_not_wait_for_ever_for_what_hangs() -> None:
    duplicates, work = Deduplicator[Result](), Work()
    work.go = asyncio.Event()
    hanging = asyncio.ensure_future(duplicates.once("a", work))
    await asyncio.sleep(0)
    await duplicates.finish(0.01)
    with pytest.raises(asyncio.CancelledError):
        await hanging
