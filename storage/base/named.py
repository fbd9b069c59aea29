"""Documents that people find by their names: distribution lists, surveys and templates."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Protocol, TypeVar

from storage.base.page import Page
from storage.base.revisions import Revised


class NamedDocument(Revised, Protocol):
    """A tenant's document with an id, a name and a revision."""

    @property
    def tenant_id(self) -> str: ...

    @property
    def id(self) -> str: ...

    @property
    def name(self) -> str: ...


N = TypeVar("N", bound=NamedDocument)


class Named(Protocol[N]):
    """All documents of one kind: lists, surveys or templates."""

    async def get(self, tenant_id: str, document_id: str) -> N | None: ...

    async def add(self, document: N) -> N:
        """Keeps a new document; raises Conflict when there is one with this id already."""
        ...

    async def save(self, document: N) -> N:
        """Keeps a changed document; raises Conflict when it was changed since, or deleted."""
        ...

    async def delete(self, tenant_id: str, document_id: str) -> bool:
        """Forgets the document; False when there is none."""
        ...

    async def page(self, tenant_id: str, *, offset: int, limit: int) -> Page[N]:
        """Returns the tenant's documents by name; case does not matter.

        Those that are not understood are left out, and logged. Raises Damaged when none is
        understood.
        """
        ...

    def everything(self) -> AsyncIterator[N]:
        """Yields all documents of all tenants; for moving them out."""
        ...
