"""The time, handed in from outside so that tests can move it.

No other module of the product reads the machine's clock.
"""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Tells the time, and lets it pass."""

    def now(self) -> datetime:
        """Returns the present moment; aware, in UTC."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Returns after so many seconds."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class StoreClock:
    """The store's clock: the same for all processes, however their machines' clocks are set.

    It is the machine's clock, corrected by how far the store's clock was ahead at the last beat:
    see :class:`~delivery.leases.TenantLeases`.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.ahead = timedelta(0)
        """How far the store's clock is ahead of this machine's."""

    def now(self) -> datetime:
        return self._clock.now() + self.ahead

    def own(self) -> datetime:
        """Returns the time by this machine's clock."""
        return self._clock.now()

    async def sleep(self, seconds: float) -> None:
        await self._clock.sleep(seconds)


def uptime() -> float:
    """Returns the seconds of a monotonic clock, which nobody can set.

    Where the system has such a clock, it also counts the time in which the machine sleeps.
    """
    clock = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic() if clock is None else time.clock_gettime(clock)
