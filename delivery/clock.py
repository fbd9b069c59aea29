"""The time, handed in from outside so that tests can move it.

There are two kinds of time. The *wall clock* tells what is stored and shown, and what people have
chosen. Anybody may set it: an operator, or a time service that finds it wrong. The *monotonic*
clock tells how much time has passed in this process, and nobody can set it.

A **step** is a change of the wall clock that did not take that much time. :class:`StoreClock`
notices it, logs it, and tells those who wait. No other module of the product reads the machine's
clock.
"""

from __future__ import annotations

import asyncio
import logging
import math
import time
from datetime import UTC, datetime, timedelta
from typing import Protocol

import msgspec

_log = logging.getLogger(__name__)

STEP = 1.0
"""Least seconds of a step. Smaller corrections are followed without a word."""

BELIEVED_AFTER = 10.0
"""Seconds for which a clock has to stay where it was set before its time counts.

Some clocks are set twice within a moment, to a wrong time and back. Until then, time goes on as if
the clock had not been set.
"""

SEEN_EVERY = 3.0
"""Most seconds between two looks at a clock that was set, for its time to count at the end.

Looks that are further apart don't show where it was between them. It may be set to and fro, and
each look may meet it at the same place.
"""

LOOKED_EVERY = 0.05
"""Seconds after a look in which there is no other one: the time is asked for at each delivery."""

TOLD_EVERY = 60.0
"""Least seconds between two log lines about steps: a clock may be set all the time."""

_READ_WITHIN = 0.05
"""Most seconds in which two clocks are read, so that they belong together."""


class Clock(Protocol):
    """Tells the time, and lets it pass."""

    def now(self) -> datetime:
        """Returns the present moment by the wall clock; aware, in UTC."""
        ...

    def monotonic(self) -> float:
        """Returns the seconds of a clock that nobody can set."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Returns after so many seconds, whatever happens to the wall clock."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Returns the seconds of the machine's monotonic clock.

        Where the system has such a clock, it also counts the time in which the machine sleeps. So a
        machine that was suspended has made no step.
        """
        clock = getattr(time, "CLOCK_BOOTTIME", None)
        return time.monotonic() if clock is None else time.clock_gettime(clock)

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class StoreClock:
    """The store's clock: the same for all processes, however their machines' clocks are set.

    A store of one process has that machine's clock. With a database, it is the database's clock as
    it was at the last beat (see :class:`~delivery.leases.TenantLeases`), and the monotonic time
    since then. Steps of the machine's clock have no effect then.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._machine = _Timeline("this machine's")
        self._store: _Timeline | None = None
        self._looked_at = -math.inf
        """Seconds at the latest look at the machine's clock."""
        self._stepped = asyncio.Event()
        self.steps = 0
        """Number of steps so far of the clock that counts."""

    @property
    def stepped(self) -> asyncio.Event:
        """An event that the next step sets. After that there is another one."""
        return self._stepped

    @property
    def unsure(self) -> bool:
        """True while this machine's clock was set, and it is not known whether it stays there."""
        return self._machine.unsure

    def now(self) -> datetime:
        if self._store is None:
            return self.own()
        return self._store.at(self._clock.monotonic())

    def own(self) -> datetime:
        """Returns the time by this machine's clock, and looks whether that was set."""
        seconds = self._clock.monotonic()
        if 0.0 <= seconds - self._looked_at < LOOKED_EVERY:
            return self._machine.at(seconds)
        self._looked_at = seconds
        began, seconds = self._read()
        if self._machine.learn(_Span(began, began), seconds) and self._store is None:
            self._step()
        return self._machine.at(seconds)

    def monotonic(self) -> float:
        return self._clock.monotonic()

    async def sleep(self, seconds: float) -> None:
        await self._clock.sleep(seconds)

    def follow(self, store_time: datetime, asked: float, answered: float) -> None:
        """Follows the database's clock from now on.

        :param store_time: its time at some moment between these two:
        :param asked: seconds of the monotonic clock when it was asked.
        :param answered: the same when its answer came.
        """
        if self._store is None:
            self._store = _Timeline("the database's")
        reading = _Span(
            store_time - timedelta(seconds=answered), store_time - timedelta(seconds=asked)
        )
        if self._store.learn(reading, answered):
            self._step()

    def _step(self) -> None:
        self.steps += 1
        self._stepped.set()
        self._stepped = asyncio.Event()

    def _read(self) -> tuple[datetime, float]:
        """Returns the moment at which the monotonic clock was at 0, by the wall clock; and its
        seconds now.
        """
        for _ in range(10):
            seconds = self._clock.monotonic()
            wall = self._clock.now()
            # A process that stands still between the two must not look like a step.
            if self._clock.monotonic() - seconds < _READ_WITHIN:
                break
        return wall - timedelta(seconds=seconds), seconds


class _Span(msgspec.Struct, frozen=True):
    """Bounds of the moment at which the monotonic clock was at 0, by some wall clock."""

    earliest: datetime
    latest: datetime

    def gap(self, other: _Span) -> float:
        """Returns the seconds between two spans that do not touch; 0 when they do."""
        later, earlier = max(self.earliest, other.earliest), min(self.latest, other.latest)
        return max(0.0, (later - earlier).total_seconds())

    def narrowed(self, reading: _Span) -> _Span:
        """Returns the span when a new reading is known; of two that don't touch, the nearest moment
        of the new one.
        """
        if reading.earliest > self.latest:
            return _Span(reading.earliest, reading.earliest)
        if reading.latest < self.earliest:
            return _Span(reading.latest, reading.latest)
        return _Span(
            max(self.earliest, reading.earliest),
            min(self.latest, reading.latest),
        )


class _Timeline:
    """A wall clock, as the moment at which the monotonic clock was at 0.

    :param name: the clock's name in the log.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._began: _Span | None = None
        self._set_to: _Span | None = None
        """The same after a step that does not count yet."""
        self._set_at = 0.0
        self._seen_at = 0.0
        """Seconds at the latest look since the clock was set."""
        self._told_at: float | None = None

    @property
    def unsure(self) -> bool:
        """True after a step that does not count yet."""
        return self._set_to is not None

    def at(self, seconds: float) -> datetime:
        """Returns the wall clock's time at these seconds of the monotonic clock.

        It is never ahead of that clock, so that nothing happens too early.
        """
        assert self._began is not None
        return self._began.earliest + timedelta(seconds=seconds)

    def learn(self, reading: _Span, seconds: float) -> bool:
        """Learns where the clock is now; returns True when a step counts from now on."""
        if self._began is None or self._began.gap(reading) < STEP:
            self._began = reading if self._began is None else self._began.narrowed(reading)
            self._set_to = None
            return False
        if self._set_to is None or self._set_to.gap(reading) >= STEP:
            self._tell(reading, seconds)
            self._set_to = reading
            self._set_at = self._seen_at = seconds
            return False
        self._set_to = self._set_to.narrowed(reading)
        if seconds - self._seen_at > SEEN_EVERY:
            self._set_at = seconds
        self._seen_at = seconds
        if seconds - self._set_at < BELIEVED_AFTER:
            return False
        self._began, self._set_to = self._set_to, None
        return True

    def _tell(self, reading: _Span, seconds: float) -> None:
        if self._told_at is not None and seconds - self._told_at < TOLD_EVERY:
            return
        self._told_at = seconds
        _log.warning(
            "%s clock was set from %s to %s",
            self._name,
            f"{self.at(seconds):%Y-%m-%d %H:%M:%S}",
            f"{reading.earliest + timedelta(seconds=seconds):%Y-%m-%d %H:%M:%S}",
        )
