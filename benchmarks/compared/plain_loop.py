"""(1) A plain loop: the rate at which aiohttp can post when nothing else is done.

One session has kept-alive connections and as many workers as the engine has sends under way. Each
worker posts a body that was encoded before, and reads the answer. It does not
personalise or record anything, and does not look at the answer. The engine does all its work on top
of that.
"""

from __future__ import annotations

import asyncio
import itertools
import time

import aiohttp
from yarl import URL

from benchmarks.sample import Order, Sample
from benchmarks.sending.sends import BODY, IN_FLIGHT, PATH


async def measure(order: Order) -> Sample:
    """Does one run, see the module."""
    url = URL(order.server + PATH, encoded=True)
    headers = {"Content-Type": "application/json; charset=utf-8"}
    sent = itertools.count()
    async with aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=0), cookie_jar=aiohttp.DummyCookieJar()
    ) as session:

        async def work() -> None:
            while next(sent) < order.recipients:
                async with session.post(url, data=BODY, headers=headers) as response:
                    await response.read()

        began, cpu = time.perf_counter(), time.process_time()
        await asyncio.gather(*(work() for _ in range(IN_FLIGHT)))
        seconds, used = time.perf_counter() - began, time.process_time() - cpu
    return Sample(messages=order.recipients, seconds=seconds, cpu=used, body=len(BODY))
