"""SQL statements by name, from a file in which each is described.

::

    -- name: find_user
    -- The user with this id.
    SELECT document FROM users WHERE id = $1;
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

_NAME = re.compile(r"^-- name: *(.*?) *$", re.MULTILINE)


def parse(text: str) -> Mapping[str, str]:
    """The statements of such a text by name, without the comments above them.

    What is before the first name is left out. Raises ValueError for a name that is none, or comes
    twice, or has no statement.
    """
    found: dict[str, str] = {}
    _, *parts = _NAME.split(text)
    for name, body in zip(parts[::2], parts[1::2], strict=True):
        if not name.isidentifier():
            raise ValueError(f"{name!r} is no name for a statement")
        if name in found:
            raise ValueError(f"two statements have the name {name}")
        found[name] = _statement(body)
        if not found[name]:
            raise ValueError(f"{name} has no statement")
    return MappingProxyType(found)


def load(path: Path) -> Mapping[str, str]:
    """The statements of a file; raises ValueError as :func:`parse` does."""
    return parse(path.read_text(encoding="utf-8"))


def _statement(body: str) -> str:
    lines = (line for line in body.splitlines() if not line.startswith("--"))
    return "\n".join(lines).strip().removesuffix(";")
