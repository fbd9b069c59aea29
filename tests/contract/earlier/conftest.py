"""Stores that an earlier version wrote, opened by today's code."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from storage.base import Store
from storage.postgres.store import PostgresStore
from tests.support.earlier.stores import from_database, from_folder, restored

BACKENDS = [
    pytest.param((from_folder, "tmp_path"), id="folder"),
    pytest.param((from_database, "postgresql"), id="database", marks=pytest.mark.database),
]
"""Each with the fixture that it takes."""


@pytest.fixture(params=BACKENDS)
async def store(request: pytest.FixtureRequest) -> AsyncIterator[Store]:
    """An open store of each backend with what was written then."""
    backend, needed = request.param
    async with backend(request.getfixturevalue(needed)) as store:
        await store.open()
        yield store
        await store.close()


@pytest.fixture
async def database(postgresql: str) -> AsyncIterator[Store]:
    async with restored(postgresql) as url:
        store = PostgresStore(url)
        await store.open()
        yield store
        await store.close()
