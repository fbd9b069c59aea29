"""Reads people's details from the organisation's directory, in the background: department, job
title, country, city.

Where the bot may not read them, they are simply not known.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
from collections.abc import AsyncIterator, Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from campaigns.outcome import Outcome, Reason, Rejected, Throttled
from campaigns.user import Details
from delivery.clock import Clock
from delivery.people.contacts import Contacts
from delivery.waiting import nap
from storage.base import Store
from storage.errors import StoreError

_log = logging.getLogger(__name__)

FRESH_FOR = timedelta(days=7)
"""How long details stay valid."""

EVERY = 24 * 3600.0
"""Seconds between two sweeps over everyone. Newcomers in between are looked up at once."""

AFTER_REFUSAL = 3600.0
"""Seconds until the next try when the bot may not read: somebody may have allowed it."""

AFTER_FAILURE = 300.0
"""Seconds until the next try when the directory, or the store, did not answer."""

AT_ONCE = 20
"""Most people in one call; what Graph takes in a batch."""

MANY = 400
"""Fewest people for whom the whole directory is read page by page: that takes fewer calls."""

FoundDetails = tuple[dict[str, Details], Outcome | None]
"""People's details by id, and the outcome that kept the rest from being read, if any."""


class Directory(Protocol):
    """The organisation's directory. Makes one call per page, and retries nothing."""

    async def details(self, tenant_id: str, user_ids: Sequence[str]) -> FoundDetails:
        """Returns the details of these people (at most AT_ONCE).

        People who are not in the directory have empty details.
        """
        ...

    def everyone(self, tenant_id: str) -> AsyncIterator[FoundDetails]:
        """Yields the details of everyone in the directory, page by page."""
        ...


class DirectorySweep:
    """Keeps the users' details fresh.

    :param directory: None: there is none.
    :param tenants: the tenants whose people are looked up.
    """

    def __init__(
        self,
        store: Store,
        contacts: Contacts,
        clock: Clock,
        directory: Directory | None,
        tenants: Collection[str] = (),
    ) -> None:
        self._store = store
        self._contacts = contacts
        self._clock = clock
        self._directory = directory
        self._tenants = tuple(tenants)
        self._readable: set[str] = set()
        self._unanswered: set[str] = set()
        """Tenants whose directory did not answer; a later sweep asks again."""

    def knows(self, tenant_id: str) -> bool:
        """Returns True when this tenant's directory has answered, and not refused since."""
        return tenant_id in self._readable

    @property
    def has_tenants(self) -> bool:
        """True when there is a directory, and a tenant to look up in it."""
        return self._directory is not None and bool(self._tenants)

    async def run(self) -> None:
        """Sweeps until it is cancelled. Call it only when :attr:`has_tenants`."""
        due = {tenant: self._clock.now() for tenant in self._tenants}
        while True:
            now = self._clock.now()
            for tenant in [tenant for tenant, moment in due.items() if moment <= now]:
                due[tenant] = self._after(await self._sweep(tenant))
            for tenant, wait in (await self._newcomers()).items():
                due[tenant] = min(due[tenant], self._after(wait))
            await self._rest((min(due.values()) - self._clock.now()).total_seconds())

    def _after(self, seconds: float) -> datetime:
        return self._clock.now() + timedelta(seconds=seconds)

    async def _sweep(self, tenant: str) -> float:
        """Looks up everyone whose details are too old; returns the seconds until the next sweep."""
        now = self._clock.now()
        try:
            stale = []
            anybody = None
            async for chunk in self._store.users.reachable(tenant):
                for user in chunk:
                    anybody = anybody or user.id
                    if user.details_at is None or now - user.details_at > FRESH_FOR:
                        stale.append(user.id)
            # One look-up tells whether the directory answers, also when nobody's details are old.
            if not stale and anybody is not None and not self.knows(tenant):
                stale = [anybody]
            if len(stale) >= MANY:
                return await self._ask_for_everyone(tenant, set(stale))
            return await self._ask(tenant, stale)
        except StoreError as error:
            _log.warning("the directory waits for the store: %s", error)
            return AFTER_FAILURE

    async def _newcomers(self) -> dict[str, float]:
        """Looks up people whose profile was read since the last call.

        Returns the seconds until the next sweep, by tenant.
        """
        waits: dict[str, float] = {}
        while self._contacts.undetailed:
            came = list(self._contacts.undetailed)
            self._contacts.undetailed.clear()
            for tenant in self._tenants:
                if tenant in self._unanswered:
                    continue
                ids = [user_id for tenant_id, user_id in came if tenant_id == tenant]
                try:
                    waits[tenant] = await self._ask(tenant, ids)
                except StoreError as error:
                    _log.warning("the directory waits for the store: %s", error)
                    waits[tenant] = AFTER_FAILURE
        return waits

    async def _ask(self, tenant: str, user_ids: Sequence[str]) -> float:
        assert self._directory is not None
        waiting = iter(user_ids)
        while ids := list(itertools.islice(waiting, AT_ONCE)):
            known, failure = await self._directory.details(tenant, ids)
            await self._keep(tenant, known)
            if failure is None:
                self._answered(tenant)
                continue
            if isinstance(failure, Throttled):
                await self._clock.sleep(_wait(failure))
                waiting = itertools.chain(
                    [user_id for user_id in ids if user_id not in known], waiting
                )
                continue
            return self._not_answered(tenant, failure)
        return EVERY

    async def _ask_for_everyone(self, tenant: str, stale: set[str]) -> float:
        assert self._directory is not None
        async for known, failure in self._directory.everyone(tenant):
            if failure is not None:
                wait = self._not_answered(tenant, failure)
                return _wait(failure) if isinstance(failure, Throttled) else wait
            self._answered(tenant)
            await self._keep(tenant, {user_id: known[user_id] for user_id in known.keys() & stale})
            stale -= known.keys()
        # The rest is not in the directory: guests, or accounts that are gone.
        await self._keep(tenant, dict.fromkeys(stale, Details()))
        return EVERY

    async def _keep(self, tenant: str, known: dict[str, Details]) -> None:
        now = self._clock.now()
        for chunk in _chunks(known.items(), 50):
            await asyncio.gather(
                *(
                    self._contacts.detailed(tenant, user_id, details, now)
                    for user_id, details in chunk
                )
            )

    def _answered(self, tenant: str) -> None:
        self._readable.add(tenant)
        self._unanswered.discard(tenant)

    def _not_answered(self, tenant: str, failure: Outcome) -> float:
        """Returns the seconds until the next try."""
        self._unanswered.add(tenant)
        if isinstance(failure, Rejected) and failure.reason is Reason.UNAUTHORISED:
            _log.info(
                "the directory of tenant %s may not be read (it takes User.Read.All): department, "
                "job title, country and city stay unknown",
                tenant,
            )
            self._readable.discard(tenant)
            return AFTER_REFUSAL
        _log.info("the directory of tenant %s did not answer: %s", tenant, failure)
        return AFTER_FAILURE

    async def _rest(self, seconds: float) -> None:
        self._contacts.profiled.clear()
        await nap(self._clock, self._contacts.profiled, max(1.0, seconds))


def _wait(throttled: Throttled) -> float:
    if throttled.retry_after is None:
        return AFTER_FAILURE
    return max(1.0, throttled.retry_after)


def _chunks(items: Iterable[tuple[str, Details]], size: int) -> Iterable[list[tuple[str, Details]]]:
    waiting = iter(items)
    while chunk := list(itertools.islice(waiting, size)):
        yield chunk
