"""Background work: it is kept alive, and its failures are logged."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any

_log = logging.getLogger(__name__)


class Background:
    """The background tasks of one owner."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()
        self._stopped = False

    def spawn(self, work: Coroutine[Any, Any, None], name: str) -> None:
        """Starts the work, unless :meth:`stop` was called before.

        :param name: its name in the log line when it fails.
        """
        if self._stopped:
            work.close()
            return
        task = asyncio.create_task(work, name=name)
        # Kept here, because the loop itself keeps no task alive.
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    async def stop(self) -> None:
        """Cancels all work and waits until it has ended; nothing is started any more."""
        self._stopped = True
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            _log.error("%s ended by a fault", task.get_name(), exc_info=error)
