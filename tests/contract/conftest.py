"""The backends that keep the contract of ``storage.base``. A new one is one more entry here."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from storage.base import Store
from storage.embedded import EmbeddedStore


def in_memory(_: Path) -> Store:
    return EmbeddedStore(None)


def on_disk(folder: Path) -> Store:
    return EmbeddedStore(folder / "data")


BACKENDS: dict[str, Callable[[Path], Store]] = {"memory": in_memory, "disk": on_disk}


@pytest.fixture(params=BACKENDS)
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Store]:
    """An open, empty store of each backend."""
    store = BACKENDS[request.param](tmp_path)
    await store.open()
    yield store
    await store.close()
