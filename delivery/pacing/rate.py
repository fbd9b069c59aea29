"""The rate of calls that a tenant may have now: slower after a run of refusals, then faster again.

This is pure arithmetic; the time is handed in, in seconds of a monotonic clock.
"""

from __future__ import annotations

from collections.abc import Hashable

CUT = 0.7
"""The part of the rate that is left after a run."""

RUN = 3
"""Refused conversations that make a run; fewer may come from the limits of each conversation."""

RUN_SECONDS = 2.0
"""Most seconds between the refusals of a run.

Refusals within this time after a cut belong to the run that caused it.
"""

SECONDS_TO_RECOVER = 50.0
"""Time from standstill to the allowed rate: at 50 per second, one more each second."""

SLOWEST = 1.0
"""Least calls per second, however often the rate is cut; or the allowed rate, if that is lower."""


class Rate:
    """A rate that falls by a factor and recovers by addition (AIMD), as TCP shares a line."""

    def __init__(self, allowed: float) -> None:
        self.allowed = allowed
        """The allowed calls per second; may be changed at any time."""
        self._after_cut = allowed
        self._cut_at = float("-inf")
        self._refused: dict[Hashable, float] = {}

    def at(self, now: float) -> float:
        """Returns the calls per second, from the slowest to the allowed."""
        recovered = (now - self._cut_at) * self.allowed / SECONDS_TO_RECOVER
        return min(self.allowed, self._after_cut + recovered)

    def refused(self, conversation: Hashable, now: float) -> None:
        """Notes that a call in this conversation was answered with 429."""
        if now - self._cut_at < RUN_SECONDS:
            return
        self._refused[conversation] = now
        self._refused = {
            refused: time for refused, time in self._refused.items() if now - time < RUN_SECONDS
        }
        if len(self._refused) >= RUN:
            self._refused.clear()
            self._after_cut = max(min(SLOWEST, self.allowed), self.at(now) * CUT)
            self._cut_at = now
