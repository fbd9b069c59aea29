"""Surveys, without their responses."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Protocol

from campaigns.surveys.survey import Survey
from storage.base.page import Page


class Surveys(Protocol):
    """Surveys, without their responses."""

    async def get(self, tenant_id: str, survey_id: str) -> Survey | None: ...

    async def add(self, of: Survey) -> Survey:
        """Keeps a new survey; raises Conflict when there is one with this id already."""
        ...

    async def save(self, of: Survey) -> Survey:
        """Keeps a changed survey; raises Conflict when it was changed since, or deleted."""
        ...

    async def delete(self, tenant_id: str, survey_id: str) -> bool: ...

    async def page(self, tenant_id: str, *, offset: int, limit: int) -> Page[Survey]:
        """The tenant's surveys by name, case not mattering."""
        ...

    def everything(self) -> AsyncIterator[Survey]:
        """All surveys of all tenants; for moving them out."""
        ...
