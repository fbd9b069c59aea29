"""Keeps progress cards up to date: they show how sending goes, without a press on a button."""

from __future__ import annotations

import logging
from functools import partial
from typing import Protocol

from campaigns.campaign import Campaign, CampaignKey, CardPlace
from campaigns.feedback.events import Engagement
from campaigns.feedback.insight import Insight
from campaigns.lifecycle import without_card
from campaigns.message import Message
from campaigns.outcome import OF_THIS_MESSAGE, Sent, Throttled, Transient, Unknown
from campaigns.report import Counts
from campaigns.user import User
from delivery.changes import change
from delivery.clock import Clock
from delivery.feedback.insights import insight
from delivery.leases import TenantLeases
from delivery.messenger import Messenger
from delivery.pacing.departure import Departure
from delivery.pacing.pacer import Pacer
from delivery.supervision import Crew, WorkKind
from delivery.waiting import Waiting
from storage.base import Store
from storage.errors import Damaged

_log = logging.getLogger(__name__)

FAST = 1.5
SLOW = 5.0
SLOWEST = 60.0
"""Seconds between two updates: in the first half minute, after it, and after an hour, when sending
is a matter of days.

Teams allows 60 calls in 30 s and 1,800 in an hour to one conversation (rate-limit docs), and the
reader's own presses count too.
"""

FAST_FOR = 30.0
SLOW_FOR = 3_600.0
"""Seconds since the first wait until which a card is updated at the pace of FAST, and of SLOW."""


class CampaignViews(Protocol):
    """Draws the cards that the engine sends to the people behind a campaign."""

    def progress(self, campaign: Campaign, insight: Insight, reader: User) -> Message:
        """Returns the report as it is now."""
        ...

    def faulted(self, campaign: Campaign, insight: Insight, reader: User) -> Message:
        """Returns the notice of a fault that paused the campaign: what happened, and what to do."""
        ...

    def taken_up(self, campaign: Campaign, insight: Insight, reader: User) -> Message:
        """Returns the notice of a campaign that goes on by itself: since when, and how it goes."""
        ...

    def missed(self, campaign: Campaign, reader: User) -> Message:
        """Returns the notice of a scheduled campaign that did not start: why, and its draft."""
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
        crew: Crew,
    ) -> None:
        self._store = store
        self._messenger = messenger
        self._pacer = pacer
        self._clock = clock
        self._views = views
        self._leases = leases
        self._crew = crew
        self._places: dict[CampaignKey, CardPlace] = {}

    def follow(self, key: CampaignKey, place: CardPlace) -> None:
        """Updates this campaign's card at ``place`` until the campaign has ended.

        Only the process that has the tenant's lease does so.
        """
        if not self._leases.holds(key.tenant_id):
            return
        known = key in self._places
        self._places[key] = place
        if not known:
            self._crew.carry_out(WorkKind.PROGRESS, _name(key), lambda: self._follow(key))

    async def close(self) -> None:
        """Stops updating all cards."""
        await self._crew.stop()

    async def _follow(self, key: CampaignKey) -> None:
        await self._run(key)
        del self._places[key]

    async def _run(self, key: CampaignKey) -> None:
        shown: tuple[int, Counts, Engagement] | None = None
        waited = 0.0
        waiting = Waiting(_log, self._clock, f"progress of {key.campaign_id}")
        while True:
            # The wait comes first: the card exists only after the press on Send has been answered.
            pause = FAST if waited < FAST_FOR else SLOW if waited < SLOW_FOR else SLOWEST
            await self._clock.sleep(pause)
            waited += pause
            if not self._leases.holds(key.tenant_id):
                return
            damage: Damaged | None = None
            with waiting.tolerate(f"progress of {key.campaign_id} waits for the store"):
                try:
                    campaign = await self._store.campaigns.get(key)
                    place = None if campaign is None else campaign.run.progress
                    if campaign is None or place is None:
                        return
                    self._places[key] = place
                    known = await insight(self._store, campaign, self._clock.now())
                    current = (campaign.revision, known.counts, known.engagement)
                    if current != shown and await self._show(campaign, place, known):
                        shown = current
                    moved = self._places[key] != place
                    if campaign.run.ended_at is not None and shown == current and not moved:
                        # The card is final: it needs no more updates, also after a restart.
                        await change(self._store.campaigns, key, partial(without_card, place=place))
                        return
                except Damaged as error:
                    damage = error
            if damage is not None:
                # Waiting mends no record. The supervisor tries again, later and later.
                raise damage

    async def _show(self, campaign: Campaign, place: CardPlace, known: Insight) -> bool:
        """Updates the card; returns True unless the same has to be shown again."""
        reader = await self._store.users.get(campaign.tenant_id, place.user_id)
        if reader is None or not reader.reachable:
            return True
        message = self._views.progress(campaign, known, reader)
        departure = Departure(self._pacer, campaign.tenant_id, urgent=True)
        outcome = await self._messenger.update(
            reader.reference, place.activity_id, message, departure
        )
        if isinstance(outcome, Sent):
            return True
        _log.info("progress card of campaign %s not updated: %s", campaign.id, outcome)
        if isinstance(outcome, Transient):
            # A card that is gone would be asked for for ever.
            return outcome.reason in OF_THIS_MESSAGE
        return not isinstance(outcome, (Throttled, Unknown))


def _name(key: CampaignKey) -> str:
    return f"progress of campaign {key.campaign_id} of {key.tenant_id}"
