"""The departures of a tenant's latest calls, and the moment when the next one may leave.

Teams counts calls in a sliding second, when they *arrive*. So a call counts from the moment at
which it really leaves, not from its permission. A call that took unusually long on its way counts
as one that left that much later. This is pure arithmetic; times are seconds of a monotonic clock.
"""

from __future__ import annotations

import math
from bisect import bisect_left, insort

GUARD = 0.002
"""Seconds added to the sliding second for the common jitter on the way."""

LATENESS_PAID = 0.003
"""Seconds by which answers are late on average, as :class:`Lateness` defines *late*.

With the guard it costs half a per cent of the rate.
"""

LATEST = 1.0
"""Most seconds of lateness: a later answer was not delayed on its way, but slow to be made."""

_GAIN = 0.05
"""How fast the usual duration follows the answers: over about 20 of them."""


class DepartureWindow:
    """The window of one tenant.

    :param most: calls in a window at the highest rate.
    """

    def __init__(self, most: int) -> None:
        self._keep = most
        self._times: list[float] = []
        """The departures, sorted."""

    def wait(self, rate: float, now: float) -> float:
        """Returns the seconds until one more call may leave; 0: now.

        However fast they come, no more than ``rate`` (rounded up) leave in any second.
        """
        calls = math.ceil(rate)
        if len(self._times) < calls:
            return 0.0
        return max(0.0, self._times[-calls] + calls / rate + GUARD - now)

    def note(self, now: float) -> None:
        """Notes that a call leaves."""
        insort(self._times, now)
        if len(self._times) > 2 * self._keep:
            del self._times[: -self._keep]

    def delayed(self, left_at: float, seconds: float) -> None:
        """Notes that the call of this departure may have arrived ``seconds`` later than usual."""
        place = bisect_left(self._times, left_at)
        if seconds > 0 and place < len(self._times) and self._times[place] == left_at:
            del self._times[place]
            insort(self._times, left_at + seconds)


class Lateness:
    """The lateness of answers, compared with their usual duration.

    An answer tells the latest moment at which its call can have arrived: a process that stood still
    for 30 ms shows as an answer that is 30 ms late. It would be safe to assume that every call
    arrived when it was answered. But it would be slow, because most of the time goes into
    answering. So the usual duration is chosen in such a way that the lateness beyond it is
    ``LATENESS_PAID`` on average, whether answers take 1 ms or 200. This is the part of the rate
    that safety costs, and it is spent on the latest calls.
    """

    def __init__(self) -> None:
        self._usual = 0.0

    def of(self, seconds: float) -> float:
        """Returns the lateness of an answer in seconds, from 0 to ``LATEST``; learns from it.

        :param seconds: time from its call's departure to the answer.
        """
        late = min(LATEST, max(0.0, seconds - self._usual))
        self._usual += _GAIN * (late - LATENESS_PAID)
        return late
