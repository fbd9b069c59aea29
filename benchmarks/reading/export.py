"""Time and memory that exports of a sent campaign take on TinyDB.

The bot's own handler runs behind a real server in this process; a client in another process reads
the file and throws it away.
"""

from __future__ import annotations

import asyncio
import resource
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from aiohttp import web

from benchmarks.reading.completed import fill
from benchmarks.sample import Order, Sample
from bot.public.downloads import Downloads
from bot.public.reports import ReportDownloads
from campaigns.seal import Download, Seal
from delivery.clock import SystemClock
from storage.embedded.store import EmbeddedStore

_CLIENT = """
import sys, urllib.request
size = 0
with urllib.request.urlopen(sys.argv[1]) as file:
    while piece := file.read(65536):
        size += len(piece)
print(size)
"""


async def measure(order: Order) -> Sample:
    """Does one run, see the module. CSV comes first, since a peak of memory never falls."""
    folder = Path(order.folder)
    campaign = await fill(folder, order.recipients)
    store = EmbeddedStore(folder)
    await store.open()
    seal = Seal()
    seal.use(b"k" * 32)
    application = web.Application()
    application.add_routes(
        Downloads(seal, SystemClock(), {"report": ReportDownloads(store, personal=True)}).routes()
    )
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    address = f"http://127.0.0.1:{runner.addresses[0][1]}/x"
    await store.ledger.counts(campaign.key)
    values = {"before_mb": _peak()}
    for kind in ("csv", "xlsx"):
        until = datetime.now(UTC) + timedelta(minutes=15)
        token = seal.download(Download(campaign.tenant_id, campaign.id, kind, "UTC", until))
        began, cpu = time.perf_counter(), time.process_time()
        values[f"{kind}_bytes"] = await _bytes(f"{address}/{token}")
        values[f"{kind}_s"] = time.perf_counter() - began
        values[f"{kind}_cpu_s"] = time.process_time() - cpu
        values[f"{kind}_peak_mb"] = _peak()
    await runner.cleanup()
    await store.close()
    return Sample(messages=order.recipients, seconds=values["xlsx_s"], values=values)


async def _bytes(url: str) -> float:
    client = await asyncio.create_subprocess_exec(
        sys.executable, "-c", _CLIENT, url, stdout=asyncio.subprocess.PIPE
    )
    output, _ = await client.communicate()
    return float(output)


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6
