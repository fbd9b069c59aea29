"""Time that an admin waits for a card while the engine sends at the allowed rate.

The whole bot sends a campaign in a process of its own. From this process an admin presses the
menu's button (``POST /api/messages``, an ``adaptiveCard/action`` invoke) up to ten times a second.
The time runs from the request to the card in its answer.
"""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

from benchmarks.bot_process import sending
from benchmarks.sample import Order, Sample
from benchmarks.sending.control import Control
from benchmarks.spread import percentile

_PAUSE = 0.1
"""Seconds between two presses."""
_WARM_UP = 5
"""Presses that are not measured."""


async def measure(order: Order) -> Sample:
    """Does one run, see the module."""
    turns = []
    async with (
        Control(order.server) as control,
        sending(Path(order.folder), order.server) as (admin, _),
    ):
        await control.reset()
        for _ in range(_WARM_UP):
            await admin.presses({"do": "home"})
        ends = time.perf_counter() + order.seconds
        while time.perf_counter() < ends:
            began = time.perf_counter()
            await admin.presses({"do": "home"})
            turns.append((time.perf_counter() - began) * 1e3)
            await asyncio.sleep(_PAUSE)
        sent = (await control.counts()).sent
    return Sample(
        messages=sent,
        values={
            "turns": len(turns),
            "p50_ms": percentile(turns, 50),
            "p95_ms": percentile(turns, 95),
        },
    )
