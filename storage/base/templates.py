"""Templates of campaigns."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Protocol

from campaigns.templates import Template
from storage.base.page import Page


class Templates(Protocol):
    """Templates of campaigns; one is never changed, only deleted."""

    async def get(self, tenant_id: str, template_id: str) -> Template | None: ...

    async def add(self, of: Template) -> Template:
        """Keeps a new template; raises Conflict when there is one with this id already."""
        ...

    async def delete(self, tenant_id: str, template_id: str) -> bool: ...

    async def page(self, tenant_id: str, *, offset: int, limit: int) -> Page[Template]:
        """The tenant's templates by name, case not mattering."""
        ...

    def everything(self) -> AsyncIterator[Template]:
        """All templates of all tenants; for moving them out."""
        ...
