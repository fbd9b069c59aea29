"""Leases in the PostgreSQL store: the database's clock decides."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from datetime import datetime

from storage.base import Standing
from storage.errors import Unavailable
from storage.postgres.connection.database import Database

_ANSWER_WITHIN = 3.0
"""Seconds for a beat. Several beats fit into the life of a lease, so losing one costs nothing."""

_TOO_LONG = 300.0
"""Seconds that no lease lasts: a later end was set by a clock of the database that was ahead."""

_BUSY_FOR = 30.0
"""Seconds for which a tenant counts as busy after a campaign has started: longer than several
beats, so that each process learns of the shortest campaign."""

_REPEATED_FOR = 600.0
"""Seconds in which the channel may deliver an activity again: see :mod:`storage.postgres.inbox`."""


class PostgresLeases:
    """Leases of tenants, each as long as its owner lives."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._known: set[str] = set()
        """Tenants that had users at the first beat."""

    async def beat(
        self, owner: str, *, seconds: float, wanted: Collection[str], now: datetime
    ) -> Standing:
        """Raises Unavailable when no answer comes soon: asking again is better than waiting."""
        try:
            async with asyncio.timeout(_ANSWER_WITHIN), self._database.session() as session:
                if not self._known:
                    rows = await session.fetch("tenants_of_users")
                    self._known.update(tenant_id for (tenant_id,) in rows)
                await session.run("end_impossible_leases", _TOO_LONG, seconds)
                row = await session.row("beat", owner, seconds, list(self._known | set(wanted)))
                busy = await session.fetch("busy_tenants", _BUSY_FOR)
                await session.run("forget_old_turns", _REPEATED_FOR)
        except TimeoutError as error:
            raise Unavailable(f"No answer within {_ANSWER_WITHIN:.0f} s.") from error
        assert row is not None
        tenants, others, surplus, known, time = row
        return Standing(
            tenants=frozenset(tenants),
            others=others,
            surplus=surplus,
            known=known,
            busy=frozenset(tenant_id for (tenant_id,) in busy),
            ahead=time - now,
        )

    async def release(self, owner: str, tenant_ids: Collection[str]) -> None:
        async with self._database.session() as session:
            await session.run("release", owner, list(tenant_ids))

    async def leave(self, owner: str) -> None:
        async with self._database.transaction() as session:
            await session.run("release_all", owner)
            await session.run("leave", owner)

    async def living(self) -> int:
        """Returns how many processes work with this database at present."""
        async with self._database.session() as session:
            return int(await session.value("living"))

    async def worked_with(self) -> bool:
        """Returns True when processes have ever worked with this database for a tenant."""
        async with self._database.session() as session:
            return bool(await session.value("worked_with"))
