"""(2) The engine without pacing, sending a campaign as in production.

The store is on disk or a database, and every claim and every result is synced before the next step.
Users have their own names, and the campaign has placeholders. Each delivery is claimed,
personalised, rendered, sent, classified and settled.

The time is that from the frozen audience to the completed campaign; ``freeze_seconds`` has the time
before that. The processor time is that of the whole process, with the storage's threads.
"""

from __future__ import annotations

import math
import resource
import time

from benchmarks.bot import running
from benchmarks.sample import Order, Sample
from benchmarks.sending.control import Control
from benchmarks.sending.sends import campaign
from benchmarks.stores import store_of


async def measure(order: Order) -> Sample:
    """Does one run, see the module."""
    async with Control(order.server) as control, running(store_of(order), rate=math.inf) as bot:
        await control.reset()
        draft = await bot.store.campaigns.add(campaign())
        began = time.perf_counter()
        started = await bot.engine.send(draft, audience_name="All users")
        await bot.until(started.key, lambda campaign: campaign.run.recipients is not None)
        freeze = time.perf_counter() - began
        began, cpu = time.perf_counter(), time.process_time()
        await bot.until(started.key, lambda campaign: campaign.run.ended_at is not None)
        seconds, used = time.perf_counter() - began, time.process_time() - cpu
        counts = await bot.store.ledger.counts(started.key)
        received = await control.counts()
    if counts.success != order.recipients or received.sent != order.recipients:
        raise AssertionError(f"{order.recipients} recipients, {counts}, {received.sent} received")
    return Sample(
        messages=order.recipients,
        seconds=seconds,
        cpu=used,
        body=received.bytes / received.sent,
        peak=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6,
        values={"freeze_seconds": freeze},
    )
