"""Stores that an earlier version wrote, opened by today's code."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest

from storage.base import Store
from storage.postgres.store import PostgresStore
from tests.support.earlier.stores import from_database, from_folder, restored

BACKENDS: dict[str, Callable[[Path], AbstractAsyncContextManager[Store]]] = {
    "folder": from_folder,
    "database": from_database,
}


@pytest.fixture(params=BACKENDS)
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Store]:
    """An open store of each backend with what was written then."""
    async with BACKENDS[request.param](tmp_path) as store:
        await store.open()
        yield store
        await store.close()


@pytest.fixture
async def database() -> AsyncIterator[Store]:
    async with restored() as url:
        store = PostgresStore(url)
        await store.open()
        yield store
        await store.close()
