"""Many records at once, of which some may be damaged."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Collection, Mapping
from typing import TypeVar

from storage.errors import Damaged

T = TypeVar("T")

_log = logging.getLogger(__name__)


async def readable(
    read: Callable[[Collection[str]], Awaitable[Mapping[str, T]]], ids: Collection[str]
) -> tuple[Mapping[str, T], frozenset[str]]:
    """Returns the records that ``read`` gives for these ids, and the ids of damaged ones.

    Raises Damaged when the damage is not that of single records.
    """
    try:
        return await read(ids), frozenset()
    except Damaged as error:
        damaged = error.rows.intersection(ids)
        if not damaged:
            raise
        _log.error("left out: %s", error)
    others, more = await readable(read, [each for each in ids if each not in damaged])
    return others, damaged | more
