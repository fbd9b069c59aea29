"""Waits: for a store that can't serve just now, and for an event or a time."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import math
import weakref
from collections.abc import Awaitable, Callable, Iterator
from typing import TypeVar

from delivery.clock import Clock
from storage.errors import Damaged, StoreError

_log = logging.getLogger(__name__)

T = TypeVar("T")

STORE_PAUSE = 1.0
"""Seconds between two tries while the store can't be read or written."""

AGAIN_AFTER = 60.0
"""Seconds between two log lines about the same wait: a disk may be full all night, and there is a
try every second.
"""

NAMED = 20
"""Most waits that the log names in ``AGAIN_AFTER`` seconds; the others are counted.

There may be as many waits as campaigns, all for the same reason.
"""

LONGEST_NAP = 30.0
"""Most seconds until a waiter looks again, whatever it waits for.

It covers everything that nobody has told it, such as a clock that was set. A look costs next to
nothing.
"""


class Waiting:
    """Work that may have to wait for the store.

    The log tells when a wait begins, that it goes on (once a minute), and when it is over. Of many
    waits at once it names some, and tells how many more there are.

    :param subject: the name of the work, in the log line that tells the end of a wait.
    """

    def __init__(self, log: logging.Logger, clock: Clock, subject: str) -> None:
        self._log = log
        self._clock = clock
        self._subject = subject
        self._since: float | None = None
        self._told_at: float | None = None
        self._named = False
        """True when the log has named this wait."""

    async def until(
        self, work: Callable[[], Awaitable[T]], message: str, *, even_damaged: bool = False
    ) -> T:
        """Repeats ``work`` until the store serves, and returns its result.

        It waits after a StoreError only; other errors pass through. Damaged passes through as well,
        because waiting does not mend a damaged record.

        :param work: is begun anew at each try, so it has to be repeatable.
        :param message: the log line while it waits.
        :param even_damaged: waits after Damaged, too, until people have repaired the record.
        """
        while True:
            try:
                result = await work()
            except StoreError as error:
                if isinstance(error, Damaged) and not even_damaged:
                    raise
                self.failed(message, error)
                await self._clock.sleep(STORE_PAUSE)
            else:
                self.succeeded()
                return result

    @contextlib.contextmanager
    def tolerate(self, message: str) -> Iterator[None]:
        """Logs a StoreError that ends this block, Damaged included, and lets the caller go on.

        It is for work that is repeated anyway.
        """
        try:
            yield
        except StoreError as error:
            self.failed(message, error)
        else:
            self.succeeded()

    def failed(self, message: str, error: StoreError) -> None:
        """Logs a failure of work that its caller repeats later."""
        now = self._clock.monotonic()
        if self._since is None or self._told_at is None:
            self._since = now
        elif now - self._told_at < AGAIN_AFTER:
            return
        self._told_at = now
        # A damaged record is no trouble that it shares with others.
        if isinstance(error, Damaged) or _waits_of(self._clock).may_be_named(now):
            self._named = True
            self._log.warning("%s: %s", message, error)

    def succeeded(self) -> None:
        """Logs that the wait is over, if there was one."""
        if self._since is None:
            return
        lasted = self._clock.monotonic() - self._since
        if self._named:
            self._log.info("%s: the store serves again, after %.0f s", self._subject, lasted)
        self._since = self._told_at = None
        self._named = False


class _Waits:
    """The log lines about all waits of a process."""

    def __init__(self) -> None:
        self._began = -math.inf
        """The moment from which the lines below are counted."""
        self._named = 0
        self._more = 0

    def may_be_named(self, now: float) -> bool:
        """Returns True when a wait may have a line of its own; counts it otherwise."""
        if now - self._began >= AGAIN_AFTER:
            if self._more:
                _log.warning("%d more waited for the store in the last minute", self._more)
            self._began, self._named, self._more = now, 0, 0
        if self._named < NAMED:
            self._named += 1
            return True
        self._more += 1
        return False


_waits: weakref.WeakKeyDictionary[Clock, _Waits] = weakref.WeakKeyDictionary()


def _waits_of(clock: Clock) -> _Waits:
    """Returns the waits by this clock: a process has one, and each test its own."""
    return _waits.setdefault(clock, _Waits())


async def nap(
    clock: Clock, event: asyncio.Event, seconds: float | None, *, longest: float = LONGEST_NAP
) -> None:
    """Waits until ``event`` is set or ``seconds`` have passed, whichever comes first.

    It never waits for longer than ``longest`` seconds. So callers look again after it, and don't
    take its end for the event.

    :param seconds: None: there is no time to wait for, only the event.
    """
    seconds = longest if seconds is None else min(seconds, longest)
    if seconds <= 0 or event.is_set():
        return
    waits = (asyncio.ensure_future(event.wait()), asyncio.ensure_future(clock.sleep(seconds)))
    try:
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wait in waits:
            wait.cancel()


async def rest(clock: Clock, event: asyncio.Event, seconds: float) -> None:
    """Waits until ``event`` is set or ``seconds`` have passed, in as many naps as that takes."""
    until = clock.monotonic() + seconds
    while not event.is_set() and (left := until - clock.monotonic()) > 0:
        await nap(clock, event, left)
