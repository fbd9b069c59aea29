"""Says in the log that something waits for the store, without filling the log meanwhile."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from delivery.clock import Clock
from storage.errors import StoreError

STORE_PAUSE = 1.0
"""Seconds between two tries while the store can't be read or written."""

AGAIN_AFTER = timedelta(minutes=1)
"""A disk may be full all night, and what waits for it tries every second."""


class Waiting:
    """One thing that may have to wait: told when it begins, once a minute, and when it is over.

    :param who: what waits, for the line that tells the end.
    """

    def __init__(self, log: logging.Logger, clock: Clock, who: str) -> None:
        self._log = log
        self._clock = clock
        self._who = who
        self._since: datetime | None = None
        self._told_at: datetime | None = None

    def still(self, said: str, error: StoreError) -> None:
        """A try has failed; ``said`` is what the log says of it."""
        now = self._clock.now()
        if self._since is None or self._told_at is None:
            self._since = now
        elif now - self._told_at < AGAIN_AFTER:
            return
        self._told_at = now
        self._log.warning("%s: %s", said, error)

    def over(self) -> None:
        """A try has succeeded."""
        if self._since is None:
            return
        lasted = (self._clock.now() - self._since).total_seconds()
        self._log.info("%s: the store serves again, after %.0f s", self._who, lasted)
        self._since = self._told_at = None
