"""PostgreSQL stores for tests."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from storage.postgres.store import PostgresStore
from tests.support.stores.postgresql import Cable, cable


@pytest.fixture
async def store(url: str) -> AsyncIterator[PostgresStore]:
    store = PostgresStore(url)
    await store.open()
    yield store
    await store.close()


@pytest.fixture
async def other(url: str, store: PostgresStore) -> AsyncIterator[PostgresStore]:
    """Another process's store in the same database."""
    other = PostgresStore(url)
    await other.open()
    yield other
    await other.close()


@pytest.fixture
async def wire(url: str) -> AsyncIterator[Cable]:
    """A way to the database that can be cut, for stores that are opened with its URL."""
    async with cable(url) as wire:
        yield wire
