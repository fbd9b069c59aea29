"""Campaigns, without their deliveries."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Sequence
from datetime import datetime
from typing import Protocol

from campaigns.campaign import Campaign, CampaignKey, Status
from storage.base.page import Page


class Campaigns(Protocol):
    """Campaigns, without their deliveries.

    Reading many leaves out those that are not understood, and logs each of them once. Reading one
    raises Damaged, and so does reading a page on which none is understood.
    """

    async def get(self, key: CampaignKey) -> Campaign | None: ...

    async def add(self, campaign: Campaign) -> Campaign:
        """Keeps a new campaign; raises Conflict when there is one with this id already."""
        ...

    async def save(self, campaign: Campaign) -> Campaign:
        """Keeps a changed campaign; raises Conflict when it was changed since, or deleted."""
        ...

    async def delete(self, key: CampaignKey) -> bool:
        """Forgets the campaign with its deliveries, events and responses; False when there is none.

        The campaign goes first, and a durable note says what has to follow it. When the store
        can't go on, the rest goes later, after a restart as well. So a call that raises has deleted
        nothing, or the campaign is gone and the rest follows; it is safe to repeat.
        """
        ...

    async def page(
        self, tenant_id: str, statuses: Collection[Status], *, offset: int, limit: int
    ) -> Page[Campaign]:
        """Returns the tenant's campaigns in any of these statuses, the newest first.

        A campaign is as new as its start, or else as its last change.
        """
        ...

    async def count(self, tenant_id: str) -> dict[Status, int]:
        """Returns the number of the tenant's campaigns in each status, without the zeros."""
        ...

    async def in_status(self, statuses: Collection[Status]) -> Sequence[Campaign]:
        """Returns the campaigns of all tenants in any of these statuses."""
        ...

    async def going_on(self, tenant_id: str | None = None) -> Sequence[Campaign]:
        """Returns the tenant's campaigns (None: all tenants') with :attr:`Campaign.is_going_on`.

        They are few, and asked for often.
        """
        ...

    def changes(self) -> AsyncIterator[CampaignKey | None]:
        """Yields the campaigns going on that this process or another one changes from now on.

        None means that some changes may have been missed: look at all campaigns going on. The
        iterator never ends.
        """
        ...

    async def starting(
        self,
        now: datetime,
        *,
        limit: int,
        tenant_ids: Collection[str] | None = None,
        after: Campaign | None = None,
    ) -> Sequence[Campaign]:
        """Returns scheduled campaigns whose time has come, the earliest first.

        :param tenant_ids: the tenants whose campaigns count; None: all tenants.
        :param after: only campaigns behind this one; None: from the first.
        """
        ...

    async def next_start(self, after: datetime) -> datetime | None:
        """Returns the first start of a scheduled campaign after a moment, whichever tenant's.

        None when there is none. Costs the same for few campaigns and many.
        """
        ...

    async def calendar(self, tenant_id: str, *, offset: int, limit: int) -> Page[Campaign]:
        """Returns the tenant's scheduled campaigns, the next to start first."""
        ...
