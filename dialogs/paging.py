"""Pages of a list, even when the list has become shorter since its card was shown."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sized
from typing import Protocol, TypeVar


class Paged(Protocol):
    """Some entries of a list, and the number of all entries."""

    @property
    def items(self) -> Sized: ...

    @property
    def total(self) -> int: ...


P = TypeVar("P", bound=Paged)


async def page_or_last(read: Callable[[int], Awaitable[P]], page: int, size: int) -> tuple[P, int]:
    """Returns this page and its number, or the last page when the list has become too short.

    :param read: reads the page that begins at this offset.
    :param size: entries on a page.
    """
    entries = await read(page * size)
    if page and not entries.items:
        page = last_page(entries.total, size)
        entries = await read(page * size)
    return entries, page


def last_page(total: int, size: int) -> int:
    """Returns the number of the last page; the first is 0, and an empty list has one."""
    return max(0, (total - 1) // size)
