"""When a tenant's latest calls left, and when the next one may.

Teams counts calls in a sliding second, when they *arrive*. So what counts here is the moment at
which a call really leaves, and not the one at which it was permitted; and a call that took
unusually long on its way is taken to have left later by as much. Pure arithmetic; times are seconds
of a monotonic clock.
"""

from __future__ import annotations

import math
from bisect import bisect_left, insort

GUARD = 0.002
"""Seconds added to the sliding second for the common jitter on the way."""

LATENESS_PAID = 0.003
"""Seconds by which answers are late on average, by our choice of what is late: see
:class:`Lateness`.

With the guard it costs a half per cent of the rate.
"""

LATEST = 1.0
"""Seconds; what is later than that was no stumble on the way, but a slow answer."""

_GAIN = 0.05
"""How fast the idea of what is usual follows the answers: about 20 of them."""


class DepartureWindow:
    """The window of one tenant."""

    def __init__(self, most: int) -> None:
        """``most``: calls in a window at the highest rate."""
        self._keep = most
        self._times: list[float] = []
        """Sorted."""

    def wait(self, rate: float, now: float) -> float:
        """Seconds until one more call may leave; 0 when it may.

        However fast, no more than ``rate`` (rounded up) leave in any second.
        """
        calls = math.ceil(rate)
        if len(self._times) < calls:
            return 0.0
        return max(0.0, self._times[-calls] + calls / rate + GUARD - now)

    def note(self, now: float) -> None:
        """A call leaves."""
        insort(self._times, now)
        if len(self._times) > 2 * self._keep:
            del self._times[: -self._keep]

    def delayed(self, left_at: float, by: float) -> None:
        """The call that left then may have arrived later than usual."""
        place = bisect_left(self._times, left_at)
        if by > 0 and place < len(self._times) and self._times[place] == left_at:
            del self._times[place]
            insort(self._times, left_at + by)


class Lateness:
    """How late an answer is, against what is usual lately.

    An answer tells the latest moment at which its call can have arrived: a process that stood still
    for 30 ms shows as an answer that is 30 ms late. Taking every call to have arrived when it was
    answered would be safe and slow, for most of the time goes into answering. So what is called
    usual is chosen such that the lateness beyond it is ``LATENESS_PAID`` on average, whether
    answers take 1 ms or 200: that much of the rate is spent, and spent on the latest.
    """

    def __init__(self) -> None:
        self._usual = 0.0

    def of(self, seconds: float) -> float:
        """How late an answer is that came ``seconds`` after its call left; 0 to ``LATEST``."""
        late = min(LATEST, max(0.0, seconds - self._usual))
        self._usual += _GAIN * (late - LATENESS_PAID)
        return late
