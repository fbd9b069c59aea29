"""Readiness: named checks, each with a reason why the bot can't work just now.

A *remark* looks like a check and tells of something that fails, although the bot is ready.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Final

from delivery.engine import Engine
from delivery.supervision import Failing, Supervisor, WorkKind
from storage.base import Store
from storage.errors import StoreError
from teams.signed_in import SignedIn

CHECK_TIMEOUT: Final = 5.0
"""Seconds until a readiness check that gives no answer counts as failed."""

FIRST_SIGN_IN: Final = 2.0
"""Seconds that the check of the sign-in waits for the first one; usually it takes one."""

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
    """Returns the check of the loops in the background: one that fails does none of its work."""

    async def check() -> str:
        return _shown(work for work in supervisor.failing if work.is_loop)

    return check


def background_remark(supervisor: Supervisor) -> Check:
    """Returns a remark on single campaigns, people and tenants with which something fails.

    The bot is ready all the same: everything else goes on.
    """

    async def check() -> str:
        return _shown(work for work in supervisor.failing if not work.is_loop)

    return check


def _shown(failing: Iterable[Failing]) -> str:
    """Returns the kinds of work that fail, how many of each, and the latest error.

    It has no names of single works: ids of people may stand in them, and anybody may read this.
    """
    numbers: Counter[WorkKind] = Counter()
    errors: dict[WorkKind, str] = {}
    for work in failing:
        numbers[work.kind] += 1
        errors[work.kind] = work.error
    return "; ".join(
        f"{kind.value}: {number} failing ({errors[kind]})" for kind, number in numbers.items()
    )


def sign_in_check(signed_in: SignedIn) -> Check:
    """Returns the readiness check of the sign-in. Without it no reply and no message can leave.

    Right after the start it waits a moment for the first answer.
    """

    async def check() -> str:
        await signed_in.tried(FIRST_SIGN_IN)
        return signed_in.trouble

    return check
