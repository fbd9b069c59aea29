"""The scheduler with much to wait for: what it costs while nothing is due, and how late it starts.

A store with 1,000 scheduled campaigns and one that is being sent over days, so many deliveries of
which are pending. First it waits for ``seconds``, and the processor time of this process is
counted; then a hundred of the scheduled campaigns start, five a second.

Without a folder the store is a PostgreSQL of its own, and its server's time is not in the figure.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec

from benchmarks.sample import Order, Sample
from benchmarks.sending.sends import campaign, person
from benchmarks.spread import percentile
from campaigns import lists
from campaigns.audience import ListAudience
from campaigns.campaign import Campaign, Run, Status
from campaigns.delivery import Delivery
from campaigns.schedule.schedule import Schedule
from campaigns.schedule.windows import Window
from cards.message.personal import Renderer
from cards.reports.measured import measuring
from cards.reports.messages import CampaignMessages
from delivery.clock import SystemClock
from delivery.engine import Engine
from delivery.leases import TenantLeases
from delivery.pacing.pacer import Pacer
from delivery.people.contacts import Contacts
from storage.base import Store
from storage.embedded.store import EmbeddedStore
from storage.postgres.store import PostgresStore
from teams.connector import Connector
from teams.hosts import Hosts
from teams.tokens import NoToken
from tests.support.postgresql import empty_database, server

_RATE = 50.0
_SCHEDULED = 1_000
_STARTING = 100
_EVERY = timedelta(seconds=0.2)
_CHUNK = 5_000


async def measure(order: Order) -> Sample:
    """One run, as the module says."""
    async with _store(order.folder) as store:
        pending = await _pending(store, order.recipients)
        waiting = await _scheduled(store, order.server)
        renderer = Renderer(None)
        leases = TenantLeases(store.leases, SystemClock(), _RATE)
        clock = leases.clock
        connector = Connector(NoToken(), Hosts(local=True))
        pacer = Pacer(clock, _RATE, share=leases.share)
        engine = Engine(
            store=store,
            messenger=connector,
            contacts=Contacts(store, connector, pacer),
            pacer=pacer,
            clock=clock,
            renderer=renderer,
            views=CampaignMessages(ZoneInfo("UTC"), measuring(renderer, personal=True)),
            leases=leases,
            others=not order.folder,
        )
        async with connector:
            await engine.start()
            await asyncio.sleep(5.0)
            began, cpu = time.perf_counter(), time.process_time()
            await asyncio.sleep(order.seconds)
            idle = (time.process_time() - cpu) / (time.perf_counter() - began)
            late = await _started(store, engine, waiting)
            await engine.stop()
        assert (await store.ledger.counts(pending.key)).open == order.recipients
    return Sample(
        messages=order.recipients,
        values={
            "idle_cpu_percent": 100 * idle,
            "late_p50_ms": percentile(late, 50),
            "late_p99_ms": percentile(late, 99),
        },
        series={"late_ms": late},
    )


@asynccontextmanager
async def _store(folder: str) -> AsyncIterator[Store]:
    if folder:
        store: Store = EmbeddedStore(Path(folder))
        await store.open()
        yield store
        await store.close()
        return
    async with empty_database(server()) as url:
        store = PostgresStore(url)
        await store.open()
        yield store
        await store.close()


async def _pending(store: Store, number: int) -> Campaign:
    """A campaign that is being sent over days, from tomorrow on."""
    now = datetime.now(UTC)
    window = Window(first_day=now.date() + timedelta(days=1), days=30, zone="UTC")
    sending = await store.campaigns.add(
        msgspec.structs.replace(
            campaign("over-days"),
            status=Status.SENDING,
            schedule=Schedule(at=now, zone="UTC", window=window),
            run=Run(started_at=now, recipients=number),
        )
    )
    due = now + timedelta(days=1)
    for first in range(0, number, _CHUNK):
        rows = [
            Delivery(
                recipient_id=f"recipient-{at}",
                name=f"Person {at}",
                email=f"person{at}@example.com",
                due_at=due + timedelta(seconds=at),
            )
            for at in range(first, min(first + _CHUNK, number))
        ]
        await store.ledger.freeze(sending.key, rows)
    return sending


async def _scheduled(store: Store, server: str) -> list[Campaign]:
    """Campaigns to one person each, a week ahead."""
    now = datetime.now(UTC)
    one = person(0, server)
    await store.users.put(one)
    draft = campaign()
    await store.lists.add(
        lists.create(
            draft.tenant_id,
            "one",
            name="One",
            addresses=[one.email],
            author_id="author",
            now=now,
        )
    )
    return [
        await store.campaigns.add(
            msgspec.structs.replace(
                campaign(f"scheduled-{number}"),
                audience=ListAudience("one"),
                status=Status.SCHEDULED,
                schedule=Schedule(at=now + timedelta(days=6, seconds=number), zone="UTC"),
            )
        )
        for number in range(_SCHEDULED)
    ]


async def _started(store: Store, engine: Engine, waiting: list[Campaign]) -> list[float]:
    """How late a hundred of them start, in milliseconds."""
    at = datetime.now(UTC) + timedelta(seconds=10)
    for place, of in enumerate(waiting[:_STARTING]):
        draft = await engine.unschedule(of)
        to = Schedule(at=at + place * _EVERY, zone="UTC")
        await engine.schedule(draft, to)
    end = at + _STARTING * _EVERY + timedelta(seconds=10)
    await asyncio.sleep((end - datetime.now(UTC)).total_seconds())
    late = []
    for of in waiting[:_STARTING]:
        found = await store.campaigns.get(of.key)
        assert found is not None
        assert found.run.started_at is not None
        late.append(found.late_by.total_seconds() * 1e3)
    return late
