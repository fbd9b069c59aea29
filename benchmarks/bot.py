"""The engine on a store, put together as ``app.py`` does it, without the inbound side.

What has been loaded is kept from the garbage collector as there.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
from collections.abc import AsyncIterator, Callable
from zoneinfo import ZoneInfo

import msgspec

from campaigns.campaign import Campaign, CampaignKey
from cards.message.personal import Renderer
from cards.reports.measured import measuring
from cards.reports.messages import CampaignMessages
from delivery.clock import SystemClock
from delivery.engine import Engine
from delivery.leases import TenantLeases
from delivery.pacing.pacer import Pacer
from delivery.people.contacts import Contacts
from storage.base import Store
from teams.connector import Connector
from teams.hosts import Hosts
from teams.tokens import NoToken


class Bot(msgspec.Struct, frozen=True):
    """A running engine and its store."""

    engine: Engine
    store: Store

    async def until(self, key: CampaignKey, reached: Callable[[Campaign], bool]) -> Campaign:
        """The campaign as soon as it is so; looked at every 10 ms, as nobody is told."""
        campaigns = self.store.campaigns
        while (of := await campaigns.get(key)) is None or not reached(of):  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        return of


@contextlib.asynccontextmanager
async def running(store: Store, *, rate: float) -> AsyncIterator[Bot]:
    """:param rate: calls per second; ``math.inf`` for no pacing."""
    await store.open()
    leases = TenantLeases(store.leases, SystemClock(), rate)
    clock = leases.clock
    connector = Connector(NoToken(), Hosts(local=True))
    pacer = Pacer(clock, rate, share=leases.share)
    engine = Engine(
        store=store,
        messenger=connector,
        contacts=Contacts(store, connector, pacer),
        pacer=pacer,
        clock=clock,
        renderer=Renderer(None),
        views=CampaignMessages(ZoneInfo("UTC"), measuring(Renderer(None), personal=True)),
        leases=leases,
    )
    async with connector:
        await engine.start()
        gc.collect()
        gc.freeze()
        yield Bot(engine, store)
        await engine.stop()
    await store.close()
