"""The store that an order names."""

from __future__ import annotations

from pathlib import Path

from benchmarks.sample import Order
from storage.embedded.store import EmbeddedStore
from storage.postgres.store import PostgresStore


def store_of(order: Order) -> EmbeddedStore | PostgresStore:
    """Returns the store of the order's database or folder, not yet opened."""
    return PostgresStore(order.database) if order.database else EmbeddedStore(Path(order.folder))
