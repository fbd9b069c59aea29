"""The engine at the allowed rate, against a server that strictly keeps Teams' limits.

The limit is 50 calls per second in the tenant, counted over a sliding second. The server counts the
messages that it took in each second since the first, and those that it refused with 429. The rate
is that of the messages taken, from the first to the last.
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
    """Does one run, see the module."""
    async with Control(order.server) as control:
        await control.reset()
        async with running(store_of(order), rate=RATE) as bot:
            draft = await bot.store.campaigns.add(campaign())
            started = await bot.engine.send(draft, audience_name="All users")
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
            "refused_after_first_second": sum(
                counts.refused_in.get(second, 0) for second in seconds[1:]
            )
        },
        series={
            "sent": [counts.sent_in.get(second, 0) for second in seconds],
            "refused": [counts.refused_in.get(second, 0) for second in seconds],
        },
    )
