"""Deduplication: an activity that arrives twice acts once.

The channel sends an activity again when the answer is late, even while the first one is still being
worked on. An invoke may be repeated, too. All arrivals of one activity share one piece of work and
its result.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, Protocol, TypeVar

import msgspec

from bot.answer import HttpAnswer
from storage.base import Inbox
from storage.errors import StoreError

_log = logging.getLogger(__name__)

REMEMBERED_FOR = 600.0
"""Seconds. The channel repeats within seconds to a few minutes."""
MOST = 10_000
"""Results that are remembered, at most."""
MOST_BYTES = 32 * 1024 * 1024
"""Size of all remembered results, at most."""


class Sized(Protocol):
    """A result whose size is known."""

    @property
    def size(self) -> int:
        """Bytes that it takes to remember the result, roughly."""
        ...


R = TypeVar("R", bound=Sized)


class FirstArrivalFailed(Exception):
    """The work for the first arrival of this activity raised; the cause is its error."""


class Deduplicator(Generic[R]):
    """Runs the work for each key once, and gives its result to every caller.

    Results are kept in memory for a limited time; past a number of results or of bytes, the oldest
    are dropped. A restart forgets all of them.
    """

    def __init__(
        self,
        *,
        seconds: float = REMEMBERED_FOR,
        most: int = MOST,
        most_bytes: int = MOST_BYTES,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._seconds = seconds
        self._most = most
        self._most_bytes = most_bytes
        self._clock = clock
        self._running: dict[Hashable, asyncio.Task[R]] = {}
        self._unnamed: set[asyncio.Task[R]] = set()
        self._done: OrderedDict[Hashable, tuple[float, R]] = OrderedDict()
        self._bytes = 0

    async def once(self, key: Hashable | None, work: Callable[[], Awaitable[R]]) -> R:
        """Returns the result for this key: remembered, from work in progress, or from ``work``.

        Without a key, ``work`` runs each time. Work goes on when its caller stops waiting. Raises
        the error of the work to its own caller, and FirstArrivalFailed to those who waited with
        it. Errors are not remembered.
        """
        if key is None:
            task = asyncio.ensure_future(_run(work))
            self._unnamed.add(task)
            task.add_done_callback(self._unnamed.discard)
            return await _wait_for(task)
        self._forget_old()
        if (remembered := self._done.get(key)) is not None:
            return remembered[1]
        if (running := self._running.get(key)) is not None:
            # Not awaited: its error is for the first caller to handle.
            await asyncio.wait([running])
            if running.cancelled() or (error := running.exception()) is None:
                return running.result()
            raise FirstArrivalFailed from error
        task = self._running[key] = asyncio.ensure_future(_run(work))
        task.add_done_callback(lambda done: self._finished(key, done))
        return await _wait_for(task)

    async def finish(self, within: float) -> None:
        """Waits for all work in progress; cancels what is left after ``within`` seconds."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(within):
                while running := [*self._running.values(), *self._unnamed]:
                    await asyncio.wait(running)
        for task in (*self._running.values(), *self._unnamed):
            task.cancel()

    def __len__(self) -> int:
        """Number of remembered results."""
        return len(self._done)

    def _finished(self, key: Hashable, task: asyncio.Task[R]) -> None:
        del self._running[key]
        if task.cancelled() or task.exception() is not None:
            return
        result = task.result()
        self._done[key] = (self._clock() + self._seconds, result)
        self._bytes += result.size
        while len(self._done) > self._most or self._bytes > self._most_bytes:
            self._forget_oldest()

    def _forget_old(self) -> None:
        now = self._clock()
        while self._done and next(iter(self._done.values()))[0] <= now:
            self._forget_oldest()

    def _forget_oldest(self) -> None:
        _, (_, result) = self._done.popitem(last=False)
        self._bytes -= result.size


async def _run(work: Callable[[], Awaitable[R]]) -> R:
    return await work()


async def _wait_for(task: asyncio.Task[R]) -> R:
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        # No caller is left to handle an error.
        task.add_done_callback(_log_error)
        raise


class SharedDeduplicator:
    """Lets an activity act in only one of the processes that share a store."""

    def __init__(self, inbox: Inbox, owner: str) -> None:
        self._inbox = inbox
        self._owner = owner

    async def once(self, key: str, work: Callable[[], Awaitable[HttpAnswer]]) -> HttpAnswer:
        """Returns the answer of ``work``, or the answer that another process gave before.

        Raises the error of the work, which may then be tried again, and StoreError when the store
        can't tell whether another process is working on it.
        """
        given = await self._inbox.begin(key, self._owner)
        if given is not None:
            return msgspec.msgpack.decode(given, type=HttpAnswer)
        try:
            answer = await work()
        except BaseException:
            with contextlib.suppress(StoreError):
                await self._inbox.failed(key, self._owner)
            raise
        if answer.private:
            # A later arrival does the work again, and comes to the same answer.
            with contextlib.suppress(StoreError):
                await self._inbox.failed(key, self._owner)
            return answer
        try:
            await self._inbox.answered(key, self._owner, msgspec.msgpack.encode(answer))
        except StoreError as error:
            # The work is done. If another process does it again, ids and revisions show it.
            _log.warning("an answer is not kept for other processes: %s", error)
        return answer


def _log_error(task: asyncio.Task[R]) -> None:
    if not task.cancelled() and (error := task.exception()) is not None:
        _log.error("failed after it was answered", exc_info=error)
