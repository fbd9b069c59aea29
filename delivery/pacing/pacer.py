"""Fills each tenant's allowed rate of calls, and does not exceed it.

Teams allows 50 requests per second per app per tenant, all kinds of call together, and counts them
in a sliding second (rate-limit docs). Two steps keep to that:

- :meth:`Pacer.take`, a token bucket, tells how many deliveries may be claimed, a little ahead of
  their turn, so that a durable claim costs none of the rate;
- :meth:`Pacer.depart`, awaited right before a request leaves, holds it until its moment. Calls go
  through a :class:`~delivery.pacing.departure.Departure`, which awaits it when all else is ready.

A permit that was taken is used by one departure, or given back.

Calls that a person is waiting for (``urgent``) overtake the others there, and wait for about one
interval between two calls. A call that can't wait at all is charged (:meth:`Pacer.charge`): if the
rate is used up at that moment, it is one call too many. Answers are reported to
:meth:`Pacer.answered`.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Callable

from delivery.clock import Clock
from delivery.pacing.chats import Chats
from delivery.pacing.rate import Rate
from delivery.pacing.window import DepartureWindow, Lateness

AHEAD = 0.2
"""Most claimed calls that wait for their turn, in seconds of the rate.

They keep sending busy while the next claim takes its 5 to 30 ms. After a crash they are in doubt
without need, so there are no more of them.
"""

BURST = 0.1
"""Calls that may be claimed at once after a pause, in seconds of the rate.

The sliding second repeats a burst, and with it the gap after the burst. An urgent call may have to
wait for as long as that gap.
"""

NO_SHARE = 0.1
"""Seconds between two checks of a tenant's rate while none of it is ours."""


class Pacer:
    """The rates of all tenants in one process; tenants do not slow each other.

    :param rate: the allowed calls per second in each tenant; ``math.inf``: no pacing at all, not
        even per conversation.
    :param share: the calls per second that this process has in a tenant at the moment, when several
        processes share the rate.
    :param burst: calls that may be claimed at once, in place of :data:`BURST`.
    :param monotonic: seconds of the same time that ``clock`` sleeps by.
    """

    def __init__(
        self,
        clock: Clock,
        rate: float,
        *,
        share: Callable[[str], float] | None = None,
        burst: float | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        if not rate > 0:
            raise ValueError(f"The rate must be above 0, not {rate}.")
        self._clock = clock
        self._monotonic = monotonic
        self._rate = rate
        self._share = share
        self._unpaced = math.isinf(rate)
        self._burst = max(1.0, rate * BURST if burst is None else burst)
        self._tenants: dict[str, _Tenant] = {}
        self._conversations = Chats()

    # --- a tenant's calls

    def charge(self, tenant_id: str, calls: int = 1) -> float:
        """Counts calls that leave now, without waiting; later calls wait longer instead.

        Returns the moment, for :meth:`answered`.
        """
        now = self._monotonic()
        if not self._unpaced:
            tenant = self._tenant(tenant_id)
            tenant.tokens -= calls
            for _ in range(calls):
                tenant.departures.note(now)
        return now

    async def take(self, tenant_id: str, limit: int) -> int:
        """Waits until at least one delivery may be claimed; returns how many, up to ``limit``.

        It goes on waiting while :meth:`depart` holds as many calls as :data:`AHEAD` allows.
        """
        if self._unpaced:
            return limit
        tenant = self._tenant(tenant_id)
        while True:
            rate = self._refill(tenant_id, tenant)
            if rate <= 0:
                await self._clock.sleep(NO_SHARE)
                continue
            room = max(1, int(rate * AHEAD)) - tenant.usual.length
            permits = min(limit, room, int(tenant.tokens))
            if permits >= 1:
                tenant.tokens -= permits
                return permits
            if room < 1:
                await tenant.usual.shrunk()
            else:
                await self._clock.sleep((1 - tenant.tokens) / rate)

    def give_back(self, tenant_id: str, permits: int) -> None:
        """Takes back permits whose calls have not left, and will not leave."""
        if not self._unpaced:
            tenant = self._tenant(tenant_id)
            tenant.tokens = min(self._burst, tenant.tokens + permits)

    async def depart(
        self, tenant_id: str, *, urgent: bool = False, ask: Callable[[], None] = lambda: None
    ) -> float:
        """Waits for this call's moment, first come, first served; then the call must leave at once.

        Returns the moment, for :meth:`answered`.

        :param urgent: True when somebody is waiting for the call: it goes before all others.
        :param ask: called before each wait, and right before this returns. If it raises, the call
            has had no moment, and the next one has it.
        """
        if self._unpaced:
            ask()
            return self._monotonic()
        tenant = self._tenant(tenant_id)
        queue = tenant.urgent if urgent else tenant.usual
        queue.length += 1
        try:
            async with queue.turn:
                while True:
                    ask()
                    if not urgent and tenant.urgent.length:
                        await tenant.urgent.shrunk()
                        continue
                    now = self._monotonic()
                    rate = self._rate_at(tenant_id, tenant, now)
                    wait = tenant.departures.wait(rate, now) if rate > 0 else NO_SHARE
                    if wait <= 0:
                        tenant.departures.note(now)
                        tenant.tokens -= urgent
                        return now
                    await self._clock.sleep(wait)
        finally:
            queue.length -= 1
            queue.left.set()

    def answered(
        self,
        tenant_id: str,
        throttled: bool,
        *,
        conversation_id: str | None = None,
        departed: float | None = None,
    ) -> None:
        """Notes that a call was answered.

        :param throttled: True when it was answered with 429.
        :param conversation_id: the call's conversation; None: it counts as a conversation of its
            own. A run of 429s across conversations slows the tenant; 429s of one do not.
        :param departed: the moment that :meth:`depart` or :meth:`charge` returned. An unusually
            late answer tells that its call may have arrived late.
        """
        if self._unpaced:
            return
        tenant, now = self._tenant(tenant_id), self._monotonic()
        if throttled:
            tenant.rate.refused(object() if conversation_id is None else conversation_id, now)
        if departed is not None:
            tenant.departures.delayed(departed, tenant.lateness.of(now - departed))

    def rate_of(self, tenant_id: str) -> float:
        """Returns the calls per second that the tenant may have at present."""
        tenant = self._tenants.get(tenant_id)
        if tenant is None:
            return self._rate if self._share is None else self._share(tenant_id)
        return self._rate_at(tenant_id, tenant, self._monotonic())

    # --- a conversation's calls

    def room_in(self, conversation_id: str) -> float:
        """Returns the seconds until one more call in this conversation may leave; 0: now."""
        if self._unpaced:
            return 0.0
        return self._conversations.wait(conversation_id, self._monotonic())

    def used(self, conversation_id: str) -> None:
        """Notes that a call in this conversation leaves."""
        if not self._unpaced:
            self._conversations.note(conversation_id, self._monotonic())

    def _tenant(self, tenant_id: str) -> _Tenant:
        tenant = self._tenants.get(tenant_id)
        if tenant is None:
            tenant = self._tenants[tenant_id] = _Tenant(self._rate, self._burst, self._monotonic())
        return tenant

    def _rate_at(self, tenant_id: str, tenant: _Tenant, now: float) -> float:
        if self._share is not None:
            tenant.rate.allowed = self._share(tenant_id)
        return tenant.rate.at(now)

    def _refill(self, tenant_id: str, tenant: _Tenant) -> float:
        """Fills the bucket up to the present moment; returns the rate."""
        now = self._monotonic()
        rate = self._rate_at(tenant_id, tenant, now)
        tenant.tokens = min(self._burst, tenant.tokens + (now - tenant.filled_at) * rate)
        tenant.filled_at = now
        return rate


class _Tenant:
    """The state of one tenant's pacing."""

    def __init__(self, rate: float, burst: float, now: float) -> None:
        self.rate = Rate(rate)
        self.departures = DepartureWindow(math.ceil(rate))
        self.lateness = Lateness()
        self.tokens = burst
        self.filled_at = now
        self.usual = _Queue()
        self.urgent = _Queue()


class _Queue:
    """Calls that wait for their moment."""

    def __init__(self) -> None:
        self.length = 0
        self.turn = asyncio.Lock()
        self.left = asyncio.Event()

    async def shrunk(self) -> None:
        """Waits until a call has left, or was given up."""
        self.left.clear()
        await self.left.wait()
