"""The engine on a data folder, put together as ``app.py`` does it, without the inbound side."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec

from campaigns.campaign import Campaign, CampaignKey
from cards import personal
from cards.views import Views
from delivery.clock import SystemClock
from delivery.directory import Directory
from delivery.engine import Engine
from delivery.pacer import Pacer
from storage.embedded import EmbeddedStore
from teams.connector import Connector
from teams.hosts import Hosts
from teams.tokens import NoToken

UNPACED = 1e9
"""Calls per second that nothing ever waits for."""


class Bot(msgspec.Struct, frozen=True):
    """A running engine and its store."""

    engine: Engine
    store: EmbeddedStore

    async def frozen(self, key: CampaignKey) -> Campaign:
        """The campaign as soon as its recipients are known."""
        while (campaign := await self.store.campaigns.get(key)) is None or not campaign.recipients:
            await asyncio.sleep(0.005)
        return campaign

    async def ended(self, key: CampaignKey) -> Campaign:
        """The campaign as soon as it has ended."""
        while (campaign := await self.store.campaigns.get(key)) is None or not campaign.ended_at:
            await asyncio.sleep(0.02)
        return campaign


@contextlib.asynccontextmanager
async def running(folder: Path, *, rate: float) -> AsyncIterator[Bot]:
    """:param rate: calls per second."""
    clock = SystemClock()
    store = EmbeddedStore(folder)
    await store.open()
    connector = Connector(NoToken(), Hosts(local=True))
    pacer = Pacer(clock, rate)
    engine = Engine(
        store=store,
        messenger=connector,
        directory=Directory(store, connector, pacer),
        pacer=pacer,
        clock=clock,
        renderer=personal,
        views=Views(ZoneInfo("UTC")),
    )
    async with connector:
        await engine.start()
        yield Bot(engine, store)
        await engine.stop()
    await store.close()
