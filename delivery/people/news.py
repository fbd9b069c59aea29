"""News of people, by tenant, for the work in the background that waits for them."""

from __future__ import annotations

import asyncio
from collections import defaultdict


class PeopleNews:
    """People of whom there is news, until somebody takes them.

    Each tenant has an event of its own, because one loop waits for each: a tenant that is busy, or
    waits for an answer, holds up no other.
    """

    def __init__(self) -> None:
        self._people: defaultdict[str, set[str]] = defaultdict(set)
        self._some: defaultdict[str, asyncio.Event] = defaultdict(asyncio.Event)

    def add(self, tenant_id: str, user_id: str) -> None:
        """Adds a person, and wakes the tenant's loop."""
        self._people[tenant_id].add(user_id)
        self._some[tenant_id].set()

    def take(self, tenant_id: str) -> list[str]:
        """Returns the tenant's people since the last call."""
        self._some[tenant_id].clear()
        return sorted(self._people.pop(tenant_id, ()))

    def some(self, tenant_id: str) -> asyncio.Event:
        """Returns the event that is set while there are people to take."""
        return self._some[tenant_id]
