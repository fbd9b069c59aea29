"""Teams' documented limits, kept strictly with sliding windows."""

from __future__ import annotations

import math
from collections import defaultdict, deque

PER_TENANT = ((50, 1.0),)
"""(calls, seconds): all kinds of call of one app in one tenant."""
PER_CONVERSATION = ((7, 1.0), (8, 2.0), (60, 30.0), (1800, 3600.0))
"""Sends and creations of one bot in one conversation."""
LOOK_UPS_PER_CONVERSATION = ((14, 1.0), (16, 2.0), (120, 30.0), (3600, 3600.0))


class SlidingWindows:
    """Counts calls per key; a refused call does not count."""

    def __init__(self, windows: tuple[tuple[int, float], ...]) -> None:
        self._windows = windows
        self._most = max(calls for calls, _ in windows)
        self._times: defaultdict[str, deque[float]] = defaultdict(lambda: deque(maxlen=self._most))

    def wait(self, key: str, now: float) -> float:
        """Returns the seconds until a call is allowed; 0 when it is now."""
        times = self._times[key]
        longest = 0.0
        for calls, seconds in self._windows:
            if len(times) >= calls:
                longest = max(longest, times[-calls] + seconds - now)
        return longest

    def count(self, key: str, now: float) -> None:
        self._times[key].append(now)


class Limits:
    """All limits of the service."""

    def __init__(self) -> None:
        self._tenants = SlidingWindows(PER_TENANT)
        self._sends = SlidingWindows(PER_CONVERSATION)
        self._look_ups = SlidingWindows(LOOK_UPS_PER_CONVERSATION)

    def refuse(self, tenant: str, conversation: str, now: float, *, look_up: bool) -> int:
        """Counts an allowed call and returns 0; else returns whole seconds for ``Retry-After``."""
        per_conversation = self._look_ups if look_up else self._sends
        wait = max(self._tenants.wait(tenant, now), per_conversation.wait(conversation, now))
        if wait > 0:
            return max(1, math.ceil(wait))
        self._tenants.count(tenant, now)
        per_conversation.count(conversation, now)
        return 0
