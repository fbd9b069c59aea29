"""(2) The engine without pacing, as a campaign goes in production.

A store on disk, or a database (every claim and every result is synced to it before the next step),
users with their own names, a campaign with placeholders: claimed, personalised, rendered, sent,
classified, settled. Timed from the moment that the audience is frozen until the campaign says that
it is completed; processor time is that of the whole process, the storage's threads included.
Freezing is told apart as ``freeze_seconds``.
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
    """One run, as the module says."""
    async with Control(order.server) as control, running(store_of(order), rate=math.inf) as bot:
        await control.reset()
        draft = await bot.store.campaigns.add(campaign())
        began = time.perf_counter()
        started = await bot.engine.send(draft)
        await bot.until(started.key, lambda of: of.run.recipients is not None)
        freeze = time.perf_counter() - began
        began, cpu = time.perf_counter(), time.process_time()
        await bot.until(started.key, lambda of: of.run.ended_at is not None)
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
