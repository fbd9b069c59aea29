"""A page: part of a longer list."""

from __future__ import annotations

from typing import Generic, TypeVar

import msgspec

T = TypeVar("T")


class Page(msgspec.Struct, Generic[T], frozen=True):
    """Some items of a longer list, and the length of the whole list."""

    items: tuple[T, ...]
    total: int
