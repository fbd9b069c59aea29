"""Leases: at any time, one process sends for a tenant."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Protocol

import msgspec


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """A process's standing among others with the same store."""

    tenants: frozenset[str] | None
    """Tenants whose leases it has: it alone sends their campaigns. None: all tenants, for good,
    because no other process can have the store.
    """

    others: int = 0
    """Other processes that may be making calls, including those that were lost recently."""

    surplus: int = 0
    """How many tenants it should give up, so that all processes have about as many."""

    known: bool = True
    """True when all other processes have learnt of this one."""

    busy: frozenset[str] | None = None
    """Tenants whose campaigns are going on, or were started in the last half minute. None: not
    known, so any may be.
    """

    ahead: timedelta = timedelta(0)
    """How far the store's clock is ahead of the caller's."""


class Leases(Protocol):
    """Leases of tenants: one process at a time sends for a tenant.

    The store's own clock decides.
    """

    async def beat(
        self, owner: str, *, seconds: float, wanted: Collection[str], now: datetime
    ) -> Standing:
        """Keeps the owner and its leases alive for so many seconds from now.

        The owner also takes its share of the free leases. A lease is free when its owner's last
        beat has run out.

        :param wanted: tenants in which the owner has something to do. The store knows tenants with
            campaigns or users already.
        :param now: the time by the caller's clock.
        """
        ...

    async def release(self, owner: str, tenant_ids: Collection[str]) -> None:
        """Gives up these tenants' leases."""
        ...

    async def leave(self, owner: str) -> None:
        """Gives up all leases, and forgets the owner."""
        ...
