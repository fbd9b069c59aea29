"""The backends that keep the contract of ``storage.base``. A new one is one more entry here."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from storage.base import Store
from storage.embedded.store import EmbeddedStore
from storage.postgres.store import PostgresStore
from tests.support.stores.postgresql import empty_database


@asynccontextmanager
async def in_memory(_: pytest.FixtureRequest) -> AsyncIterator[Store]:
    yield EmbeddedStore(None)


@asynccontextmanager
async def on_disk(request: pytest.FixtureRequest) -> AsyncIterator[Store]:
    folder: Path = request.getfixturevalue("tmp_path")
    yield EmbeddedStore(folder / "data")


@asynccontextmanager
async def in_postgresql(request: pytest.FixtureRequest) -> AsyncIterator[Store]:
    async with empty_database(request.getfixturevalue("postgresql")) as url:
        yield PostgresStore(url)


BACKENDS = [
    pytest.param(in_memory, id="memory"),
    pytest.param(on_disk, id="disk"),
    # Named here, because fixtures that are asked for by name are not seen beforehand.
    pytest.param(in_postgresql, id="postgresql", marks=pytest.mark.database),
]


@pytest.fixture(params=BACKENDS)
async def store(request: pytest.FixtureRequest) -> AsyncIterator[Store]:
    """An open, empty store of each backend."""
    async with request.param(request) as store:
        await store.open()
        yield store
        await store.close()
