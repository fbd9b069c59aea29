"""The leases of this process: the tenants that it sends for, and its part of each one's rate.

Several processes may work with the same store. Each tenant's campaigns are sent by one of them at a
time: the one that has the tenant's lease. It keeps the lease by *beats*. The store's clock decides.
This module only remembers, by a monotonic clock, until when the lease is certainly ours. So a
process that stood still, or is cut off from the store, knows by itself that it must stop sending.
It stops before another process may begin.

People's turns arrive at any process, and its replies count against the rate like all other calls.
So each process has a share of a tenant's rate: see :mod:`delivery.shares`.
"""

from __future__ import annotations

import logging
import math
import uuid
from typing import Protocol

import msgspec

from delivery.clock import Clock, StoreClock
from delivery.shares import WINDOW, Reports, even_share, reserve
from delivery.waiting import Waiting
from storage.base import Leases, Standing
from storage.errors import StoreError

_log = logging.getLogger(__name__)


class LeaseRules(msgspec.Struct, frozen=True, kw_only=True):
    """Rules for keeping leases; all times in seconds."""

    lease: float = 10.0
    """How long a lease lasts without a beat.

    When a process is lost, another one goes on with its work after this time and one beat.
    """

    beat: float = 2.0
    """Time from the beginning of a beat to the next one. A lease outlasts a few lost beats."""

    margin: float = 2.0
    """Safety margin: a lease is given up this long before it expires.

    It covers a clock that runs at another speed, a clock that is set at the database, and a request
    that is just leaving.
    """

    step: float = 0.1
    """Time between two checks that a tenant to be given up has nothing in flight any more."""


STANDARD = LeaseRules()


class Holder(Protocol):
    """The part of the engine that works under the leases."""

    def review_soon(self) -> None:
        """Looks at all campaigns again, because other tenants may be held now.

        It doesn't wait for that: a look that takes long, or fails, must not keep the next beat.
        """
        ...

    def is_busy(self, tenant_id: str) -> bool:
        """Returns True when anything of this tenant is in flight."""
        ...

    def let_go(self, tenant_id: str) -> None:
        """Stops sending for a tenant that is to be given up; what is in flight is finished."""
        ...


class TenantLeases:
    """The leases of this process, which is the ``owner``.

    :param rate: calls per second that a tenant is allowed, all processes together.
    """

    def __init__(
        self,
        leases: Leases,
        clock: Clock,
        rate: float,
        *,
        rules: LeaseRules = STANDARD,
    ) -> None:
        self.owner = uuid.uuid4().hex
        self.clock = StoreClock(clock)
        """The store's time, for all that is stored and compared."""
        self._leases = leases
        self._rate = rate
        self._rules = rules
        self._monotonic = clock.monotonic
        self._standing = Standing(tenants=frozenset(), known=False)
        self._until = -math.inf
        """The moment until which our leases are certainly ours."""
        self._since: dict[str, float] = {}
        """The moment at which each tenant became ours."""
        self._others = 0
        """Other processes that may be making calls."""
        self._reports = Reports(
            idle_for=2 * rules.beat,
            busy_for=rules.lease - rules.margin,
        )
        self._known_since: float | None = None
        """The moment at which all other processes knew of this one."""
        self._wanted: set[str] = set()
        """Tenants in which this process has calls to make."""
        self._yielding: set[str] = set()
        """Tenants that are given up as soon as they have nothing in flight."""

    # --- asked before anything is done

    def holds(self, tenant_id: str) -> bool:
        """Returns True when this process, and no other, may send this tenant's campaigns now.

        Ask it right before each step that only one process may take; starting a scheduled campaign
        is one, too.
        """
        tenants = self._standing.tenants
        if tenants is None:
            return True
        return (
            tenant_id in tenants
            and tenant_id not in self._yielding
            and self._monotonic() < self._until
        )

    def share(self, tenant_id: str) -> float:
        """Returns the calls per second of this tenant's rate that are ours now."""
        if self._standing.tenants is None:
            return self._rate
        self._wanted.add(tenant_id)
        if not self._is_known():
            return 0.0
        now = self._monotonic()
        rate, others = self._rate, self._others
        tells = self._standing.busy is not None
        if self.holds(tenant_id) and now >= self._since[tenant_id] + WINDOW:
            if tells and not self._reports.holder_may_take_more(tenant_id, now):
                return even_share(rate, others)
            return rate - others * reserve(rate, others)
        if tells and self._reports.others_may_take_more(tenant_id, now):
            return even_share(rate, others)
        return reserve(rate, others)

    @property
    def has_settled_in(self) -> bool:
        """True when the other processes have made room in the rate for calls of this one."""
        return self._standing.tenants is None or self._is_known()

    @property
    def are_for_good(self) -> bool:
        """True when no other process can have the store; then there is no need for beats."""
        return self._standing.tenants is None

    @property
    def tenants(self) -> frozenset[str] | None:
        """The tenants whose leases this process has; None: all tenants."""
        if self._standing.tenants is None:
            return None
        return frozenset(filter(self.holds, self._standing.tenants))

    # --- keeping the leases

    async def join(self) -> None:
        """Makes the first beat; raises StoreError when the store can't serve."""
        await self._beat()

    async def run(self, holder: Holder) -> None:
        """Beats until it is cancelled; after each beat, the holder reviews its campaigns."""
        beating = Waiting(_log, self.clock, "leases")
        began = self._monotonic()
        while not self.are_for_good:
            await self._pause(holder, until=began + self._rules.beat)
            # From its beginning: a database whose answers take long is asked no less often.
            began = self._monotonic()
            with beating.tolerate("no beat"):
                await self._beat()
            self._choose(holder)
            holder.review_soon()

    async def leave(self) -> None:
        """Gives up all leases, so that others take over at once.

        Call it when nothing is in flight any more.
        """
        self._until = -math.inf
        try:
            await self._leases.leave(self.owner)
        except StoreError as error:
            _log.warning("the leases are left to lapse: %s", error)

    def _is_known(self) -> bool:
        since = self._known_since
        return since is not None and self._monotonic() >= since + WINDOW

    async def _pause(self, holder: Holder, *, until: float) -> None:
        """Waits until the next beat, at this moment of the monotonic clock.

        Meanwhile it gives up the chosen tenants as soon as they have nothing in flight.
        """
        while self._yielding and self._monotonic() < until:
            await self.clock.sleep(self._rules.step)
            quiet = {tenant_id for tenant_id in self._yielding if not holder.is_busy(tenant_id)}
            if quiet:
                await self._give_up(quiet)
        await self.clock.sleep(max(0.0, until - self._monotonic()))

    async def _beat(self) -> None:
        began, own = self._monotonic(), self.clock.own()
        standing = await self._leases.beat(
            self.owner, seconds=self._rules.lease, wanted=self._wanted, now=own
        )
        now = self._monotonic()
        if standing.tenants is not None:
            self.clock.follow(own + standing.ahead, began, now)
        if standing.busy is not None:
            self._reports.note(standing.busy, self._wanted, asked=began, now=now)
        before = self._standing.tenants or frozenset[str]()
        kept = before if began < self._until else frozenset[str]()
        # A process that has gone may have made its last call just now, so it counts once more.
        self._others = max(standing.others, self._standing.others)
        self._standing = standing
        self._until = began + self._rules.lease - self._rules.margin
        if standing.known and self._known_since is None:
            self._known_since = now
        if standing.tenants is None:
            return
        self._yielding &= standing.tenants
        for tenant_id in standing.tenants - kept:
            self._since[tenant_id] = now
            _log.info("sends for tenant %s from now on", tenant_id)
        for tenant_id in before - standing.tenants:
            _log.warning("sends for tenant %s no more: it stood still, or was cut off", tenant_id)

    def _choose(self, holder: Holder) -> None:
        """Chooses tenants to give up when others have fewer: first those with nothing in flight."""
        tenants = self._standing.tenants or frozenset()
        surplus = self._standing.surplus - len(self._yielding)
        if surplus > 0 and self._monotonic() < self._until:
            ranked = sorted(
                tenants - self._yielding,
                key=lambda tenant_id: (holder.is_busy(tenant_id), tenant_id),
            )
            self._yielding.update(ranked[:surplus])
            for tenant_id in ranked[:surplus]:
                holder.let_go(tenant_id)

    async def _give_up(self, tenant_ids: set[str]) -> None:
        try:
            await self._leases.release(self.owner, tenant_ids)
        except StoreError as error:
            _log.warning("leases are given up later: %s", error)
            return
        _log.info("tenants given up to others: %s", ", ".join(sorted(tenant_ids)))
        assert self._standing.tenants is not None
        self._standing = msgspec.structs.replace(
            self._standing, tenants=self._standing.tenants - tenant_ids
        )
        self._yielding -= tenant_ids
