"""Time that launch takes to freeze an audience, and time of the report afterwards.

:func:`delivery.starting.launch.freeze` is timed until the last delivery is on disk, while nothing
else is done. The report's time is that of its counts and the first rows of a result.
"""

from __future__ import annotations

import resource
import time
from datetime import UTC, datetime

from benchmarks.sample import Order, Sample
from benchmarks.sending.sends import campaign
from benchmarks.spread import percentile
from benchmarks.stores import store_of
from campaigns.report import Result
from delivery.starting.launch import freeze


async def measure(order: Order) -> Sample:
    """Does one run, see the module."""
    store = store_of(order)
    await store.open()
    began, cpu = time.perf_counter(), time.process_time()
    count = await freeze(store, campaign(), datetime.now(UTC))
    seconds, used = time.perf_counter() - began, time.process_time() - cpu
    reports = []
    for _ in range(20):
        began = time.perf_counter()
        await store.ledger.counts(campaign().key)
        await store.ledger.page(campaign().key, Result.ONGOING, offset=0, limit=10)
        reports.append((time.perf_counter() - began) * 1e3)
    await store.close()
    if count != order.recipients:
        raise AssertionError(f"{count} deliveries for {order.recipients} recipients")
    return Sample(
        messages=count,
        seconds=seconds,
        cpu=used,
        peak=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6,
        values={"report_p95_ms": percentile(reports, 95)},
    )
