"""Clicks: links per second that the whole bot answers on one core, and the time for each.

The bot is a process of its own on one core, and records each click. This process runs on another
core, if there is one. It asks over kept-alive connections, one request after the other on each.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import time
from pathlib import Path
from urllib.parse import urlsplit

from benchmarks.bot_process import serving
from benchmarks.reading.completed import fill
from benchmarks.sample import Order, Sample
from benchmarks.sending.sends import person
from benchmarks.spread import percentile
from campaigns.campaign import Campaign
from campaigns.seal import Seal, Target, packed
from storage.embedded.store import EmbeddedStore

_CONNECTIONS = 16
_LINKS = 2_000
_AGENT = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/130.0 Safari/537.36"


async def measure(order: Order) -> Sample:
    """Does one run, see the module."""
    folder = Path(order.folder)
    campaign = await fill(folder, order.recipients)
    store = EmbeddedStore(folder)
    await store.open()
    seal = Seal()
    seal.use(await store.secrets.get_or_keep("links", b"k" * 32))
    before = (await store.events.engagement(campaign.key)).clicks
    await store.close()
    times: list[float] = []
    cores = sorted(os.sched_getaffinity(0))
    async with serving(folder, core=cores[0]) as (url, _):
        os.sched_setaffinity(0, {cores[-1]})
        requests = [_request(seal, campaign, number) for number in range(_LINKS)]
        host, port = urlsplit(url).hostname, urlsplit(url).port
        until = time.perf_counter() + order.seconds
        began = time.perf_counter()
        await asyncio.gather(
            *(
                _ask(str(host), int(port or 0), requests[first::_CONNECTIONS], until, times)
                for first in range(_CONNECTIONS)
            )
        )
        seconds = time.perf_counter() - began
    store = EmbeddedStore(folder)
    await store.open()
    kept = (await store.events.engagement(campaign.key)).clicks - before
    await store.close()
    if kept != len(times):
        raise AssertionError(f"{len(times)} links followed, {kept} clicks kept")
    return Sample(
        messages=len(times),
        seconds=seconds,
        values={"p50_ms": percentile(times, 50) * 1e3, "p95_ms": percentile(times, 95) * 1e3},
    )


def _request(seal: Seal, campaign: Campaign, number: int) -> bytes:
    target = Target(
        campaign.tenant_id, campaign.id, "abcdefgh", "https://intranet.example.com/travel?from=x"
    )
    # Always an odd number, because the deliveries with the numbers 0, 100, 200 ... have failed.
    recipient = packed(person(number * 2 + 1, "").id)
    token = seal.click(packed(target), recipient)
    return b"GET /r/%b HTTP/1.1\r\nHost: bot\r\nUser-Agent: %b\r\n\r\n" % (token, _AGENT.encode())


async def _ask(
    host: str, port: int, requests: list[bytes], until: float, times: list[float]
) -> None:
    reader, writer = await asyncio.open_connection(host, port)
    for request in itertools.cycle(requests):
        began = time.perf_counter()
        if began >= until:
            break
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        times.append(time.perf_counter() - began)
        if not head.startswith(b"HTTP/1.1 302"):
            raise AssertionError(head.decode())
    writer.close()
    await writer.wait_closed()
