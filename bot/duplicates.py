"""The same activity delivered twice acts once.

The channel delivers again what was not answered in time, and an invoke may be repeated, also while
the first is still being worked on. All deliveries of one activity share one piece of work and its
result.
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
MOST_BYTES = 32 * 1024 * 1024


class Sized(Protocol):
    """What the work comes to."""

    @property
    def size(self) -> int:
        """Bytes that remembering it costs, about."""
        ...


R = TypeVar("R", bound=Sized)


class FirstFailed(Exception):
    """The first delivery of this activity raised; its cause is the error that the first one got."""


class Duplicates(Generic[R]):
    """Runs the work for each key once, and gives its result to everyone who asks.

    It remembers for a limited time, at most so many results of at most so many bytes together; the
    oldest go first. It does so in memory: what was done before a restart is not known after it."""

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
        """The result for this key: of ``work``, of the same work in progress, or as remembered.

        Without a key it works each time. The work goes on when whoever waits for it stops waiting.
        Raises what the work raises, and FirstFailed for those who joined it; neither is
        remembered."""
        if key is None:
            task = asyncio.ensure_future(_run(work))
            self._unnamed.add(task)
            task.add_done_callback(self._unnamed.discard)
            return await _wait_for(task)
        self._forget_old()
        if (remembered := self._done.get(key)) is not None:
            return remembered[1]
        if (running := self._running.get(key)) is not None:
            # Waited for, not awaited: its error is the first one's to handle.
            await asyncio.wait([running])
            if running.cancelled() or (error := running.exception()) is None:
                return running.result()
            raise FirstFailed from error
        task = self._running[key] = asyncio.ensure_future(_run(work))
        task.add_done_callback(lambda done: self._finished(key, done))
        return await _wait_for(task)

    async def finish(self, within: float) -> None:
        """Waits until everything in progress is done; cancels what is not after so many seconds."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(within):
                while running := [*self._running.values(), *self._unnamed]:
                    await asyncio.wait(running)
        for task in (*self._running.values(), *self._unnamed):
            task.cancel()

    def __len__(self) -> int:
        """How many results are remembered."""
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
        # Nobody is left to hear of an error.
        task.add_done_callback(_log_error)
        raise


class OverProcesses:
    """The same activity, delivered to several processes with one store, acts at one of them."""

    def __init__(self, inbox: Inbox, owner: str) -> None:
        self._inbox = inbox
        self._owner = owner

    async def once(self, key: str, work: Callable[[], Awaitable[HttpAnswer]]) -> HttpAnswer:
        """The answer of ``work``, or the one that another process has given.

        Raises what the work raises, and it may be tried anew then; StoreError when it can't be told
        whether others are at it.
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
            # Whoever is told of it again does it again, and comes to the same.
            with contextlib.suppress(StoreError):
                await self._inbox.failed(key, self._owner)
            return answer
        try:
            await self._inbox.answered(key, self._owner, msgspec.msgpack.encode(answer))
        except StoreError as error:
            # It is done; and whatever is done twice is told apart by its id or revision.
            _log.warning("an answer is not kept for other processes: %s", error)
        return answer


def _log_error(task: asyncio.Task[R]) -> None:
    if not task.cancelled() and (error := task.exception()) is not None:
        _log.error("failed after it was answered", exc_info=error)
