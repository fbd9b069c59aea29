"""Keeps the card that shows how sending goes up to date, without anyone pressing a button."""

from __future__ import annotations

import asyncio
import logging
from functools import partial
from typing import Protocol

from campaigns.campaign import Campaign, CampaignKey, CardPlace
from campaigns.feedback.events import Engagement
from campaigns.feedback.insight import Insight
from campaigns.lifecycle import without_card
from campaigns.message import Message
from campaigns.outcome import Sent, Throttled, Transient, Unknown
from campaigns.report import Counts
from campaigns.user import User
from delivery.changes import change
from delivery.clock import Clock
from delivery.feedback.insights import insight
from delivery.leases import TenantLeases
from delivery.messenger import Messenger
from delivery.pacing.pacer import Pacer
from delivery.waiting import Waiting
from storage.base import Store
from storage.errors import Damaged

_log = logging.getLogger(__name__)

FAST = 1.5
SLOW = 5.0
SLOWEST = 60.0
"""Seconds between two updates: in the first half minute, after it, and after an hour, when it is a
matter of days.

Teams allows 60 calls in 30 s and 1,800 in an hour to one conversation (rate-limit docs), and the
reader's own presses count too.
"""

FAST_FOR = 30.0
SLOW_FOR = 3_600.0


class CampaignViews(Protocol):
    """How the progress card looks; the dialogs' business."""

    def progress(self, campaign: Campaign, insight: Insight, reader: User) -> Message:
        """The report as it is now."""
        ...

    def faulted(self, campaign: Campaign, insight: Insight, reader: User) -> Message:
        """For the author of a campaign that was paused by itself: what happened, what to do."""
        ...

    def missed(self, campaign: Campaign, reader: User) -> Message:
        """For who scheduled a campaign that did not start: why, and the way to the draft."""
        ...


class Progress:
    """The progress cards of all campaigns that are being sent."""

    def __init__(
        self,
        store: Store,
        messenger: Messenger,
        pacer: Pacer,
        clock: Clock,
        views: CampaignViews,
        leases: TenantLeases,
    ) -> None:
        self._store = store
        self._messenger = messenger
        self._pacer = pacer
        self._clock = clock
        self._views = views
        self._leases = leases
        self._tasks: dict[CampaignKey, asyncio.Task[None]] = {}
        self._places: dict[CampaignKey, CardPlace] = {}

    def follow(self, key: CampaignKey, place: CardPlace) -> None:
        """Updates this campaign's card, which stands at ``place``, until the campaign has ended.

        Whoever has the tenant's lease does.
        """
        if not self._leases.holds(key.tenant_id):
            return
        self._places[key] = place
        if key not in self._tasks:
            task = asyncio.create_task(self._run(key), name=f"progress of {key.campaign_id}")
            self._tasks[key] = task
            task.add_done_callback(lambda done: self._ended(key, done))

    async def close(self) -> None:
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _run(self, key: CampaignKey) -> None:
        shown: tuple[int, Counts, Engagement] | None = None
        waited = 0.0
        waiting = Waiting(_log, self._clock, f"progress of {key.campaign_id}")
        while True:
            # The wait comes first: the card stands only when the press on Send has been answered.
            pause = FAST if waited < FAST_FOR else SLOW if waited < SLOW_FOR else SLOWEST
            await self._clock.sleep(pause)
            waited += pause
            if not self._leases.holds(key.tenant_id):
                return
            with waiting.tolerate(f"progress of {key.campaign_id} waits for the store"):
                try:
                    campaign = await self._store.campaigns.get(key)
                    if campaign is None or campaign.run.progress is None:
                        return
                    self._places[key] = campaign.run.progress
                    known = await insight(self._store, campaign, self._clock.now())
                    now = (campaign.revision, known.counts, known.engagement)
                    if now != shown and await self._show(campaign, known):
                        shown = now
                    moved = self._places[key] != campaign.run.progress
                    if campaign.run.ended_at is not None and shown == now and not moved:
                        # What is over needs no card kept up to date, also not after the next start.
                        await change(
                            self._store.campaigns,
                            key,
                            partial(without_card, place=campaign.run.progress),
                        )
                        return
                except Damaged as error:
                    _log.warning("progress of %s is shown no more: %s", key.campaign_id, error)
                    return

    async def _show(self, campaign: Campaign, known: Insight) -> bool:
        """Whether showing the same once more is of no use."""
        place = campaign.run.progress
        assert place is not None
        reader = await self._store.users.get(campaign.tenant_id, place.user_id)
        if reader is None or not reader.reachable:
            return True
        message = self._views.progress(campaign, known, reader)
        await self._pacer.depart(campaign.tenant_id, urgent=True)
        outcome = await self._messenger.update(reader.reference, place.activity_id, message)
        if isinstance(outcome, Sent):
            return True
        _log.info("progress card of campaign %s not updated: %s", campaign.id, outcome)
        return not isinstance(outcome, (Throttled, Transient, Unknown))

    def _ended(self, key: CampaignKey, task: asyncio.Task[None]) -> None:
        self._tasks.pop(key, None)
        self._places.pop(key, None)
        if not task.cancelled() and (error := task.exception()):
            _log.error("progress of campaign %s ended", key.campaign_id, exc_info=error)
