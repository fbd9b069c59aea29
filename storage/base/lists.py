"""Distribution lists."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Protocol

from campaigns.lists import DistributionList
from storage.base.page import Page


class Lists(Protocol):
    """Distribution lists."""

    async def get(self, tenant_id: str, list_id: str) -> DistributionList | None: ...

    async def add(self, of: DistributionList) -> DistributionList:
        """Keeps a new list; raises Conflict when there is one with this id already."""
        ...

    async def save(self, of: DistributionList) -> DistributionList:
        """Keeps a changed list; raises Conflict when it was changed since, or deleted."""
        ...

    async def delete(self, tenant_id: str, list_id: str) -> bool: ...

    async def page(self, tenant_id: str, *, offset: int, limit: int) -> Page[DistributionList]:
        """The tenant's lists by name, case not mattering."""
        ...

    def everything(self) -> AsyncIterator[DistributionList]:
        """All lists of all tenants; for moving them out."""
        ...
