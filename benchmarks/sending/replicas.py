"""Several engines on one database, unpaced, with a campaign in each of many tenants.

All campaigns start together once the tenants are shared out. The time is that until the last one is
completed. ``order.recipients`` is the number of recipients in each tenant.
"""

from __future__ import annotations

import asyncio
import contextlib
import subprocess
import sys
import time
from datetime import UTC, datetime

import msgspec

from benchmarks.database import tenant
from benchmarks.sample import Order, Sample
from benchmarks.sending.control import Control
from benchmarks.sending.sends import campaign
from campaigns import lifecycle
from campaigns.audience import FrozenAudience
from delivery.leases import STANDARD
from storage.postgres.store import PostgresStore

TENANTS = 12


async def measure(order: Order) -> Sample:
    """Does one run, see the module."""
    store = PostgresStore(order.database)
    await store.open()
    async with Control(order.server) as control, contextlib.AsyncExitStack() as ending:
        await control.reset()
        for _ in range(order.engines):
            await _start(order.database, ending)
        # After some beats each engine has its share of the tenants.
        await asyncio.sleep(4 * STANDARD.beat)
        began = time.perf_counter()
        now = datetime.now(UTC)
        for number in range(TENANTS):
            draft = msgspec.structs.replace(campaign(), tenant_id=tenant(number))
            kept = await store.campaigns.add(draft)
            await store.campaigns.save(lifecycle.start(kept, audience=FrozenAudience(), now=now))
        while await store.campaigns.going_on():  # noqa: ASYNC110  other processes send
            await asyncio.sleep(0.02)
        seconds = time.perf_counter() - began
        received = await control.counts()
    await store.close()
    if received.sent != TENANTS * order.recipients:
        raise AssertionError(f"{received.sent} received")
    return Sample(messages=received.sent, seconds=seconds)


async def _start(url: str, ending: contextlib.AsyncExitStack) -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "benchmarks.sending.replica", url),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )

    async def end() -> None:
        process.kill()
        await process.wait()

    ending.push_async_callback(end)
    assert process.stdout is not None
    assert await process.stdout.readline()
