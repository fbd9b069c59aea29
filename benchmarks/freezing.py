"""How long launch takes to freeze an audience: from its first delivery to the last one's being on
disk, through :func:`delivery.launch.freeze`, on an engine that does nothing else.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.sample import Order, Sample
from benchmarks.sends import campaign
from delivery.launch import freeze
from storage.embedded import EmbeddedStore


async def measure(order: Order) -> Sample:
    """One run, as the module says."""
    store = EmbeddedStore(Path(order.folder))
    await store.open()
    began, cpu = time.perf_counter(), time.process_time()
    count = await freeze(store, campaign(), datetime.now(UTC))
    seconds, used = time.perf_counter() - began, time.process_time() - cpu
    await store.close()
    if count != order.recipients:
        raise AssertionError(f"{count} deliveries for {order.recipients} recipients")
    return Sample(messages=count, seconds=seconds, cpu=used)
