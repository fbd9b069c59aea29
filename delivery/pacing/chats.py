"""Keeps the calls in each conversation within the limits of a conversation.

This is pure arithmetic; the time is handed in, in seconds of a monotonic clock.
"""

from __future__ import annotations

from array import array

SECONDS_PER_CALL = 30.0
"""Seconds for which an idle conversation is remembered, for each call that was made in it.

So the number of remembered conversations does not grow with a campaign: at 50 calls
per second it is 1,500, and as many again until the next sweep. The constant must not be less than
the 30 s of a window below.
"""

_HOUR = 3600.0

_FORGOTTEN = int(_HOUR / SECONDS_PER_CALL)
"""Most calls of the last hour that may be forgotten, when a conversation was idle in between.

For each of them it was idle for ``SECONDS_PER_CALL`` of that hour.
"""

WINDOWS = ((7, 1.0), (8, 2.0), (60, 30.0), (1800 - _FORGOTTEN, _HOUR))
"""Pairs of calls and seconds: the most sends and creations of one bot that Teams allows in one
conversation (rate-limit docs).

Teams allows twice as many look-ups; here they count the same.
"""

_MOST = WINDOWS[-1][0]


class Chats:
    """The latest calls in each conversation."""

    def __init__(self) -> None:
        self._calls: dict[str, array[float]] = {}
        self._sweep_at = float("-inf")

    def __len__(self) -> int:
        """Returns how many conversations are remembered."""
        return len(self._calls)

    def wait(self, conversation_id: str, now: float) -> float:
        """Returns the seconds until one more call may leave; 0: now."""
        times = self._calls.get(conversation_id, ())
        waits = [times[-calls] + per - now for calls, per in WINDOWS if len(times) >= calls]
        return max(0.0, *waits) if waits else 0.0

    def note(self, conversation_id: str, now: float) -> None:
        """Notes that a call leaves."""
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
    """Returns the calls that may still matter."""
    return array("d", (time for time in times[-_MOST:] if time > now - _HOUR))
