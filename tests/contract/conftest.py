"""The backends that keep the contract of ``storage.base``. A new one is one more entry here."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import pytest

from storage.base import Store
from storage.embedded.store import EmbeddedStore
from storage.postgres.store import PostgresStore
from tests.support.postgresql import empty_database


@asynccontextmanager
async def in_memory(_: Path) -> AsyncIterator[Store]:
    yield EmbeddedStore(None)


@asynccontextmanager
async def on_disk(folder: Path) -> AsyncIterator[Store]:
    yield EmbeddedStore(folder / "data")


@asynccontextmanager
async def in_postgresql(_: Path) -> AsyncIterator[Store]:
    async with empty_database() as url:
        yield PostgresStore(url)


BACKENDS: dict[str, Callable[[Path], AbstractAsyncContextManager[Store]]] = {
    "memory": in_memory,
    "disk": on_disk,
    "postgresql": in_postgresql,
}


@pytest.fixture(params=BACKENDS)
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Store]:
    """An open, empty store of each backend."""
    async with BACKENDS[request.param](tmp_path) as store:
        await store.open()
        yield store
        await store.close()
