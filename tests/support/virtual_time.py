"""An event loop in which waiting takes no time: the clock jumps to whatever is due next."""

from __future__ import annotations

import asyncio
import math
import selectors
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

T = TypeVar("T")


class VirtualTime:
    """The clock of such a loop.

    Sleeps end up to a millisecond late, as those of the real loop do. The wall clock can be set,
    which changes nothing for those who sleep.
    """

    def __init__(self) -> None:
        self.seconds = 1000.0
        self._wrong = timedelta()

    def monotonic(self) -> float:
        return self.seconds

    def right(self) -> datetime:
        """The time that the wall clock shows when it is right."""
        return datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=self.seconds)

    def now(self) -> datetime:
        return self.right() + self._wrong

    def set_wrong(self, seconds: float) -> None:
        """Sets the wall clock so many seconds ahead of the right time; 0: right again."""
        self._wrong = timedelta(seconds=seconds)

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(max(1, math.ceil(seconds * 1000)) / 1000)


def run(main: Callable[[VirtualTime], Coroutine[Any, Any, T]]) -> T:
    """Runs ``main`` to its end, in virtual time."""
    time = VirtualTime()
    with asyncio.Runner(loop_factory=lambda: _Loop(time)) as runner:
        return runner.run(main(time))


class _Loop(asyncio.SelectorEventLoop):
    def __init__(self, time: VirtualTime) -> None:
        self._virtual = time
        super().__init__(_Jumps(time))

    def time(self) -> float:
        return self._virtual.seconds


class _Jumps(selectors.SelectSelector):
    def __init__(self, time: VirtualTime) -> None:
        super().__init__()
        self._time = time

    def select(self, timeout: float | None = None) -> Any:
        if timeout is None:
            raise AssertionError("Everybody waits, and nothing will ever happen.")
        self._time.seconds += max(0.0, timeout)
        return super().select(0)
