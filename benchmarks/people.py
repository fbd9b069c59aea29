"""Fills a data folder with the recipients, through the store's own methods; measures nothing."""

from __future__ import annotations

import asyncio
from pathlib import Path

from benchmarks.sample import Order, Sample
from benchmarks.sending.sends import person
from storage.embedded.store import EmbeddedStore

_AT_ONCE = 1_000


async def measure(order: Order) -> Sample:
    """Adds the recipients, with ``order.server`` as their service address."""
    store = EmbeddedStore(Path(order.folder))
    await store.open()
    for start in range(0, order.recipients, _AT_ONCE):
        numbers = range(start, min(start + _AT_ONCE, order.recipients))
        await asyncio.gather(*(store.users.put(person(number, order.server)) for number in numbers))
    await store.close()
    return Sample(messages=order.recipients)
