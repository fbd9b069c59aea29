"""Time without sending: from the kill of the sending process until another one takes over.

``python app.py`` runs twice on one database, at the allowed rate, as in production. The time runs
from the SIGKILL to the next message that the server takes, not counting those that were still on
their way.
"""

from __future__ import annotations

import asyncio
import os
import sys
import time
from asyncio.subprocess import Process
from datetime import UTC, datetime
from pathlib import Path

import aiohttp

from benchmarks.bot_process import free_port
from benchmarks.sample import Order, Sample
from benchmarks.sending.control import Control
from benchmarks.sending.sends import campaign
from campaigns import lifecycle
from campaigns.audience import FrozenAudience
from storage.postgres.store import PostgresStore

_ON_ITS_WAY = 0.5
"""Seconds in which messages may still be on their way."""


async def measure(order: Order) -> Sample:
    """Does one run, see the module."""
    store = PostgresStore(order.database)
    await store.open()
    draft = await store.campaigns.add(campaign())
    await store.campaigns.save(
        lifecycle.start(draft, audience=FrozenAudience(), now=datetime.now(UTC))
    )
    await store.close()
    async with Control(order.server) as control:
        await control.reset()
        first = await _bot(order.database)
        await control.until_more_than(20)
        second = await _bot(order.database)
        await control.until_more_than((await control.counts()).sent + 100)
        first.kill()
        killed_at = time.perf_counter()
        await first.wait()
        await asyncio.sleep(_ON_ITS_WAY)
        await control.until_more_than((await control.counts()).sent)
        seconds = time.perf_counter() - killed_at
        second.kill()
        await second.wait()
    return Sample(messages=1, seconds=seconds)


async def _bot(database: str) -> Process:
    """Starts a bot, and returns its process once it is ready."""
    port = free_port()
    kept = ("PATH", "SYSTEMROOT")
    environment = {name: value for name, value in os.environ.items() if name in kept}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "app.py",
        cwd=Path(__file__).parents[2],
        env=environment | {"PORT": str(port), "STORE": database, "LOG_LEVEL": "ERROR"},
    )  # fmt: skip
    async with aiohttp.ClientSession() as session:
        while True:
            try:
                async with session.get(f"http://127.0.0.1:{port}/readyz") as response:
                    if response.status == 200:
                        return process
            except aiohttp.ClientError:
                pass
            if process.returncode is not None:
                raise AssertionError(f"it ended with {process.returncode}")
            await asyncio.sleep(0.05)
