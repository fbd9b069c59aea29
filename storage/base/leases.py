"""Which process sends for which tenant."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Protocol

import msgspec


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """What a process may do, among others with the same store."""

    tenants: frozenset[str] | None
    """Those whose lease it has: it alone sends their campaigns. None: all, for good, because
    nobody else can have the store.
    """

    others: int = 0
    """Other processes that may be making calls, the recently lost ones included."""

    surplus: int = 0
    """How many tenants it should give up, so that others have as many."""

    known: bool = True
    """Whether all others have learnt that this one is there."""

    ahead: timedelta = timedelta(0)
    """How far the store's clock is ahead of the one that was given."""


class Leases(Protocol):
    """Which of several processes sends for which tenant: one at a time.

    The time that counts is the store's own.
    """

    async def beat(
        self, owner: str, *, seconds: float, wanted: Collection[str], now: datetime
    ) -> Standing:
        """The owner lives on for so many seconds from now, and keeps what it has as long; takes
        its share of the tenants that nobody has.

        A lease whose owner has not beaten in time is free. ``wanted``: tenants that have something
        to do; those with campaigns or users are known already. ``now``: by the caller's clock.
        """
        ...

    async def release(self, owner: str, tenant_ids: Collection[str]) -> None:
        """Others may take these."""
        ...

    async def leave(self, owner: str) -> None:
        """The owner is there no more: others may take all that it had."""
        ...
