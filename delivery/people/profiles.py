"""Fetches profiles that the installation did not bring, before they are needed.

The look-ups keep to the allowed rate. Each tenant has a sweep of its own, so that a tenant whose
look-ups take long, or fail, holds up no other.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import partial

import msgspec

from campaigns.outcome import Outcome, Reason, Rejected, Throttled, Transient, Unknown
from campaigns.user import User
from delivery.clock import Clock
from delivery.leases import TenantLeases
from delivery.people.contacts import Contacts
from delivery.supervision import Crew, WorkKind
from delivery.waiting import Waiting, nap
from storage.base import Store
from storage.errors import Damaged, StoreError

_log = logging.getLogger(__name__)

BATCH = 50
"""Look-ups that are begun together; the pacer spaces them out.

When all of them fail for a reason that is not the people's own, the sweep rests.
"""

PAUSE_AFTER_FAILURE = 300.0
"""Seconds until a look-up that failed is tried again, and for which a sweep rests.

The time is doubled with each failure of the same person, so that those whose profile can't be read
at all don't take the place of the others. A send that needs a profile sooner makes its own look-up.
"""

LONGEST_PAUSE = 24 * 3600.0
"""Most seconds until a look-up that failed is tried again."""

PAUSE_AMONG_OTHERS = 10.0
"""Seconds between two looks for newcomers when other processes may meet those of our tenants."""

PATIENCE = 120.0
"""Seconds for which a sweep waits for a look-up, with its wait for a place in the rate."""


class Profiles:
    """The background sweeps over the users without a profile, in the tenants that are ours."""

    def __init__(
        self, store: Store, contacts: Contacts, clock: Clock, leases: TenantLeases, crew: Crew
    ) -> None:
        self._store = store
        self._contacts = contacts
        self._clock = clock
        self._leases = leases
        self._crew = crew
        self._waiting = Waiting(_log, clock, "profiles")
        self._failed: defaultdict[str, dict[str, _FailedLookUp]] = defaultdict(dict)
        """Look-ups that failed, by tenant and user."""
        self._resting: dict[str, float] = {}
        """The moment until which a tenant's sweep rests."""

    async def run(self) -> None:
        """Begins sweeps until it is cancelled."""
        look_at = self._now()
        while True:
            self._contacts.newcomers.clear()
            for tenant_id in self._contacts.newcomers_in:
                self._begin_sweep(tenant_id)
            self._contacts.newcomers_in.clear()
            if look_at <= self._now():
                with self._waiting.tolerate("profiles wait for the store"):
                    await self._look()
                look_at = self._now() + self._pause()
            await nap(self._clock, self._contacts.newcomers, look_at - self._now())

    async def _look(self) -> None:
        """Begins the sweep of each tenant that has somebody to look up."""
        ours = self._leases.tenants
        limit = BATCH
        begun: set[str] = set()
        while True:
            wanted = None if ours is None else ours - begun
            users = await self._store.users.without_profile(limit, wanted)
            found = {user.tenant_id for user in users} - begun
            for tenant_id in found:
                self._begin_sweep(tenant_id)
            begun |= found
            if len(users) < limit:
                return
            if ours is None:
                # A large tenant hides the others. Each read is a multiple of the one before, so all
                # of them together cost little more than the last.
                limit *= 8

    def _begin_sweep(self, tenant_id: str) -> None:
        self._crew.carry_out(
            WorkKind.PROFILES, f"profiles of {tenant_id}", partial(self._sweep, tenant_id)
        )

    async def _sweep(self, tenant_id: str) -> None:
        """Looks up the tenant's users without a profile, until only failed ones are left."""
        failed = self._failed[tenant_id]
        while self._resting.get(tenant_id, 0.0) <= self._now():
            # A multiple of those that are left out, so that all reads together are linear.
            limit = BATCH + 2 * len(failed)
            users = await self._unknown(tenant_id, limit)
            todo = [
                user
                for user in users
                if user.id not in failed or failed[user.id].again_at <= self._now()
            ]
            # Those who were not tried yet come first.
            todo.sort(key=lambda user: user.id in failed)
            for batch in _batches(todo):
                if not self._is_ours(tenant_id):
                    return
                fine = await asyncio.gather(*(self._look_up(user) for user in batch))
                if len(batch) == BATCH and not any(fine):
                    _log.info("profiles of tenant %s are read later", tenant_id)
                    self._resting[tenant_id] = self._now() + PAUSE_AFTER_FAILURE
                    return
            if not todo and len(users) < limit:
                return

    async def _unknown(self, tenant_id: str, limit: int) -> Sequence[User]:
        return await self._waiting.until(
            lambda: self._store.users.without_profile(limit, {tenant_id}),
            "profiles wait for the store",
            even_damaged=True,
        )

    async def _look_up(self, user: User) -> bool:
        """Looks a person up; returns False when it fails for a reason that is not their own."""
        failures: list[Outcome | StoreError] = []

        async def complete() -> None:
            try:
                completed = await self._contacts.complete(user, urgent=False)
            except StoreError as error:
                failures.append(error)
            else:
                if not isinstance(completed, User):
                    failures.append(completed)

        done = await self._crew.attempt(
            WorkKind.PROFILES,
            f"profile of user {user.id} of {user.tenant_id}",
            complete,
            within=PATIENCE,
        )
        if done and not failures:
            self._failed[user.tenant_id].pop(user.id, None)
            return True
        failure = failures[-1] if failures else None
        if isinstance(failure, Damaged):
            _log.error("profile of user %s can't be kept: %s", user.id, failure)
        elif failure is not None:
            _log.info("profile of user %s not read: %s", user.id, failure)
        earlier = self._failed[user.tenant_id].get(user.id)
        self._failed[user.tenant_id][user.id] = _FailedLookUp.after(earlier, self._now())
        return not _is_everybodys(failure)

    def _now(self) -> float:
        """Returns the seconds of the clock."""
        return self._clock.now().timestamp()

    def _is_ours(self, tenant_id: str) -> bool:
        ours = self._leases.tenants
        return ours is None or tenant_id in ours

    def _pause(self) -> float:
        """Returns the seconds until the next look for somebody to look up."""
        if self._leases.tenants is not None:
            return PAUSE_AMONG_OTHERS
        moments = [
            *(failed.again_at for tenant in self._failed.values() for failed in tenant.values()),
            *self._resting.values(),
        ]
        now = self._now()
        next_try = min((moment for moment in moments if moment > now), default=math.inf)
        return min(max(1.0, next_try - now), PAUSE_AFTER_FAILURE)


class _FailedLookUp(msgspec.Struct, frozen=True):
    """A person whose profile could not be read."""

    pause: float
    """Seconds from the latest failure to the next try."""

    again_at: float

    @classmethod
    def after(cls, earlier: _FailedLookUp | None, now: float) -> _FailedLookUp:
        """Returns the state after one more failure."""
        pause = PAUSE_AFTER_FAILURE if earlier is None else min(2 * earlier.pause, LONGEST_PAUSE)
        return cls(pause, now + pause)


def _is_everybodys(failure: Outcome | StoreError | None) -> bool:
    """Returns True for a failure that others will meet as well."""
    match failure:
        case Damaged():
            return False
        case StoreError() | Throttled() | Transient() | Unknown() | None:
            return True
        case Rejected(Reason.UNAUTHORISED):
            return True
        case _:
            return False


def _batches(users: Iterable[User]) -> Iterator[list[User]]:
    waiting = iter(users)
    while batch := list(itertools.islice(waiting, BATCH)):
        yield batch
