"""Leases, inbox and changes of a store that belongs to one process: there are no others."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection
from datetime import datetime

from campaigns.campaign import CampaignKey
from storage.base import Standing


class AloneLeases:
    """Gives this process all tenants, for good."""

    async def beat(
        self, owner: str, *, seconds: float, wanted: Collection[str], now: datetime
    ) -> Standing:
        return Standing(tenants=None)

    async def release(self, owner: str, tenant_ids: Collection[str]) -> None:
        pass

    async def leave(self, owner: str) -> None:
        pass


class AloneInbox:
    """Remembers nothing: a single process notices by itself what it is told twice."""

    async def begin(self, key: str, owner: str) -> bytes | None:
        return None

    async def answered(self, key: str, owner: str, answer: bytes) -> None:
        pass

    async def failed(self, key: str, owner: str) -> None:
        pass


async def no_changes() -> AsyncIterator[CampaignKey | None]:
    """Yields nothing, ever: only this process changes campaigns."""
    await asyncio.Event().wait()
    yield None
