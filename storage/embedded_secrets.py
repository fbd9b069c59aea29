"""Secrets in the embedded store."""

from __future__ import annotations

import base64

import msgspec

from storage.documents import Rows, document
from storage.shard import Edit
from storage.shards import Shards
from storage.volume import Volume


class EmbeddedSecrets:
    """Few and small; all in one file."""

    def __init__(self, volume: Volume) -> None:
        self._rows = Shards(volume, "secrets", _summarise, size=1_000)

    async def load(self) -> None:
        await self._rows.load()

    async def get_or_keep(self, name: str, value: bytes) -> bytes:
        def change(edit: Edit) -> bytes:
            row = edit.get(name)
            if row is None:
                row = document(_Row(base64.b64encode(value).decode()))
                edit.put(name, row)
            return base64.b64decode(msgspec.convert(row, _Row).value)

        return await self._rows.place(name).change(change)


class _Row(msgspec.Struct, frozen=True):
    value: str


def _summarise(rows: Rows) -> tuple[()]:
    """Nothing has to be known of them ahead."""
    return ()
