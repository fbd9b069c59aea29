"""Claiming and settling alone, without sending: deliveries per second that the store takes, 256 at
a time as the engine does, and what that costs in this process.
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
    """One run, as the module says; the audience is frozen before."""
    store, key, now = store_of(order), campaign().key, datetime.now(UTC)
    await store.open()
    await freeze(store, campaign(), now)
    claim = Claim("benchmark", now + timedelta(hours=1))
    began, cpu = time.perf_counter(), time.process_time()
    done = 0
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
        done += len(rows)
    seconds, used = time.perf_counter() - began, time.process_time() - cpu
    await store.close()
    if done != order.recipients:
        raise AssertionError(f"{done} of {order.recipients}")
    return Sample(messages=done, seconds=seconds, cpu=used)
