"""Supervision: background work begins anew when it fails, and its failures are counted and shown.

There is one supervisor per process. Each owner of background work has a *crew* of it, and stops its
own crew only. Work is given as a function that begins it, because it may have to begin again.
"""

from __future__ import annotations

import asyncio
import contextlib
import enum
import logging
from collections import Counter
from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import Any

import msgspec

from storage.errors import StoreError

_log = logging.getLogger(__name__)

Begin = Callable[[], Coroutine[Any, Any, None]]
"""Begins the work, also for the second time."""


class WorkKind(enum.StrEnum):
    """The kinds of background work. They are labels of a metric: a small, fixed set."""

    CAMPAIGN = "campaign"
    """A started campaign is brought to where its status says that it should be."""
    CHANGES = "changes"
    """Changes of campaigns are followed."""
    CLOCK = "clock"
    """Steps of the wall clock are followed."""
    DIRECTORY = "directory"
    DISPATCHER = "dispatcher"
    EVENTS = "events"
    """Clicks, reads and reactions of recipients are written down."""
    LEASES = "leases"
    NOTICES = "notices"
    PROBES = "probes"
    """Campaigns that a fault has paused are probed, and taken up again."""
    PROFILES = "profiles"
    PROGRESS = "progress"
    REMINDERS = "reminders"
    REVIEW = "review"
    """All started campaigns are looked at, whether they are where they should be."""
    RESULTS = "results"
    """Results of deliveries are written down."""
    SCHEDULER = "scheduler"
    SIGN_IN = "sign_in"


class SupervisionRules(msgspec.Struct, frozen=True, kw_only=True):
    """Times of the supervision, in seconds."""

    first_pause: float = 1.0
    """Pause between a fault and the new beginning; it is doubled with each fault."""

    longest_pause: float = 60.0
    """The longest pause between a fault and the new beginning."""

    well_after: float = 10.0
    """Time that work has to run without a fault to count as well again.

    After a longer pause it has to run for as long as the pause was.
    """

    told_again_after: float = 60.0
    """Least time between two log lines about the same fault."""

    new_after: float = 3600.0
    """Time after which a fault that has not come since is a new one, and has its stack logged."""


STANDARD = SupervisionRules()

PATIENCE = 5.0
"""Seconds for which a loop waits for the work of one row, before it goes on with the next one."""


class Returned(Exception):
    """Work that never ends by itself has ended."""


class Cancelled(Exception):
    """Work was cancelled, and not by its owner."""


class Failing(msgspec.Struct, frozen=True, kw_only=True):
    """One piece of work that has failed, and is not well again yet."""

    kind: WorkKind
    name: str
    failures: int
    """Faults since it was well."""
    error: str
    """The name of the latest fault's class. Its text stays in the log: anything may stand there."""

    is_loop: bool
    """True for work that never ends; False for a single row's work, or a tenant's."""


class Supervisor:
    """The supervisor of all background work of one process."""

    def __init__(self, rules: SupervisionRules = STANDARD) -> None:
        self.rules = rules
        self.failures: Counter[WorkKind] = Counter()
        """Faults since the start, by the kind of work."""
        self._failing: dict[_Work, Failing] = {}
        self._told: dict[tuple[WorkKind, _Fault], _Told] = {}
        self._crews: list[Crew] = []

    def crew(self) -> Crew:
        """Returns a new crew, which its owner stops."""
        crew = Crew(self)
        self._crews.append(crew)
        return crew

    async def stop(self) -> None:
        """Stops all crews: for a process that ends before the owners could stop theirs."""
        await asyncio.gather(*(crew.stop() for crew in self._crews))

    @property
    def failing(self) -> Sequence[Failing]:
        """All work that has failed, and is not well again yet."""
        return tuple(self._failing.values())

    def failing_by_kind(self) -> Mapping[WorkKind, int]:
        """Returns how many pieces of work are failing, by their kind."""
        return Counter(failing.kind for failing in self._failing.values())

    # --- news from the crews

    def failed(self, work: _Work, error: BaseException) -> None:
        """Counts a fault, shows it, and tells the log."""
        self.failures[work.kind] += 1
        self._failing[work] = Failing(
            kind=work.kind,
            name=work.name,
            failures=work.failures,
            error=type(error).__name__,
            is_loop=work.endless,
        )
        self._tell(work, error)

    def well(self, work: _Work) -> None:
        """Notes that work is well again, or that nobody wants it any more."""
        if self._failing.pop(work, None) is not None and not work.dropped:
            _log.info("%s is well again", work.name)

    def _tell(self, work: _Work, error: BaseException) -> None:
        """Logs a fault: with its stack the first time, and then one line a minute.

        An error of the store has no stack: its text says what is wrong, and where. So each of them
        has a line of its own.
        """
        now = asyncio.get_running_loop().time()
        key = (work.kind, _fault(error))
        told = self._told.get(key)
        if told is None or now - told.came > self.rules.new_after:
            self._forget_old(now)
            self._told[key] = _Told(now)
            if isinstance(error, StoreError):
                _log.error("%s stands still, and is tried again later: %s", work.name, error)
            else:
                _log.error("%s failed, and begins again later", work.name, exc_info=error)
            return
        told.came = now
        told.untold += 1
        if now - told.moment < self.rules.told_again_after:
            return
        _log.error(
            "%s failed again (%s, %d times since the last line): see above",
            work.name,
            type(error).__name__,
            told.untold,
        )
        told.moment, told.untold = now, 0

    def _forget_old(self, now: float) -> None:
        """Forgets faults that have not come for long; errors of the store have many texts."""
        self._told = {
            key: told for key, told in self._told.items() if now - told.came <= self.rules.new_after
        }


class Crew:
    """The background work of one owner."""

    def __init__(self, supervisor: Supervisor) -> None:
        self._supervisor = supervisor
        self._works: dict[str, _Work] = {}
        self._stopped = False

    def keep(self, kind: WorkKind, name: str, begin: Begin) -> None:
        """Keeps work going until the crew stops. If it ends before, that is a fault.

        :param name: names it in the log, and is not used twice in a crew.
        """
        self._add(_Work(self, self._supervisor, kind, name, begin, endless=True))

    def carry_out(self, kind: WorkKind, name: str, begin: Begin) -> None:
        """Does work to its end, which has to be repeatable: a fault makes it begin again.

        If work of this name is under way, it is done once more after that. If it waits after a
        fault, it is done when the wait is over. So there is never more of it than there are names.
        """
        self._add(_Work(self, self._supervisor, kind, name, begin, endless=False))

    async def attempt(
        self, kind: WorkKind, name: str, begin: Begin, *, within: float = PATIENCE
    ) -> bool:
        """Does one row's work of a loop; returns True when it is done.

        Whatever goes wrong with it, the loop can go on with the next row. After a fault, and when
        it takes longer than ``within`` seconds, the crew carries it out beside the loop; as long as
        it does, another attempt under the same name does nothing.
        """
        if self._stopped or name in self._works:
            return False
        work = _Work(self, self._supervisor, kind, name, begin, endless=False)
        self._works[name] = work
        work.start()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(within):
                await work.tried.wait()
        return work.done

    async def stop(self) -> None:
        """Cancels all work and waits until it has ended; nothing is begun any more."""
        self._stopped = True
        works, self._works = list(self._works.values()), {}
        tasks = [task for work in works if (task := work.drop()) is not None]
        await asyncio.gather(*tasks, return_exceptions=True)

    def _add(self, work: _Work) -> None:
        if self._stopped:
            return
        earlier = self._works.get(work.name)
        if earlier is not None:
            earlier.once_more(work.begin)
            return
        self._works[work.name] = work
        work.start()

    def ended(self, work: _Work) -> None:
        """Forgets work that is done."""
        self._works.pop(work.name, None)


class _Work:
    """One piece of work, which begins again after each fault until it is done or dropped."""

    def __init__(
        self,
        crew: Crew,
        supervisor: Supervisor,
        kind: WorkKind,
        name: str,
        begin: Begin,
        *,
        endless: bool,
    ) -> None:
        self.kind = kind
        self.name = name
        self.begin = begin
        self.failures = 0
        self.pause = 0.0
        """Seconds from the latest fault to the new beginning; 0: it is well."""
        self.dropped = False
        self.tried = asyncio.Event()
        """Set when the first try has ended, well or not."""
        self.done = False
        self._crew = crew
        self._supervisor = supervisor
        self.endless = endless
        self._again = False
        self._task: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        """The new beginning while it waits; while it runs after a fault, the moment it is well."""

    def start(self) -> None:
        if self.pause:
            after = max(self.pause, self._supervisor.rules.well_after)
            self._timer = asyncio.get_running_loop().call_later(after, self._well)
        # Kept here, because the loop itself keeps no task alive.
        self._task = asyncio.create_task(self._run(), name=self.name)
        self._task.add_done_callback(self._ended)

    def once_more(self, begin: Begin) -> None:
        self.begin = begin
        self._again = self._task is not None

    def drop(self) -> asyncio.Task[None] | None:
        """Ends the work; returns its task, if it is under way."""
        self.dropped = True
        self._forget_timer()
        self._supervisor.well(self)
        if self._task is not None:
            self._task.cancel()
        return self._task

    async def _run(self) -> None:
        await self.begin()

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._task = None
        self.tried.set()
        # Retrieved also when it was dropped: otherwise asyncio complains that nobody did.
        error = None if task.cancelled() else task.exception()
        if self.dropped:
            return
        self._forget_timer()
        if task.cancelled():
            error = Cancelled("It was cancelled, and not by its owner.")
        elif error is None and self.endless:
            error = Returned("It has ended, and should not.")
        if error is not None:
            self._failed(error)
        elif self._again:
            self._again = False
            self._well()
            self.start()
        else:
            self.done = True
            self._crew.ended(self)
            self._supervisor.well(self)

    def _failed(self, error: BaseException) -> None:
        rules = self._supervisor.rules
        self.failures += 1
        self.pause = min(2 * self.pause or rules.first_pause, rules.longest_pause)
        self._again = False  # it begins again anyway
        self._supervisor.failed(self, error)
        self._timer = asyncio.get_running_loop().call_later(self.pause, self.start)

    def _well(self) -> None:
        self._forget_timer()
        self.failures = 0
        self.pause = 0.0
        self._supervisor.well(self)

    def _forget_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


class _Fault(msgspec.Struct, frozen=True):
    """The place and the class of a fault, and the text of a store's; two with the same are one."""

    error: str
    file: str
    line: int
    text: str


class _Told:
    """The latest log line about a fault, and how often it has come since then."""

    def __init__(self, moment: float) -> None:
        self.moment = moment
        self.came = moment
        """The moment of the latest fault, told or not."""
        self.untold = 0


def _fault(error: BaseException) -> _Fault:
    name = type(error).__name__
    text = str(error) if isinstance(error, StoreError) else ""
    trace = error.__traceback__
    if trace is None:
        return _Fault(name, "", 0, text)
    while trace.tb_next is not None:
        trace = trace.tb_next
    return _Fault(name, trace.tb_frame.f_code.co_filename, trace.tb_lineno, text)
