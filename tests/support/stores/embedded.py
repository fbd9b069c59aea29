"""Embedded stores in folders."""

from __future__ import annotations

from pathlib import Path

from storage.embedded.store import EmbeddedStore
from tests.support.stores.disks import FaultyDisk


async def opened(folder: Path, disk: FaultyDisk | None = None) -> EmbeddedStore:
    store = EmbeddedStore(folder, files=disk)
    await store.open()
    return store


def shard_files(folder: Path, campaign: str) -> list[Path]:
    return sorted(folder.glob(f"ledger/*/*{campaign}*/*.json"))
