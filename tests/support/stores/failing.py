"""A store in which one call fails once: before it has its effect, or after it."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import AsyncIterator, Callable
from contextvars import ContextVar
from typing import Any, cast

import msgspec

from campaigns.ledger import ledger
from delivery.supervision import WorkKind
from storage.base import Leases, Standing, Store
from storage.errors import StoreError

BEGINNINGS = {
    "campaign": WorkKind.CAMPAIGN,
    "changes": WorkKind.CHANGES,
    "clock": WorkKind.CLOCK,
    "details": WorkKind.DIRECTORY,
    "directory": WorkKind.DIRECTORY,
    "dispatcher": WorkKind.DISPATCHER,
    "end": WorkKind.CAMPAIGN,
    "events": WorkKind.EVENTS,
    "fault": WorkKind.CAMPAIGN,
    "leases": WorkKind.LEASES,
    "notice": WorkKind.NOTICES,
    "probe": WorkKind.PROBES,
    "probes": WorkKind.PROBES,
    "profile": WorkKind.PROFILES,
    "profiles": WorkKind.PROFILES,
    "progress": WorkKind.PROGRESS,
    "reminder": WorkKind.REMINDERS,
    "reminders": WorkKind.REMINDERS,
    "results": WorkKind.RESULTS,
    "review": WorkKind.REVIEW,
    "reviews": WorkKind.REVIEW,
    "scheduler": WorkKind.SCHEDULER,
    "start": WorkKind.SCHEDULER,
}
"""The kinds of work, by the first word of the names of their tasks."""


_kind: ContextVar[WorkKind | None] = ContextVar("kind", default=None)
"""The kind of work that a task is part of: tasks begun by it have no names of their own."""


class PlannedFault(msgspec.Struct, frozen=True, kw_only=True):
    """A fault that is to happen once."""

    kind: WorkKind
    """The work that makes the call."""
    number: int
    """Its place among the calls of this kind of work, from 0."""
    after: bool
    """True: the call has its effect, and then fails."""
    error: Exception


class Calls:
    """Counts the calls that background work makes, and fails one of them."""

    def __init__(self, planned: PlannedFault | None = None) -> None:
        self._planned = planned
        self.made: dict[WorkKind, list[str]] = {}
        self.failed = ""
        """The call that failed, as ``part.verb``."""

    def due(self, call: str) -> PlannedFault | None:
        """Counts a call; returns the fault that it is to have."""
        task = asyncio.current_task()
        assert task is not None
        kind = BEGINNINGS.get(task.get_name().partition(" ")[0], _kind.get())
        if kind is None:
            return None
        _kind.set(kind)
        made = self.made.setdefault(kind, [])
        made.append(call)
        planned = self._planned
        if planned is None or planned.kind is not kind or len(made) != planned.number + 1:
            return None
        self.failed = call
        return planned


class _Part:
    def __init__(self, part: Any, name: str, calls: Calls) -> None:
        self._part = part
        self._name = name
        self._calls = calls

    def __getattr__(self, verb: str) -> Any:
        real = getattr(self._part, verb)
        call = f"{self._name}.{verb}"
        if inspect.iscoroutinefunction(real):
            return self._verb(real, call)
        if inspect.isasyncgenfunction(real) or verb == "changes":
            return self._stream(real, call)
        return real

    def _verb(self, real: Callable[..., Any], call: str) -> Callable[..., Any]:
        async def verb(*given: Any, **options: Any) -> Any:
            fault = self._calls.due(call)
            if fault is not None and not fault.after:
                raise fault.error
            try:
                result = await real(*given, **options)
            except StoreError:
                if fault is not None:
                    # Another change was first: this one fails all the same, as planned.
                    raise fault.error from None
                raise
            if fault is not None:
                if call == "ledger.claim":
                    # A store gives back claims whose answer did not arrive.
                    await self._part.settle(given[0], [ledger.released(row) for row in result])
                raise fault.error
            return result

        return verb

    def _stream(self, real: Callable[..., Any], call: str) -> Callable[..., Any]:
        async def stream(*args: Any, **options: Any) -> AsyncIterator[Any]:
            fault = self._calls.due(call)
            if fault is not None and not fault.after:
                raise fault.error
            if call == "campaigns.changes":
                # As a database begins: some changes may have been missed.
                yield None
                if fault is not None:
                    raise fault.error
            async for chunk in real(*args, **options):
                yield chunk
                if fault is not None:
                    raise fault.error

        return stream


class _FailingStore:
    def __init__(self, store: Any, calls: Calls, leases: Leases | None) -> None:
        self._store = store
        self._calls = calls
        self._leases = leases

    def __getattr__(self, name: str) -> Any:
        part = getattr(self._store, name)
        if callable(part):
            return part
        if name == "leases" and self._leases is not None:
            part = self._leases
        return _Part(part, name, self._calls)


class SharedLeases:
    """Leases as a database gives them: of one tenant, and to this process."""

    def __init__(self, tenant_id: str) -> None:
        self._standing = Standing(tenants=frozenset({tenant_id}))
        self.beats = 0

    async def beat(self, owner: str, **_: object) -> Standing:
        self.beats += 1
        return self._standing

    async def release(self, owner: str, tenant_ids: object) -> None:
        raise AssertionError("nobody else is there")

    async def leave(self, owner: str) -> None:
        """Does nothing."""


def failing(store: Store, calls: Calls, leases: SharedLeases | None = None) -> Store:
    """Returns the store, in which these calls are counted and one of them may fail.

    :param leases: in place of the store's own.
    """
    return cast(Store, _FailingStore(store, calls, cast(Leases, leases)))
