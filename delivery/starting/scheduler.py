"""Starts campaigns at their time, and makes the next occurrence of those that repeat.

The store tells which campaigns are due; a timer is only a hint when to look. So the scheduler makes
up for a missed start as soon as possible, when nothing ran or the store could not be reached. It
finds a campaign that another process has scheduled at its next look. A campaign's revision makes
sure that it starts only once, whichever process tries.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection
from datetime import datetime
from functools import partial

from campaigns import scheduling
from campaigns.campaign import Campaign, CampaignKey, Missed, Status
from campaigns.errors import NotPossible
from delivery.changes import change
from delivery.clock import Clock
from delivery.starting.obstacles import obstacle
from delivery.starting.series import add_next
from delivery.starting.start import StartCampaign
from delivery.starting.surveys import with_present_survey
from delivery.supervision import Crew, WorkKind
from delivery.waiting import LONGEST_NAP, Waiting, nap
from storage.base import Store
from storage.errors import Conflict

_log = logging.getLogger(__name__)

LOOK = 2.0
"""Most seconds between two looks when other processes may schedule campaigns, too.

A start has to happen within 5 seconds of its time.
"""

AT_ONCE = 100
"""How many campaigns are read at a time, and started side by side."""

WORTH_TELLING = 60.0
"""Least seconds of delay that the log warns of."""


class Scheduler:
    """Starts the scheduled campaigns of the tenants that it may act for.

    :param crew: starts each campaign on its own, so that none of them holds up the others.
    :param others: True when other processes may work with the same store.
    :param may_act: returns True when this process is the one that acts for a tenant just now.
    :param tenants: returns the tenants for which it is that one; None: all.
    :param missed: called with a campaign that could not start, and is a draft again.
    :param fits: returns True when a campaign's message is of a size that Teams takes.
    :param paused: True when nothing may start by itself: what is due becomes a draft.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        start: StartCampaign,
        crew: Crew,
        *,
        others: bool = False,
        may_act: Callable[[str], bool] = lambda _: True,
        tenants: Callable[[], Collection[str] | None] = lambda: None,
        missed: Callable[[Campaign], None],
        fits: Callable[[Campaign], bool] = lambda _: True,
        paused: bool = False,
    ) -> None:
        self._store = store
        self._clock = clock
        self._start = start
        self._crew = crew
        self._look = LOOK if others else LONGEST_NAP
        self._may_act = may_act
        self._tenants = tenants
        self._missed = missed
        self._fits = fits
        self._paused = paused
        self._put_back_for: dict[CampaignKey, Missed] = {}
        """Campaigns that are being made drafts again. A save may have its effect, and its answer be
        lost; then the campaign is not due any more, and its people have yet to be told."""
        self._wake = asyncio.Event()
        self._waiting = Waiting(_log, clock, "scheduled campaigns")

    def wake(self) -> None:
        """Has the scheduler look again, because something was scheduled or unscheduled."""
        self._wake.set()

    async def run(self) -> None:
        """Starts campaigns that are due until it is cancelled."""
        while True:
            upcoming = await self._waiting.until(
                self._round, "scheduled campaigns wait for the store", even_damaged=True
            )
            await self._rest(upcoming)

    async def start_due(self) -> None:
        """Starts our campaigns that are due now."""
        await self._start_due(self._clock.now())

    async def redate(self) -> None:
        """Brings forward what a clock that was ahead has scheduled too late; looks again.

        Raises StoreError when the store can't serve.
        """
        for campaign in await self._store.campaigns.in_status((Status.SCHEDULED,)):
            earlier = scheduling.redated(campaign, self._clock.now())
            if earlier is None or not self._may_act(campaign.tenant_id):
                continue
            try:
                await self._store.campaigns.save(earlier)
            except Conflict:
                continue
            _log.warning("campaign %s had been scheduled by a wrong clock", campaign.id)
        self.wake()

    async def _round(self) -> datetime | None:
        """Starts due campaigns; returns the moment of the next start, None when there is none."""
        self._wake.clear()
        now = self._clock.now()
        for key in list(self._put_back_for):
            await self._finish_putting_back(key)
        await self._start_due(now)
        # The same moment, so that no campaign is between the two.
        return await self._store.campaigns.next_start(now)

    async def _start_due(self, now: datetime) -> None:
        last: Campaign | None = None
        while due := await self._store.campaigns.starting(
            now, limit=AT_ONCE, tenant_ids=self._tenants(), after=last
        ):
            last = due[-1]
            # Side by side: those that take long don't add up.
            await asyncio.gather(*(self._attempt(campaign) for campaign in due))

    async def _attempt(self, campaign: Campaign) -> None:
        await self._crew.attempt(
            WorkKind.SCHEDULER,
            f"start of campaign {campaign.id} of {campaign.tenant_id}",
            partial(self._start_one, campaign),
        )

    async def _start_one(self, found: Campaign) -> None:
        """Starts a due campaign; waits for the store if it has to. Raises Damaged."""

        async def begin() -> None:
            # Read anew at each try: somebody may have unscheduled, sent or deleted it since.
            now = self._clock.now()
            campaign = await self._store.campaigns.get(found.key)
            if (
                campaign is None
                or not scheduling.is_due(campaign, now)
                or not self._may_act(campaign.tenant_id)
            ):
                await self._finish_putting_back(found.key)
                return
            try:
                await self._begin(campaign, now)
            except (Conflict, NotPossible) as error:
                _log.info("campaign %s is not started: %s", campaign.id, error)

        waiting = Waiting(_log, self._clock, f"start of campaign {found.id}")
        await waiting.until(begin, f"start of campaign {found.id} waits for the store")

    async def _begin(self, campaign: Campaign, now: datetime) -> None:
        schedule = campaign.schedule
        assert schedule is not None
        if self._paused:
            await self._put_back(campaign, Missed.STARTED_PAUSED, now)
            return
        # People get the survey that the author's card has shown until now.
        campaign = await with_present_survey(self._store, campaign)
        reason = await obstacle(self._store, campaign, now, self._fits)
        if reason is not None:
            await self._put_back(campaign, reason.missed, now)
            return
        # Its series goes on when that is saved: then nobody can take it off any more.
        await self._start(campaign, sender_id=schedule.scheduled_by, scheduled=True)
        late = (now - schedule.at).total_seconds()
        if late > WORTH_TELLING:
            _log.warning("campaign %s starts %.0f s late", campaign.id, late)
        else:
            _log.info("campaign %s starts as scheduled", campaign.id)

    async def _put_back(self, campaign: Campaign, why: Missed, now: datetime) -> None:
        """Makes a draft of a campaign that can't start; its series goes on all the same.

        Raises NotPossible when somebody took it off, or sent it, at this moment.
        """
        _log.warning("campaign %s does not start: %s", campaign.id, why.value)
        # This comes first: a draft does not know any more that it belonged to a series.
        following = await add_next(self._store, campaign, now)

        def put_back(present: Campaign) -> Campaign:
            if present.status is Status.DRAFT and present.draft.missed is why:
                # Put back already by an earlier try, whose answer was lost.
                return present
            return scheduling.unschedule(present, now, why)

        self._put_back_for[campaign.key] = why
        try:
            draft = await change(self._store.campaigns, campaign.key, put_back)
        except NotPossible:
            del self._put_back_for[campaign.key]
            await self._take_back(campaign, following)
            raise
        if draft is None:
            del self._put_back_for[campaign.key]
            await self._take_back(campaign, following)
        else:
            self._tell_missed(draft)

    async def _finish_putting_back(self, key: CampaignKey) -> None:
        """Tells of a campaign that an earlier try has made a draft without knowing it."""
        why = self._put_back_for.get(key)
        campaign = None if why is None else await self._store.campaigns.get(key)
        if (
            campaign is not None
            and campaign.status is Status.DRAFT
            and campaign.draft.missed is why
        ):
            self._tell_missed(campaign)
        else:
            # It is scheduled as before, or somebody has decided otherwise.
            self._put_back_for.pop(key, None)

    def _tell_missed(self, draft: Campaign) -> None:
        self._put_back_for.pop(draft.key, None)
        if not self._paused:
            # With everything paused, nothing leaves by itself, and no notice either.
            self._missed(draft)

    async def _take_back(self, campaign: Campaign, following: Campaign | None) -> None:
        """Deletes the next occurrence again, unless the campaign was sent: its series goes on."""
        present = await self._store.campaigns.get(campaign.key)
        if following is not None and (present is None or not present.status.has_started):
            await self._store.campaigns.delete(following.key)

    async def _rest(self, until: datetime | None) -> None:
        """Waits until the next campaign is due, something changes, or it is time for a look."""
        seconds = self._look
        if until is not None:
            seconds = min(seconds, (until - self._clock.now()).total_seconds())
        await nap(self._clock, self._wake, seconds)
