"""Readiness: named checks, each with a reason why the bot can't work just now.

A *remark* looks like a check and tells of something that fails, although the bot is ready.
"""

from __future__ import annotations

import asyncio
import time
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

STORE_ASKED_EVERY: Final = 2.0
"""Seconds between two looks at the store, at least. Anybody may ask whether the bot is ready, and a
look writes a file, or takes a connection to the database from those who work."""

FAILING_ASKED_EVERY: Final = 0.25
"""The same while it fails, so that its end shows soon: at the start, too."""

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


class SharedCheck:
    """A check whose answer all callers share for a while, however many they are.

    :param every: seconds between two looks, at least, after one that found nothing wrong. After one
        that did they are no longer than ``FAILING_ASKED_EVERY``.
    :param clock: seconds, monotonic.
    """

    def __init__(
        self, check: Check, every: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._check = check
        self._every = every
        self._clock = clock
        self._looking: asyncio.Task[str] | None = None
        self._asked_at = 0.0

    async def __call__(self) -> str:
        """Returns the answer: of a look that is under way, of the last one, or of a new one."""
        looking = self._looking
        if looking is None or (looking.done() and self._is_old(looking)):
            self._asked_at = self._clock()
            looking = self._looking = asyncio.ensure_future(_run(self._check))
        # Shielded: a caller who gives up must not break it off for the others. A look that hangs is
        # the only one that does.
        return await asyncio.shield(looking)

    def _is_old(self, look: asyncio.Task[str]) -> bool:
        is_well = not look.cancelled() and look.exception() is None and not look.result()
        every = self._every if is_well else min(self._every, FAILING_ASKED_EVERY)
        return self._clock() - self._asked_at >= every


async def _run(check: Check) -> str:
    return await check()


def store_check(store: Store, every: float = STORE_ASKED_EVERY) -> Check:
    """Returns the readiness check of a store.

    :param every: seconds between two looks at it, at least; everyone in between gets the same.
    """

    async def check() -> str:
        try:
            await store.check()
        except StoreError as error:
            return str(error) or type(error).__name__
        return ""

    return SharedCheck(check, every)


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
