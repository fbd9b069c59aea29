"""Records events, after the people who caused them have been answered."""

from __future__ import annotations

import asyncio
import logging
from functools import partial

from campaigns.campaign import CampaignKey
from campaigns.feedback.events import Event
from delivery.clock import Clock
from delivery.supervision import Crew, WorkKind
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
    """The events of this process on their way to the store.

    Each campaign's events are written on their own, so that one campaign that can't be written does
    not keep the others'.
    """

    def __init__(self, store: Store, clock: Clock, crew: Crew) -> None:
        self._store = store
        self._clock = clock
        self._crew = crew
        self._waiting: dict[CampaignKey, list[Event]] = {}
        self._count = 0
        """Number of events that wait."""
        self._some = asyncio.Event()
        self._lost = 0

    def start(self) -> None:
        """Begins to write events. Call it in the running event loop."""
        self._crew.keep(WorkKind.EVENTS, "events", self._run)

    def note(self, key: CampaignKey, event: Event) -> None:
        """Takes an event without waiting; it is durable within about half a second."""
        if self._count >= MOST:
            self._lost += 1
            if self._lost == 1:
                _log.error("%d events wait for the store; further ones are lost", MOST)
            return
        self._waiting.setdefault(key, []).append(event)
        self._count += 1
        self._some.set()

    async def stop(self, within: float = END_WITHIN) -> None:
        """Writes all events that were taken; those left after ``within`` seconds are lost."""
        try:
            async with asyncio.timeout(within):
                while self._waiting:
                    await self._write_all()
                    if self._waiting:
                        # Some are being written already, or are tried again in a moment.
                        await self._clock.sleep(GATHER)
        except TimeoutError:
            _log.error("%d events are lost: the store can't be written", self._count)
        await self._crew.stop()

    async def _run(self) -> None:
        while True:
            await self._some.wait()
            await self._clock.sleep(GATHER)
            self._some.clear()
            await self._write_all()

    async def _write_all(self) -> None:
        for key in list(self._waiting):
            await self._crew.attempt(
                WorkKind.EVENTS,
                f"events of campaign {key.campaign_id} of {key.tenant_id}",
                partial(self._write, key),
            )

    async def _write(self, key: CampaignKey) -> None:
        """Writes a campaign's events until there are none left."""
        while waiting := self._waiting.get(key):
            events = list(waiting)
            try:
                await self._append(key, events)
            except Damaged:
                await self._write_each_persons(key, events)
            self._written(key, len(events))

    async def _append(self, key: CampaignKey, events: list[Event]) -> None:
        """Appends events as soon as the store serves; raises Damaged."""
        held_up = Waiting(_log, self._clock, f"events of {key.campaign_id}")
        kept = await held_up.until(
            lambda: self._store.events.append(key, events),
            f"{len(events)} events of {key.campaign_id} wait for the store",
        )
        # The others were known, were more of one kind than one person may have, or belong to a
        # campaign that was deleted meanwhile. Nobody was thanked for them.
        _log.debug("campaign %s: %d of %d events kept", key.campaign_id, kept, len(events))

    async def _write_each_persons(self, key: CampaignKey, events: list[Event]) -> None:
        """Writes the events of each person alone: one person's damaged row costs no other's."""
        by_person: dict[str, list[Event]] = {}
        for event in events:
            by_person.setdefault(event.recipient_id, []).append(event)
        lost = 0
        damage: Damaged | None = None
        for own in by_person.values():
            try:
                await self._append(key, own)
            except Damaged as error:
                damage = damage or error
                lost += len(own)
        if damage is not None:
            _log.error("%d events of %s are lost: %s", lost, key.campaign_id, damage)

    def _written(self, key: CampaignKey, number: int) -> None:
        waiting = self._waiting[key]
        del waiting[:number]
        if not waiting:
            del self._waiting[key]
        self._count -= number
        if self._lost:
            _log.error("%d events were lost", self._lost)
            self._lost = 0
