"""A store in which everything about one row goes wrong, for good."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable
from typing import Any, cast

from storage.base import Store

Spoils = Callable[[str, tuple[Any, ...]], bool]
"""Returns True for calls that go wrong: ``part.verb``, and what it is called with."""


class Spoilt:
    """Fault of the calls that ``spoils`` chooses.

    :param error: raised by these calls; None: they never return.
    """

    def __init__(self, spoils: Spoils, error: Exception | None) -> None:
        self._spoils = spoils
        self._error = error
        self.calls = 0
        """Calls that went wrong."""

    def goes_wrong(self, call: str, given: tuple[Any, ...]) -> bool:
        return self._spoils(call, given)

    async def go_wrong(self) -> None:
        self.calls += 1
        if self._error is None:
            await asyncio.Event().wait()
        else:
            raise self._error


class _Part:
    def __init__(self, part: Any, name: str, spoilt: Spoilt) -> None:
        self._part = part
        self._name = name
        self._spoilt = spoilt

    def __getattr__(self, verb: str) -> Any:
        real = getattr(self._part, verb)
        if not inspect.iscoroutinefunction(real):
            return real
        return self._verb(real, f"{self._name}.{verb}")

    def _verb(
        self, real: Callable[..., Awaitable[Any]], call: str
    ) -> Callable[..., Awaitable[Any]]:
        async def verb(*given: Any, **options: Any) -> Any:
            if self._spoilt.goes_wrong(call, given):
                await self._spoilt.go_wrong()
            return await real(*given, **options)

        return verb


class _SpoiltStore:
    def __init__(self, store: Any, spoilt: Spoilt) -> None:
        self._store = store
        self._spoilt = spoilt

    def __getattr__(self, name: str) -> Any:
        part = getattr(self._store, name)
        return part if callable(part) else _Part(part, name, self._spoilt)


def spoil(store: Store, spoilt: Spoilt) -> Store:
    """Returns the store, in which these calls go wrong."""
    return cast(Store, _SpoiltStore(store, spoilt))
