"""Time that the report of a sent campaign takes on TinyDB, from the store to the card's JSON.

It is measured right after a start, when every file has to be read, and once more.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec

from benchmarks.reading.completed import fill
from benchmarks.sample import Order, Sample
from campaigns.campaign import Campaign
from cards.message.personal import Renderer
from cards.reports.measured import measuring
from cards.reports.report import report
from delivery.feedback.insights import insight
from dialogs.reports.people import find_people
from storage.embedded.store import EmbeddedStore


async def measure(order: Order) -> Sample:
    """Does one run, see the module."""
    folder = Path(order.folder)
    campaign = await fill(folder, order.recipients)
    store = EmbeddedStore(folder)
    await store.open()
    cpu = time.process_time()
    cold = await _seconds(store, campaign)
    cpu = time.process_time() - cpu
    warm = await _seconds(store, campaign)
    began = time.perf_counter()
    people = await find_people(store, campaign.key, "clicked", search="person7", offset=0, limit=10)
    searched = time.perf_counter() - began
    await store.close()
    if not people.total:
        raise AssertionError("nobody was found")
    return Sample(
        messages=order.recipients,
        seconds=cold,
        values={
            "cold_s": cold,
            "cold_cpu_s": cpu,
            "warm_ms": warm * 1e3,
            "people_search_s": searched,
        },
    )


async def _seconds(store: EmbeddedStore, campaign: Campaign) -> float:
    began = time.perf_counter()
    known = await insight(store, campaign, datetime.now(UTC))
    measured = measuring(Renderer(None), personal=True)(campaign)
    msgspec.json.encode(report(campaign, known, measured, zone=ZoneInfo("UTC")).card)
    if known.counts.recipients != campaign.run.recipients:
        raise AssertionError(f"{known.counts.recipients} recipients")
    return time.perf_counter() - began
