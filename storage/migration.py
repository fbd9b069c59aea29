"""Moves a data folder into a PostgreSQL database; see ``storage.transfer`` for how."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import TypeVar

from storage.embedded.store import EmbeddedStore
from storage.postgres.store import PostgresStore
from storage.transfer import move

S = TypeVar("S", EmbeddedStore, PostgresStore)


def is_data_folder(folder: Path) -> bool:
    """Returns True when an embedded store has been kept in this folder."""
    return (folder / "format.json").exists()


async def migrate(folder: Path, url: str, tell: Callable[[str], None]) -> None:
    """Moves all that is in the folder into the database, and checks that it is there.

    Raises StoreError when something can't be moved; then it can be tried again.

    :param tell: called with a line for the operator at each step.
    """
    async with (
        _opened(EmbeddedStore(folder, moving_out=True)) as source,
        _opened(PostgresStore(url)) as target,
    ):
        await move(source, target, tell)


@contextlib.asynccontextmanager
async def _opened(store: S) -> AsyncIterator[S]:
    await store.open()
    try:
        yield store
    finally:
        await store.close()
