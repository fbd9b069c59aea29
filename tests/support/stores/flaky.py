"""A store that refuses now and then: before a call has its effect, or after it.

A refusal after the effect is an answer that was lost: the caller can't know whether the change was
made. Any store can be wrapped, and what refuses when is drawn by a seed.
"""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import random
from collections.abc import AsyncIterator, Callable, Collection, Iterator
from typing import Any, cast

from campaigns.ledger import ledger
from storage.base import Store
from storage.errors import Unavailable

PARTS = frozenset(
    {
        "campaigns",
        "events",
        "inbox",
        "ledger",
        "lists",
        "responses",
        "surveys",
        "templates",
        "users",
    }
)
"""The parts of a store that can refuse.

Leases are not among them: a process that does not get them does nothing, and says so.
"""

UNTOUCHED = frozenset({"changes"})
"""Verbs that never refuse: a stream of news that never ends."""


class Refusals:
    """Draws which calls are refused, and how.

    :param share: the part of the calls that is refused before the effect, and again after it; None:
        drawn from the seed.
    :param after: False: no answers are lost.
    :param slow: the part of the calls that take a moment first.
    :param parts: the parts of the store that refuse.
    """

    def __init__(
        self,
        seed: int,
        *,
        share: float | None = None,
        after: bool = True,
        slow: float = 0.2,
        parts: Collection[str] = PARTS,
    ) -> None:
        self._dice = random.Random(seed)
        self._share = self._dice.choice([0.02, 0.1, 0.3]) if share is None else share
        self._after = after
        self._slow = slow
        self._parts = parts
        self.on = False
        """True while the store refuses. Off at first, so that a test can lay its ground."""
        self.refused: list[str] = []
        """The calls that were refused, as ``part.verb`` with *before* or *after*."""

    @contextlib.contextmanager
    def suspended(self) -> Iterator[None]:
        """Has the store serve within this block, such as while a test looks at it."""
        before, self.on = self.on, False
        try:
            yield
        finally:
            self.on = before

    def covers(self, part: str) -> bool:
        """Returns True when this part of the store may refuse."""
        return part in self._parts

    async def before(self, call: str) -> None:
        """Takes a moment, perhaps; raises Unavailable when the call is refused."""
        if self._happens(self._slow):
            await asyncio.sleep(self._dice.choice([0.001, 0.02, 0.5]))
        # They may have been switched off meanwhile.
        if self._happens(self._share):
            self.refused.append(f"{call} before")
            raise Unavailable(f"{call} is refused")

    def lost(self, call: str) -> bool:
        """Returns True when the answer of this call is lost."""
        if not (self._after and self._happens(self._share)):
            return False
        self.refused.append(f"{call} after")
        return True

    def _happens(self, share: float) -> bool:
        return self.on and self._dice.random() < share


class _Part:
    """One part of a store, such as its ledger."""

    def __init__(self, part: Any, name: str, refusals: Refusals) -> None:
        self._part = part
        self._name = name
        self._refusals = refusals

    def __getattr__(self, verb: str) -> Any:
        real = getattr(self._part, verb)
        if verb in UNTOUCHED:
            return real
        call = f"{self._name}.{verb}"
        if inspect.isasyncgenfunction(real):
            return self._stream(real, call)
        if inspect.iscoroutinefunction(real):
            return self._verb(real, call)
        return real

    def _verb(self, real: Callable[..., Any], call: str) -> Callable[..., Any]:
        async def verb(*args: Any, **options: Any) -> Any:
            await self._refusals.before(call)
            result = await real(*args, **options)
            if self._refusals.lost(call):
                if call == "ledger.claim":
                    # A store gives back claims whose answer did not arrive.
                    await self._part.settle(args[0], [ledger.released(row) for row in result])
                raise Unavailable(f"the answer of {call} is lost")
            return result

        return verb

    def _stream(self, real: Callable[..., Any], call: str) -> Callable[..., Any]:
        async def stream(*args: Any, **options: Any) -> AsyncIterator[Any]:
            async for chunk in real(*args, **options):
                await self._refusals.before(call)
                yield chunk

        return stream


class _FlakyStore:
    def __init__(self, store: Any, refusals: Refusals) -> None:
        self._store = store
        self._refusals = refusals

    def __getattr__(self, name: str) -> Any:
        part = getattr(self._store, name)
        return _Part(part, name, self._refusals) if self._refusals.covers(name) else part


def flaky(store: Store, refusals: Refusals) -> Store:
    """Returns the store, made to refuse."""
    return cast(Store, _FlakyStore(store, refusals))
