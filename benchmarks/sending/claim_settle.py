"""Claiming and settling without sending: deliveries per second that the store takes.

Deliveries are claimed 256 at a time, as by the engine. The processor time is that of this process.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import msgspec

from benchmarks.sample import Order, Sample
from benchmarks.sending.sends import campaign
from benchmarks.stores import store_of
from campaigns.delivery import Claim, DeliveryStatus
from delivery.sending.settlements import ENOUGH
from delivery.starting.launch import freeze


async def measure(order: Order) -> Sample:
    """Does one run, see the module; the audience is frozen before."""
    store, key, now = store_of(order), campaign().key, datetime.now(UTC)
    await store.open()
    await freeze(store, campaign(), now)
    claim = Claim("benchmark", now + timedelta(hours=1))
    began, cpu = time.perf_counter(), time.process_time()
    settled = 0
    while rows := await store.ledger.claim(key, claim, now=now, limit=ENOUGH):
        await store.ledger.settle(
            key,
            [
                msgspec.structs.replace(
                    row, status=DeliveryStatus.SENT, claim=None, attempts=1, settled_at=now
                )
                for row in rows
            ],
        )
        settled += len(rows)
    seconds, used = time.perf_counter() - began, time.process_time() - cpu
    await store.close()
    if settled != order.recipients:
        raise AssertionError(f"{settled} of {order.recipients}")
    return Sample(messages=settled, seconds=seconds, cpu=used)
