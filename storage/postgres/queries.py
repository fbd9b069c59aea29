"""SQL statements by name, from a file in which each is described.

::

    -- name: find_user
    -- The user with this id.
    SELECT document FROM users WHERE id = $1;

    -- name: {table}_count
    -- tables: lists, surveys
    -- One statement for each of these tables: lists_count and surveys_count.
    SELECT count(*) FROM {table} WHERE tenant_id = $1;
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

_NAME = re.compile(r"^-- name: *(.*?) *$", re.MULTILINE)
_TABLES = re.compile(r"^-- tables: *(.*?) *$", re.MULTILINE)
_TABLE = "{table}"


def parse(text: str) -> Mapping[str, str]:
    """Returns the statements of such a text by name, without the comments above them.

    Text before the first name is left out. Raises ValueError for a name that is not an identifier,
    comes twice, or has no statement.
    """
    statements: dict[str, str] = {}
    _, *parts = _NAME.split(text)
    for pattern, body in zip(parts[::2], parts[1::2], strict=True):
        for table in _tables(body):
            name = pattern.replace(_TABLE, table)
            if not name.isidentifier():
                raise ValueError(f"{name!r} is no name for a statement")
            if name in statements:
                raise ValueError(f"two statements have the name {name}")
            statements[name] = _statement(body).replace(_TABLE, table)
            if not statements[name]:
                raise ValueError(f"{name} has no statement")
    return MappingProxyType(statements)


def load(path: Path) -> Mapping[str, str]:
    """Returns the statements of a file; raises ValueError as :func:`parse` does."""
    return parse(path.read_text(encoding="utf-8"))


def _tables(body: str) -> Sequence[str]:
    """Returns the tables for which the statement is repeated; itself alone when none are named."""
    named = _TABLES.search(body)
    return [table.strip() for table in named[1].split(",")] if named else [_TABLE]


def _statement(body: str) -> str:
    lines = (line for line in body.splitlines() if not line.startswith("--"))
    return "\n".join(lines).strip().removesuffix(";")
