"""Keeps each tenant's calls inside the allowed rate.

Teams allows 50 requests per second per app per tenant, all kinds of call together (rate-limit
docs). A token bucket per tenant: the engine waits for permits before it claims; calls that a person
is waiting for (replies, progress cards, look-ups) never wait, but are charged, so that the engine
gives way to them.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from delivery.clock import Clock


class Pacer:
    """The buckets of all tenants, in one process.

    ``rate`` is in calls per second. ``burst`` calls may leave at once after a pause: 0.1 s worth by
    default, which smooths over the time that a durable claim takes.
    """

    def __init__(
        self,
        clock: Clock,
        rate: float,
        *,
        burst: float | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._clock = clock
        self._monotonic = monotonic
        self._rate = rate
        self._burst = max(1.0, rate / 10 if burst is None else burst)
        self._buckets: dict[str, _Bucket] = {}

    def charge(self, tenant_id: str, calls: int = 1) -> None:
        """Counts calls that could not wait; what is owed, the next :meth:`take` waits for."""
        self._bucket(tenant_id).tokens -= calls

    async def take(self, tenant_id: str, limit: int) -> int:
        """Waits until at least one call may leave, and returns how many may, up to ``limit``."""
        while True:
            bucket = self._bucket(tenant_id)
            permits = min(limit, int(bucket.tokens))
            if permits >= 1:
                bucket.tokens -= permits
                return permits
            await self._clock.sleep((1 - bucket.tokens) / self._rate)

    def give_back(self, tenant_id: str, permits: int) -> None:
        """Returns permits that were taken and not used."""
        bucket = self._bucket(tenant_id)
        bucket.tokens = min(self._burst, bucket.tokens + permits)

    def _bucket(self, tenant_id: str) -> _Bucket:
        """The tenant's bucket, filled up to the present moment."""
        now = self._monotonic()
        bucket = self._buckets.get(tenant_id)
        if bucket is None:
            bucket = self._buckets[tenant_id] = _Bucket(self._burst, now)
        bucket.tokens = min(self._burst, bucket.tokens + (now - bucket.at) * self._rate)
        bucket.at = now
        return bucket


class _Bucket:
    __slots__ = ("at", "tokens")

    def __init__(self, tokens: float, at: float) -> None:
        self.tokens = tokens
        self.at = at
