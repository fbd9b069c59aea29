"""Readiness: named checks, each with a reason why the bot can't work fully just now."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from delivery.engine import Engine
from delivery.supervision import Supervisor
from storage.base import Store
from storage.errors import StoreError

CHECK_TIMEOUT: Final = 5.0
"""Seconds until a readiness check that gives no answer counts as failed."""

SHOWN: Final = 5
"""Most pieces of failing work that a reason names."""

Check = Callable[[], Awaitable[str]]
"""Returns the reason why the bot is not ready; an empty text when it is ready."""


async def reasons(checks: Mapping[str, Check]) -> dict[str, str]:
    """Returns the reasons why the bot is not ready, by the names of the checks that gave them."""
    answers = await asyncio.gather(*(_ask(check) for check in checks.values()))
    return {name: why for name, why in zip(checks, answers, strict=True) if why}


async def _ask(check: Check) -> str:
    try:
        async with asyncio.timeout(CHECK_TIMEOUT):
            return await check()
    except TimeoutError:
        return f"no answer within {CHECK_TIMEOUT:g} s"


def store_check(store: Store) -> Check:
    """Returns the readiness check of a store."""

    async def check() -> str:
        try:
            await store.check()
        except StoreError as error:
            return str(error) or type(error).__name__
        return ""

    return check


def engine_check(engine: Engine) -> Check:
    """Returns the readiness check of the engine."""

    async def check() -> str:
        return engine.not_ready_because

    return check


def background_check(supervisor: Supervisor) -> Check:
    """Returns the readiness check of the background work: it names what fails."""

    async def check() -> str:
        failing = supervisor.failing
        named = [str(work) for work in failing[:SHOWN]]
        if len(failing) > SHOWN:
            named.append(f"and {len(failing) - SHOWN} more")
        return "; ".join(named)

    return check
