"""Waiting until something has happened, for a limited time."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

WITHIN = 30.0
"""Seconds to wait for anything before a test fails."""

T = TypeVar("T")


async def until(check: Callable[[], T | None], what: str, *, within: float = WITHIN) -> T:
    """Waits until ``check`` returns neither None nor False, and returns that."""

    async def look() -> T | None:
        return check()

    return await until_stored(look, what, within=within)


async def until_stored(
    check: Callable[[], Awaitable[T | None]], what: str, *, within: float = WITHIN
) -> T:
    """Waits like :func:`until`, for a check that asks the store."""
    deadline = time.monotonic() + within
    while True:
        result = await check()
        if result is not None and result is not False:
            return result
        assert time.monotonic() < deadline, f"{what} did not come within {within:g} s"
        await asyncio.sleep(0.01)
