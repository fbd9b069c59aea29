"""Secrets in the embedded store."""

from __future__ import annotations

import base64
from collections.abc import Mapping

import msgspec

from storage.embedded.documents import Document, Rows, document
from storage.embedded.shard import Edit, understood
from storage.embedded.shards import Shards
from storage.embedded.volume import Volume


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
            return _value(row)

        return await self._rows.place(name).change(change)

    async def everything(self) -> Mapping[str, bytes]:
        found: dict[str, bytes] = {}
        for shard in list(self._rows.all):
            rows = await shard.rows()
            with understood(shard):
                found |= {name: _value(row) for name, row in rows.items()}
        return found


class _Row(msgspec.Struct, frozen=True):
    value: str


def _value(row: Document) -> bytes:
    return base64.b64decode(msgspec.convert(row, _Row).value)


def _summarise(rows: Rows) -> tuple[()]:
    """Nothing has to be known of them ahead."""
    return ()
