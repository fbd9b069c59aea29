"""Part of a longer list."""

from __future__ import annotations

from typing import Generic, TypeVar

import msgspec

T = TypeVar("T")


class Page(msgspec.Struct, Generic[T], frozen=True):
    """Some of a longer list, and how long it is in all."""

    items: tuple[T, ...]
    total: int
