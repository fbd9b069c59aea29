"""Records events, after the people who caused them have been answered."""

from __future__ import annotations

import asyncio
import logging
from collections import deque

from campaigns.campaign import CampaignKey
from campaigns.feedback.events import Event
from delivery.clock import Clock
from delivery.waiting import Waiting
from storage.base import Store
from storage.errors import Damaged

_log = logging.getLogger(__name__)

GATHER = 0.2
"""Seconds for which events gather, so that many cost one write.

When the process is killed, those that are not written are lost; an orderly end loses nothing.
"""

END_WITHIN = 2.0
"""Seconds that writing the last events may take at the end."""

MOST = 100_000
"""Most events that wait while the store is out of reach, some 30 MB; later ones are lost."""


class Recorder:
    """The events of this process on their way to the store."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._waiting: deque[tuple[CampaignKey, Event]] = deque()
        self._some = asyncio.Event()
        self._lost = 0
        self._held_up = Waiting(_log, clock, "events")
        self._task: asyncio.Task[None] | None = None
        self._ending = False

    def start(self) -> None:
        """Begins to write events. Call it in the running event loop."""
        self._task = asyncio.create_task(self._run(), name="events")
        self._task.add_done_callback(_ended)

    def note(self, key: CampaignKey, event: Event) -> None:
        """Takes an event without waiting; it is durable within about half a second."""
        if len(self._waiting) >= MOST:
            self._lost += 1
            if self._lost == 1:
                _log.error("%d events wait for the store; further ones are lost", MOST)
            return
        self._waiting.append((key, event))
        self._some.set()

    async def stop(self, within: float = END_WITHIN) -> None:
        """Writes all events that were taken; those left after ``within`` seconds are lost."""
        if self._task is None:
            return
        self._ending = True
        self._some.set()
        try:
            async with asyncio.timeout(within):
                await self._task
        except TimeoutError:
            _log.error("%d events are lost: the store can't be written", len(self._waiting))

    async def _run(self) -> None:
        while not (self._ending and not self._waiting):
            await self._some.wait()
            if not self._ending:
                await self._clock.sleep(GATHER)
            self._some.clear()
            if self._ending:
                self._some.set()
            await self._write_all()

    async def _write_all(self) -> None:
        taken = list(self._waiting)
        by_campaign: dict[CampaignKey, list[Event]] = {}
        for key, event in taken:
            by_campaign.setdefault(key, []).append(event)
        for key, events in by_campaign.items():
            await self._write(key, events)
        # Only now, so that events that are being written still count as waiting.
        for _ in taken:
            self._waiting.popleft()
        if taken and self._lost:
            _log.error("%d events were lost", self._lost)
            self._lost = 0

    async def _write(self, key: CampaignKey, events: list[Event]) -> None:
        try:
            kept = await self._held_up.until(
                lambda: self._store.events.append(key, events),
                f"{len(events)} events wait for the store",
            )
        except Damaged as error:
            _log.error("%d events of %s are lost: %s", len(events), key.campaign_id, error)
        else:
            # The others were known, were more of one kind than one person may have, or belong to a
            # campaign that was deleted meanwhile. Nobody was thanked for them.
            _log.debug("campaign %s: %d of %d events kept", key.campaign_id, kept, len(events))


def _ended(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and (error := task.exception()):
        _log.error("events are not written any more", exc_info=error)
