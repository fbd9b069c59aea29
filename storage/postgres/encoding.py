"""Texts and values as PostgreSQL can keep them.

It keeps no NUL, and no half a character (a lone surrogate, such as a cut emoji) in JSON. Both come
from outside, and must not keep other people's rows from being stored. So NUL is kept as U+FFFD, and
half a character as "?".
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import msgspec

from storage.errors import Damaged

T = TypeVar("T")

_NUL = re.compile(r"((?<!\\)(?:\\\\)*)\\u0000")
"""NUL as JSON writes it, but not a backslash that is followed by ``u0000``."""

_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"


def storable(text: str) -> str:
    """Returns the text, with replacements for what can't be kept."""
    if "\0" in text:
        text = text.replace("\0", _REPLACEMENT)
    if text.isascii():
        return text
    return text.encode("utf-8", "replace").decode("utf-8")


def json_text(value: Any) -> str:
    """Returns the value as JSON, with replacements for what can't be kept."""
    try:
        text = msgspec.json.encode(value).decode("utf-8")
    except UnicodeEncodeError:
        text = storable(json.dumps(msgspec.to_builtins(value), ensure_ascii=False))
    return _NUL.sub(rf"\1{_REPLACEMENT}", text) if "\\u0000" in text else text


def understood(
    text: str,
    kind: type[T],
    upgrade: Callable[[Mapping[str, Any]], Mapping[str, Any]] | None = None,
    *,
    row: str,
) -> T:
    """Returns the value that :func:`json_text` wrote; raises Damaged when it is not of this kind.

    :param row: names the row, see :func:`row_name`.
    :param upgrade: brings a document that an earlier version wrote into today's layout.
    """
    try:
        if upgrade is None:
            return msgspec.json.decode(text, type=kind)
        return msgspec.convert(upgrade(msgspec.json.decode(text, type=dict[str, Any])), kind)
    except msgspec.DecodeError as error:
        raise damaged(row, str(error)) from error


def row_name(table: str, *key: str) -> str:
    """Returns the name of a row for people who are to repair it: the table, and the key."""
    return f"{table} {key}"


def damaged(row: str, reason: str) -> Damaged:
    """Returns the error for a row that is not understood.

    :param row: names the row, see :func:`row_name`.
    """
    return Damaged(
        f"The row {row} in the database is not understood: {reason}. It has been left as it is."
        " Repair it, or restore the database from a backup."
    )
