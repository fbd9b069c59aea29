"""The engine at the allowed rate, against a server that keeps Teams' limits as strictly as can be.

50 calls per second in the tenant, counted over a sliding second. The server says how many messages
it took in each second since the first, and how many it refused with 429. The rate is that of the
messages taken from the first to the last, within the time of measuring.
"""

from __future__ import annotations

import asyncio

from benchmarks.bot import running
from benchmarks.sample import Order, Sample
from benchmarks.sending.control import Control
from benchmarks.sending.sends import campaign
from benchmarks.stores import store_of

RATE = 50.0
"""Requests per second per app per tenant (Teams' rate-limit documentation)."""


async def measure(order: Order) -> Sample:
    """One run, as the module says."""
    async with Control(order.server) as control:
        await control.reset()
        async with running(store_of(order), rate=RATE) as bot:
            draft = await bot.store.campaigns.add(campaign())
            started = await bot.engine.send(draft)
            await control.until_more_than(0)
            await asyncio.sleep(order.seconds)
            counts = await control.counts()
            await bot.engine.end(started.key)
    seconds = range(int(order.seconds))
    return Sample(
        messages=counts.sent,
        # From one message to the next is one interval: n messages span n - 1.
        seconds=(counts.last_at - counts.first_at) * counts.sent / (counts.sent - 1),
        values={
            "refused_after_first_second": sum(counts.refused_in.get(of, 0) for of in seconds[1:])
        },
        series={
            "sent": [counts.sent_in.get(of, 0) for of in seconds],
            "refused": [counts.refused_in.get(of, 0) for of in seconds],
        },
    )
