"""The scheduler with many campaigns: its cost while nothing is due, and the delay of starts.

The store has 1,000 scheduled campaigns, and one that is being sent over days with
``order.recipients`` pending deliveries. First nothing is due for ``order.seconds``, and the
processor time of this process is counted. Then a hundred of the scheduled campaigns start, five per
second.

Without a folder the store is a PostgreSQL database of its own, whose server's time is not counted.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec

from benchmarks.bot import engine_on
from benchmarks.sample import Order, Sample
from benchmarks.sending.sends import campaign, person
from benchmarks.spread import percentile
from campaigns import lists
from campaigns.audience import ListAudience
from campaigns.campaign import Campaign, Run, Status
from campaigns.delivery import Delivery
from campaigns.schedule.schedule import Schedule
from campaigns.schedule.windows import Window
from delivery.engine import Engine
from storage.base import Store
from storage.embedded.store import EmbeddedStore
from storage.postgres.store import PostgresStore
from tests.support.stores.postgresql import empty_database, server

_RATE = 50.0
_SCHEDULED = 1_000
_STARTING = 100
_EVERY = timedelta(seconds=0.2)
_CHUNK = 5_000


async def measure(order: Order) -> Sample:
    """Does one run, see the module."""
    async with _store(order.folder) as store:
        pending = await _pending(store, order.recipients)
        waiting = await _scheduled(store, order.server)
        async with engine_on(store, rate=_RATE, others=not order.folder) as engine:
            await asyncio.sleep(5.0)
            began, cpu = time.perf_counter(), time.process_time()
            await asyncio.sleep(order.seconds)
            idle = (time.process_time() - cpu) / (time.perf_counter() - began)
            late = await _start(store, engine, waiting)
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
    """Adds a campaign that is being sent over days, from tomorrow on."""
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
                recipient_id=f"recipient-{index}",
                name=f"Person {index}",
                email=f"person{index}@example.com",
                due_at=due + timedelta(seconds=index),
            )
            for index in range(first, min(first + _CHUNK, number))
        ]
        await store.ledger.freeze(sending.key, rows)
    return sending


async def _scheduled(store: Store, server: str) -> list[Campaign]:
    """Adds campaigns that start in six days, each to the same one person."""
    now = datetime.now(UTC)
    recipient = person(0, server)
    await store.users.put(recipient)
    draft = campaign()
    await store.lists.add(
        lists.create(
            draft.tenant_id,
            "one",
            name="One",
            addresses=[recipient.email],
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


async def _start(store: Store, engine: Engine, waiting: list[Campaign]) -> list[float]:
    """Lets a hundred of them start, and returns the milliseconds that each was late."""
    first = datetime.now(UTC) + timedelta(seconds=10)
    for index, scheduled in enumerate(waiting[:_STARTING]):
        draft = await engine.unschedule(scheduled)
        await engine.schedule(draft, Schedule(at=first + index * _EVERY, zone="UTC"))
    end = first + _STARTING * _EVERY + timedelta(seconds=10)
    await asyncio.sleep((end - datetime.now(UTC)).total_seconds())
    late = []
    for scheduled in waiting[:_STARTING]:
        started = await store.campaigns.get(scheduled.key)
        assert started is not None
        assert started.run.started_at is not None
        late.append(started.late_by.total_seconds() * 1e3)
    return late
