"""Damage in the files of an embedded store, as an editor or a failing disk leaves it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

Row = dict[str, Any]


def damage_row(folder: Path, collection: str, row_id: str, change: Callable[[Row], object]) -> Path:
    """Changes the row whose id ends like this; returns its file."""
    for path in sorted((folder / collection).rglob("*.json")):
        content = msgspec.json.decode(path.read_bytes())
        for name, row in content["rows"].items():
            if name.endswith(row_id):
                change(row)
                path.write_bytes(msgspec.json.encode(content))
                return path
    raise AssertionError(f"there is no row {row_id} in {collection}")
