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
from functools import partial
from typing import Protocol

from campaigns.outcome import Outcome, Reason, Rejected, Throttled
from campaigns.user import Details
from delivery.clock import Clock
from delivery.people.contacts import Contacts
from delivery.supervision import Crew, WorkKind
from delivery.waiting import nap
from storage.base import Store
from storage.errors import Damaged, StoreError

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
        crew: Crew,
        directory: Directory | None,
        tenants: Collection[str] = (),
    ) -> None:
        self._store = store
        self._contacts = contacts
        self._clock = clock
        self._crew = crew
        self._directory = directory
        self._tenants = tuple(tenants)
        self._readable: set[str] = set()
        self._unanswered: set[str] = set()
        """Tenants whose directory did not answer; a later sweep asks again."""

    def knows(self, tenant_id: str) -> bool:
        """Returns True when this tenant's directory has answered, and not refused since."""
        return tenant_id in self._readable

    @property
    def tenants(self) -> Collection[str]:
        """The tenants to sweep; none when there is no directory."""
        return () if self._directory is None else self._tenants

    async def run(self, tenant: str) -> None:
        """Sweeps one tenant until it is cancelled."""
        due = self._clock.now()
        while True:
            if due <= self._clock.now():
                due = self._after(await self._sweep(tenant))
            wait = await self._newcomers(tenant)
            due = min(due, self._after(wait))
            news = self._contacts.undetailed.some(tenant)
            left = (due - self._clock.now()).total_seconds()
            await nap(self._clock, news, max(1.0, left))

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
                    if user.details_at is None or abs(now - user.details_at) > FRESH_FOR:
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

    async def _newcomers(self, tenant: str) -> float:
        """Looks up people whose profile was read since the last call.

        Returns the seconds until the next sweep.
        """
        came = self._contacts.undetailed.take(tenant)
        if not came or tenant in self._unanswered:
            return EVERY
        try:
            return await self._ask(tenant, came)
        except StoreError as error:
            _log.warning("the directory waits for the store: %s", error)
            return AFTER_FAILURE

    async def _ask(self, tenant: str, user_ids: Sequence[str]) -> float:
        assert self._directory is not None
        kept = True
        waiting = iter(user_ids)
        while ids := list(itertools.islice(waiting, AT_ONCE)):
            known, failure = await self._directory.details(tenant, ids)
            kept = await self._keep(tenant, known) and kept
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
        return EVERY if kept else AFTER_FAILURE

    async def _ask_for_everyone(self, tenant: str, stale: set[str]) -> float:
        assert self._directory is not None
        kept = True
        async for known, failure in self._directory.everyone(tenant):
            if failure is not None:
                wait = self._not_answered(tenant, failure)
                return _wait(failure) if isinstance(failure, Throttled) else wait
            self._answered(tenant)
            wanted = {user_id: known[user_id] for user_id in known.keys() & stale}
            kept = await self._keep(tenant, wanted) and kept
            stale -= known.keys()
        # The rest is not in the directory: guests, or accounts that are gone.
        kept = await self._keep(tenant, dict.fromkeys(stale, Details())) and kept
        return EVERY if kept else AFTER_FAILURE

    async def _keep(self, tenant: str, known: dict[str, Details]) -> bool:
        """Keeps these details; returns False when some could not be kept.

        Raises StoreError when the store can't serve.
        """
        kept = True
        for chunk in _chunks(known.items(), 50):
            refused: list[StoreError] = []
            done = await asyncio.gather(
                *(
                    self._crew.attempt(
                        WorkKind.DIRECTORY,
                        f"details of user {user_id} of {tenant}",
                        partial(self._keep_one, tenant, user_id, details, refused),
                    )
                    for user_id, details in chunk
                )
            )
            for error in refused:
                if not isinstance(error, Damaged):
                    raise error
            kept = kept and all(done) and not refused
        return kept

    async def _keep_one(
        self, tenant: str, user_id: str, details: Details, refused: list[StoreError]
    ) -> None:
        """Keeps one person's details; adds the store's error to ``refused`` when it can't."""
        try:
            await self._contacts.detailed(tenant, user_id, details, self._clock.now())
        except StoreError as error:
            refused.append(error)
            if isinstance(error, Damaged):
                _log.error("details of user %s can't be kept: %s", user_id, error)

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


def _wait(throttled: Throttled) -> float:
    if throttled.retry_after is None:
        return AFTER_FAILURE
    return max(1.0, throttled.retry_after)


def _chunks(items: Iterable[tuple[str, Details]], size: int) -> Iterable[list[tuple[str, Details]]]:
    waiting = iter(items)
    while chunk := list(itertools.islice(waiting, size)):
        yield chunk
