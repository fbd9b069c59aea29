"""(1) The limit: what aiohttp can post when nothing else is done.

One session with kept-alive connections, as many workers as the engine has sends under way, each
posting one body that was encoded before, and reading the answer. Nothing is personalised, recorded
or read out of the answer. Everything that this engine does comes on top of it.
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
    """One run, as the module says."""
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
