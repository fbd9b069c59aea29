"""Campaigns, without their deliveries."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Sequence
from datetime import datetime
from typing import Protocol

from campaigns.campaign import Campaign, CampaignKey, Status
from storage.base.page import Page


class Campaigns(Protocol):
    """Campaigns, without their deliveries."""

    async def get(self, key: CampaignKey) -> Campaign | None: ...

    async def add(self, campaign: Campaign) -> Campaign:
        """Keeps a new campaign; raises Conflict when there is one with this id already."""
        ...

    async def save(self, campaign: Campaign) -> Campaign:
        """Keeps a changed campaign; raises Conflict when it was changed since, or deleted."""
        ...

    async def delete(self, key: CampaignKey) -> bool:
        """Forgets the campaign (not its deliveries: ``Ledger.drop``); False when there is none."""
        ...

    async def page(
        self, tenant_id: str, statuses: Collection[Status], *, offset: int, limit: int
    ) -> Page[Campaign]:
        """The tenant's campaigns in any of these statuses, newest first: by when they started, or
        else when they were last changed.
        """
        ...

    async def count(self, tenant_id: str) -> dict[Status, int]:
        """How many campaigns the tenant has in each status (missing: none)."""
        ...

    async def in_status(self, statuses: Collection[Status]) -> Sequence[Campaign]:
        """The campaigns of all tenants in any of these statuses."""
        ...

    async def going_on(self, tenant_id: str | None = None) -> Sequence[Campaign]:
        """The campaigns of this tenant (None: of all) that :attr:`Campaign.is_going_on`: few, and
        asked for often.
        """
        ...

    def changes(self) -> AsyncIterator[CampaignKey | None]:
        """The campaigns going on that are changed from now on, by this process or by another; None
        when some may have been missed, so that one should look. Never ends.
        """
        ...

    async def starting(self, now: datetime, *, limit: int) -> Sequence[Campaign]:
        """The scheduled campaigns of all tenants whose time has come, the earliest first."""
        ...

    async def next_start(self, after: datetime) -> datetime | None:
        """When the first scheduled campaign starts after a moment, whichever tenant's; None when
        none does. Costs the same for few and many.
        """
        ...

    async def calendar(self, tenant_id: str, *, offset: int, limit: int) -> Page[Campaign]:
        """The tenant's scheduled campaigns, the one that starts next first."""
        ...
