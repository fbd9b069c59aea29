"""Time that Pause takes: from the press to the last message that the server gets.

The whole bot sends at the allowed rate in a process of its own. An admin presses Pause. For one and
a half seconds the server goes on counting, and the time of the last message that still came is
taken. Then the admin presses Resume, messages come again, and the same is repeated.
"""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

from benchmarks.bot_process import sending
from benchmarks.sample import Order, Sample
from benchmarks.sending.control import Control
from benchmarks.spread import percentile

_WATCH = 1.5
"""Seconds; half a second more than the promise."""
_AGAIN = 0.5
"""Seconds of sending before each press."""
_EACH = 2 * _AGAIN + _WATCH
"""Seconds for one pause and resume, roughly."""


async def measure(order: Order) -> Sample:
    """Does one run, see the module."""
    delays = []
    async with (
        Control(order.server) as control,
        sending(Path(order.folder), order.server) as (admin, campaign),
    ):
        await control.reset()
        for _ in range(max(1, int(order.seconds / _EACH))):
            await control.until_more_than((await control.counts()).sent)
            await asyncio.sleep(_AGAIN)
            press = {"campaign": campaign.id, "revision": campaign.revision}
            pressed = time.monotonic()
            await admin.presses(press | {"do": "pause"})
            await asyncio.sleep(_WATCH)
            delays.append(max(0.0, (await control.counts()).last_at - pressed) * 1e3)
            await admin.presses(press | {"do": "resume"})
    return Sample(
        values={
            "presses": len(delays),
            "p50_ms": percentile(delays, 50),
            "p95_ms": percentile(delays, 95),
        },
        series={"ms": delays},
    )
