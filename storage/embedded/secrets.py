"""Secrets in the embedded store."""

from __future__ import annotations

import base64
from collections.abc import Mapping

import msgspec

from storage.embedded.documents import Document, Rows, document
from storage.embedded.edit import Edit
from storage.embedded.shard import understood
from storage.embedded.shards import Shards
from storage.embedded.volume import Volume


class EmbeddedSecrets:
    """All secrets in one file: they are few and small."""

    def __init__(self, volume: Volume) -> None:
        self._rows = Shards(volume, "secrets", _summarise, size=1_000)

    async def load(self) -> None:
        await self._rows.load()

    async def get_or_keep(self, name: str, value: bytes) -> bytes:
        def change(edit: Edit) -> bytes:
            row = edit.get(name)
            if row is None:
                row = document(_SecretRow(base64.b64encode(value).decode()))
                edit.put(name, row)
            return _secret(row)

        return await self._rows.place(name).change(change)

    async def everything(self) -> Mapping[str, bytes]:
        secrets: dict[str, bytes] = {}
        for shard in list(self._rows.all):
            rows = await shard.rows()
            with understood(shard):
                secrets |= {name: _secret(row) for name, row in rows.items()}
        return secrets


class _SecretRow(msgspec.Struct, frozen=True):
    value: str
    """The secret in base64."""


def _secret(row: Document) -> bytes:
    return base64.b64decode(msgspec.convert(row, _SecretRow).value)


def _summarise(rows: Rows) -> tuple[()]:
    """Returns nothing: secrets are read from their rows only."""
    return ()
