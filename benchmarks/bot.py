"""The engine on a store, put together as in ``app.py``, without the inbound side.

Everything that was loaded is exempt from garbage collection, as in ``app.py``.
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
from delivery.supervision import Supervisor
from storage.base import Store
from teams.connector import Connector
from teams.hosts import Hosts
from teams.tokens import NoToken


class Bot(msgspec.Struct, frozen=True):
    """A running engine and its store."""

    engine: Engine
    store: Store

    async def until(self, key: CampaignKey, reached: Callable[[Campaign], bool]) -> Campaign:
        """Waits until ``reached`` is true for the campaign, and returns it.

        Reads it every 10 ms, because the store does not report changes.
        """
        campaigns = self.store.campaigns
        while (campaign := await campaigns.get(key)) is None or not reached(campaign):  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        return campaign


@contextlib.asynccontextmanager
async def running(store: Store, *, rate: float) -> AsyncIterator[Bot]:
    """Opens the store and runs an engine on it.

    :param rate: calls per second; ``math.inf`` for no pacing.
    """
    await store.open()
    async with engine_on(store, rate=rate) as engine:
        gc.collect()
        gc.freeze()
        yield Bot(engine, store)
    await store.close()


@contextlib.asynccontextmanager
async def engine_on(store: Store, *, rate: float, others: bool = False) -> AsyncIterator[Engine]:
    """Runs an engine on a store that is open.

    :param rate: calls per second; ``math.inf`` for no pacing.
    :param others: True when other processes may work on the store.
    """
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
        supervisor=Supervisor(),
        others=others,
    )
    async with connector:
        await engine.start()
        yield engine
        await engine.stop()
