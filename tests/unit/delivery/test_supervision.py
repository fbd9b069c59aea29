"""Background work begins again when it fails, and its failures are counted, shown and logged."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

import pytest

from bot.metrics import Metrics
from bot.readiness import background_check, background_remark
from delivery.supervision import STANDARD, Crew, Supervisor, WorkKind
from tests.support.virtual_time import VirtualTime, run

LONG = 1_000_000.0


class Scripted:
    """Work that fails as it is told, each time it is begun, and then goes on for ever."""

    def __init__(self, *faults: Exception | None, seconds: float = 0.0) -> None:
        self._faults = list(faults)
        self._seconds = seconds
        self.begun: list[float] = []

    async def __call__(self) -> None:
        self.begun.append(asyncio.get_running_loop().time())
        await asyncio.sleep(self._seconds)
        if self._faults:
            fault = self._faults.pop(0)
            if fault is None:
                return
            raise fault
        await asyncio.sleep(LONG)

    @property
    def pauses(self) -> list[float]:
        """Seconds between two beginnings, less those for which the work ran."""
        pairs = zip(self.begun, self.begun[1:], strict=False)
        return [round(later - earlier - self._seconds, 2) for earlier, later in pairs]


def faults(number: int) -> list[Exception]:
    return [RuntimeError(f"fault {each}") for each in range(number)]


def lines(caplog: pytest.LogCaptureFixture) -> list[logging.LogRecord]:
    return [record for record in caplog.records if record.levelno >= logging.ERROR]


def test_work_that_fails_begins_again_later_and_later() -> None:
    async def story(_: VirtualTime) -> None:
        supervisor = Supervisor()
        crew, work = supervisor.crew(), Scripted(*faults(9))
        crew.keep(WorkKind.SCHEDULER, "scheduler", work)
        await asyncio.sleep(1000.0)
        assert work.pauses == [1, 2, 4, 8, 16, 32, 60, 60, 60]
        assert supervisor.failures == {WorkKind.SCHEDULER: 9}
        await crew.stop()

    run(story)


def test_work_that_was_well_for_a_while_begins_with_a_short_pause_again() -> None:
    async def story(_: VirtualTime) -> None:
        crew = Supervisor().crew()
        work = Scripted(*faults(4), seconds=STANDARD.well_after + 1)
        crew.keep(WorkKind.SCHEDULER, "scheduler", work)
        await asyncio.sleep(1000.0)
        assert work.pauses == [1, 1, 1, 1]
        await crew.stop()

    run(story)


def test_a_fault_is_shown_until_the_work_is_well_again() -> None:
    async def story(_: VirtualTime) -> None:
        supervisor, metrics = Supervisor(), Metrics()
        metrics.watch(supervisor)
        check, crew = background_check(supervisor), supervisor.crew()

        def shown(name: str) -> float | None:
            return metrics.registry.get_sample_value(name, {"task": "profiles"})

        assert shown("bot_background_failures_total") == 0
        crew.keep(WorkKind.PROFILES, "profiles", Scripted(KeyError("a name")))
        await asyncio.sleep(0.5)
        assert await check() == "profiles: 1 failing (KeyError)"
        assert shown("bot_background_failures_total") == 1
        assert shown("bot_background_failing") == 1
        await asyncio.sleep(STANDARD.well_after)
        assert await check() == "profiles: 1 failing (KeyError)", "it runs, but not for long yet"
        await asyncio.sleep(1.0)
        assert await check() == ""
        assert shown("bot_background_failures_total") == 1
        assert shown("bot_background_failing") == 0
        await crew.stop()

    run(story)


def test_every_kind_of_work_has_its_figures_from_the_start() -> None:
    metrics = Metrics()
    metrics.watch(Supervisor())
    exposed = metrics.exposed().decode()
    for kind in WorkKind:
        assert f'bot_background_failures_total{{task="{kind.value}"}} 0.0' in exposed
        assert f'bot_background_failing{{task="{kind.value}"}} 0.0' in exposed


def test_single_rows_that_fail_are_counted_and_nobody_is_named() -> None:
    async def story(_: VirtualTime) -> None:
        supervisor = Supervisor()
        crew = supervisor.crew()
        for number in range(1000):
            crew.carry_out(WorkKind.PROFILES, f"profile of user {number}", Scripted(*faults(1)))
        crew.carry_out(WorkKind.CAMPAIGN, "campaign 1", Scripted(KeyError()))
        await asyncio.sleep(0.5)
        assert await background_check(supervisor)() == ""
        assert await background_remark(supervisor)() == (
            "profiles: 1000 failing (RuntimeError); campaign: 1 failing (KeyError)"
        )
        await crew.stop()

    run(story)


def test_the_same_fault_is_logged_with_its_stack_once_and_then_once_a_minute(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def story(_: VirtualTime) -> None:
        crew = Supervisor().crew()
        for number in range(100):
            crew.carry_out(WorkKind.CAMPAIGN, f"campaign {number}", Scripted(*faults(1_000)))
        await asyncio.sleep(0.5)
        assert [record.exc_info is not None for record in lines(caplog)] == [True]
        await asyncio.sleep(600.0)
        later = lines(caplog)[1:]
        assert 8 <= len(later) <= 10
        assert not any(record.exc_info for record in later)
        await crew.stop()

    run(story)


def test_a_fault_that_has_not_come_for_hours_is_logged_as_a_new_one(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def story(_: VirtualTime) -> None:
        crew = Supervisor().crew()
        work = Scripted(*faults(3), seconds=STANDARD.new_after + 1)
        crew.keep(WorkKind.LEASES, "leases", work)
        await asyncio.sleep(4 * STANDARD.new_after)
        assert [record.exc_info is not None for record in lines(caplog)] == [True] * 3
        await crew.stop()

    run(story)


def test_another_fault_has_a_stack_of_its_own(caplog: pytest.LogCaptureFixture) -> None:
    async def story(_: VirtualTime) -> None:
        crew = Supervisor().crew()
        work = Scripted(RuntimeError(), KeyError(), RuntimeError(), KeyError())
        crew.keep(WorkKind.LEASES, "leases", work)
        await asyncio.sleep(30.0)
        stacks = [record.exc_info[0] for record in lines(caplog) if record.exc_info]
        assert stacks == [RuntimeError, KeyError]
        await crew.stop()

    run(story)


def test_a_loop_that_returns_is_a_fault() -> None:
    async def story(_: VirtualTime) -> None:
        supervisor = Supervisor()
        crew, work = supervisor.crew(), Scripted(None)
        crew.keep(WorkKind.REMINDERS, "reminders", work)
        await asyncio.sleep(2.0)
        assert len(work.begun) == 2
        assert supervisor.failures == {WorkKind.REMINDERS: 1}
        await crew.stop()

    run(story)


@pytest.mark.parametrize("start", [Crew.keep, Crew.carry_out])
def test_work_that_is_cancelled_by_others_begins_again(start: Callable[..., None]) -> None:
    async def story(_: VirtualTime) -> None:
        supervisor = Supervisor()
        crew, work = supervisor.crew(), Scripted(asyncio.CancelledError())  # type: ignore[arg-type]
        start(crew, WorkKind.REMINDERS, "reminders", work)
        await asyncio.sleep(2.0)
        assert len(work.begun) == 2
        for task in asyncio.all_tasks():
            if task.get_name() == "reminders":
                task.cancel()
        await asyncio.sleep(5.0)
        assert len(work.begun) == 3
        assert supervisor.failures == {WorkKind.REMINDERS: 2}
        await crew.stop()

    run(story)


def test_work_is_carried_out_until_it_succeeds_and_no_longer() -> None:
    async def story(_: VirtualTime) -> None:
        supervisor = Supervisor()
        crew, work = supervisor.crew(), Scripted(*faults(3), None)
        crew.carry_out(WorkKind.CAMPAIGN, "campaign 1", work)
        await asyncio.sleep(1000.0)
        assert len(work.begun) == 4
        assert not supervisor.failing, "also when it took less than a while"
        await crew.stop()

    run(story)


def test_work_that_is_asked_for_while_it_is_done_is_done_once_more() -> None:
    async def story(_: VirtualTime) -> None:
        crew = Supervisor().crew()
        work, later = Scripted(None, seconds=5.0), Scripted(None, seconds=5.0)
        crew.carry_out(WorkKind.CAMPAIGN, "campaign 1", work)
        await asyncio.sleep(1.0)
        for _each in range(100):
            crew.carry_out(WorkKind.CAMPAIGN, "campaign 1", later)
        await asyncio.sleep(100.0)
        assert (len(work.begun), len(later.begun)) == (1, 1)
        crew.carry_out(WorkKind.CAMPAIGN, "campaign 1", later)
        await asyncio.sleep(1.0)
        assert len(later.begun) == 2
        await crew.stop()

    run(story)


def test_work_that_is_asked_for_while_it_waits_after_a_fault_does_not_pile_up() -> None:
    async def story(_: VirtualTime) -> None:
        crew, work = Supervisor().crew(), Scripted(*faults(5), None)
        crew.carry_out(WorkKind.CAMPAIGN, "campaign 1", work)
        for _each in range(200):
            await asyncio.sleep(0.1)
            crew.carry_out(WorkKind.CAMPAIGN, "campaign 1", work)
        assert work.pauses == [1, 2, 4, 8]
        await crew.stop()

    run(story)


@pytest.mark.parametrize("after", [0.0, 0.5, 1.5])
def test_a_stop_ends_work_whether_it_runs_or_waits(after: float) -> None:
    async def story(time: VirtualTime) -> None:
        supervisor = Supervisor()
        crew, work = supervisor.crew(), Scripted(*faults(1))
        crew.keep(WorkKind.SCHEDULER, "scheduler", work)
        await asyncio.sleep(after)
        begun, moment = len(work.begun), time.seconds
        await crew.stop()
        assert time.seconds == moment
        assert not supervisor.failing
        crew.keep(WorkKind.LEASES, "leases", work)
        await asyncio.sleep(100.0)
        assert len(work.begun) == begun
        assert asyncio.all_tasks() == {asyncio.current_task()}

    run(story)


def test_a_crew_that_stops_leaves_the_others_alone() -> None:
    async def story(_: VirtualTime) -> None:
        supervisor = Supervisor()
        crew, other = supervisor.crew(), supervisor.crew()
        work = Scripted(*faults(1))
        other.keep(WorkKind.SCHEDULER, "scheduler", work)
        await crew.stop()
        await asyncio.sleep(2.0)
        assert len(work.begun) == 2
        await supervisor.stop()
        assert asyncio.all_tasks() == {asyncio.current_task()}

    run(story)
