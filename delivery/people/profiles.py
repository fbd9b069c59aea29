"""Fetches profiles that the installation did not bring, before they are needed.

The look-ups keep to the allowed rate.
"""

from __future__ import annotations

import asyncio
import logging

from campaigns.user import User
from delivery.clock import Clock
from delivery.leases import TenantLeases
from delivery.people.contacts import Contacts
from delivery.waiting import Waiting, nap
from storage.base import Store

_log = logging.getLogger(__name__)

BATCH = 50
"""Look-ups that are begun together; the pacer spaces them out."""

PAUSE_AFTER_FAILURE = 300.0
"""Seconds until a look-up that failed is tried again; a send that needs it sooner makes its own."""

PAUSE_AMONG_OTHERS = 10.0
"""Seconds between two sweeps when other processes may meet newcomers of our tenants."""


class Profiles:
    """A background sweep over the users without a profile, in the tenants that are ours."""

    def __init__(
        self, store: Store, contacts: Contacts, clock: Clock, leases: TenantLeases
    ) -> None:
        self._store = store
        self._contacts = contacts
        self._clock = clock
        self._leases = leases
        self._later: dict[tuple[str, str], float] = {}
        """The users whose look-up failed, and the monotonic moment when it is tried again."""

    async def run(self) -> None:
        """Sweeps until it is cancelled."""
        waiting = Waiting(_log, self._clock, "profiles")
        while True:
            self._contacts.newcomers.clear()
            with waiting.tolerate("profiles wait for the store"):
                await self._sweep()
            pause = self._pause()
            await nap(self._clock, self._contacts.newcomers, pause, longest=pause)

    async def _sweep(self) -> None:
        now = self._clock.monotonic()
        self._later = {key: again for key, again in self._later.items() if again > now}
        while True:
            users = await self._store.users.without_profile(
                BATCH + len(self._later), self._leases.tenants
            )
            todo = [user for user in users if (user.tenant_id, user.id) not in self._later]
            if not todo:
                return
            await asyncio.gather(*(self._complete(user) for user in todo))

    async def _complete(self, user: User) -> None:
        completed = await self._contacts.complete(user, urgent=False)
        if not isinstance(completed, User):
            _log.info("profile of user %s not read: %s", user.id, completed)
            later = self._clock.monotonic() + PAUSE_AFTER_FAILURE
            self._later[user.tenant_id, user.id] = later

    def _pause(self) -> float:
        """Returns the seconds until the next sweep."""
        if self._leases.tenants is not None:
            return PAUSE_AMONG_OTHERS
        if not self._later:
            return PAUSE_AFTER_FAILURE
        return max(1.0, min(self._later.values()) - self._clock.monotonic())
