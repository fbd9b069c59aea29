"""Keeps the calls in each conversation inside their own limits.

Pure arithmetic; the time is handed in, in seconds of a monotonic clock.
"""

from __future__ import annotations

from array import array

SECONDS_PER_CALL = 30.0
"""An idle conversation is remembered for this long per call that was made in it, so that the
number remembered does not grow with a campaign: at 50 calls per second 1,500, and as many again
until the next sweep.

Not less than the 30 s of a window below.
"""

_HOUR = 3600.0

_FORGOTTEN = int(_HOUR / SECONDS_PER_CALL)
"""Calls of the last hour, at most, that may have been forgotten of a conversation that was idle
in between: each took ``SECONDS_PER_CALL`` of the hour to be forgotten.
"""

WINDOWS = ((7, 1.0), (8, 2.0), (60, 30.0), (1800 - _FORGOTTEN, _HOUR))
"""(calls, seconds): sends and creations of one bot in one conversation (rate-limit docs).

Look-ups are allowed twice that; here they count the same.
"""

_MOST = WINDOWS[-1][0]


class Chats:
    """What was called lately in which conversation."""

    def __init__(self) -> None:
        self._calls: dict[str, array[float]] = {}
        self._sweep_at = float("-inf")

    def __len__(self) -> int:
        """Conversations that are remembered."""
        return len(self._calls)

    def wait(self, conversation_id: str, now: float) -> float:
        """Seconds until one more call may leave; 0 when it may."""
        times = self._calls.get(conversation_id, ())
        waits = [times[-calls] + per - now for calls, per in WINDOWS if len(times) >= calls]
        return max(0.0, *waits) if waits else 0.0

    def note(self, conversation_id: str, now: float) -> None:
        """A call leaves."""
        if now >= self._sweep_at:
            self._sweep(now)
            self._sweep_at = now + SECONDS_PER_CALL
        times = self._calls.get(conversation_id)
        if times is None:
            times = self._calls[conversation_id] = array("d")
        times.append(now)
        if len(times) > 2 * _MOST or times[0] <= now - 2 * _HOUR:
            self._calls[conversation_id] = _lately(times, now)

    def _sweep(self, now: float) -> None:
        self._calls = {
            conversation_id: times
            for conversation_id, times in self._calls.items()
            if now - times[-1] < min(_HOUR, SECONDS_PER_CALL * len(times))
        }


def _lately(times: array[float], now: float) -> array[float]:
    """What may still matter."""
    return array("d", (at for at in times[-_MOST:] if at > now - _HOUR))
