"""Fetches the profiles that installation did not tell, at the allowed rate, ahead of their being
needed.
"""

from __future__ import annotations

import asyncio
import logging

from campaigns.user import User
from delivery.clock import Clock
from delivery.directory import Directory
from delivery.pacer import Pacer
from storage.base import Store
from storage.errors import StoreError

_log = logging.getLogger(__name__)

BATCH = 50
PAUSE_AFTER_FAILURE = 300.0
"""Seconds until a look-up that failed is tried again; whoever needs the profile sooner asks for it
then.
"""


class Profiles:
    """A background sweep over the users without a profile."""

    def __init__(self, store: Store, directory: Directory, pacer: Pacer, clock: Clock) -> None:
        self._store = store
        self._directory = directory
        self._pacer = pacer
        self._clock = clock
        self._wake = asyncio.Event()
        self._failed: set[tuple[str, str]] = set()

    def wake(self) -> None:
        """There may be someone new."""
        self._wake.set()

    async def run(self) -> None:
        """Sweeps until it is cancelled."""
        while True:
            self._wake.clear()
            try:
                await self._sweep()
            except StoreError as error:
                _log.warning("profiles wait for the store: %s", error)
            self._failed.clear()
            waits = [
                asyncio.ensure_future(self._wake.wait()),
                asyncio.ensure_future(self._clock.sleep(PAUSE_AFTER_FAILURE)),
            ]
            try:
                await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for wait in waits:
                    wait.cancel()

    async def _sweep(self) -> None:
        while True:
            found = await self._store.users.without_profile(BATCH + len(self._failed))
            todo = [user for user in found if (user.tenant_id, user.id) not in self._failed]
            if not todo:
                return
            for user in todo:
                await self._pacer.take(user.tenant_id, 1)
                completed = await self._directory.complete(user, paid=True)
                if not isinstance(completed, User):
                    _log.info("profile of user %s not read: %s", user.id, completed)
                    self._failed.add((user.tenant_id, user.id))
