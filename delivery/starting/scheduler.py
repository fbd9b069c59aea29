"""Starts campaigns at their time, and makes the next occurrence of those that repeat.

The store tells which campaigns are due; a timer is only a hint when to look. So the scheduler makes
up for a missed start as soon as possible, when nothing ran or the store could not be reached. It
finds a campaign that another process has scheduled at its next look. A campaign's revision makes
sure that it starts only once, whichever process tries.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable
from datetime import datetime
from functools import partial

from campaigns import scheduling
from campaigns.campaign import Campaign, Missed, Status
from campaigns.errors import NotPossible
from delivery.changes import change
from delivery.clock import Clock
from delivery.starting.obstacles import obstacle
from delivery.starting.start import StartCampaign
from delivery.starting.surveys import with_present_survey
from delivery.supervision import Crew, WorkKind
from delivery.waiting import Waiting, nap
from storage.base import Store
from storage.errors import Conflict

_log = logging.getLogger(__name__)

LOOK = 2.0
"""Most seconds between two looks when other processes may schedule campaigns, too.

A start has to happen within 5 seconds of its time.
"""

LOOK_ALONE = 300.0
"""The same when no other process can. A look is then needed only if the machine's clock is set."""

AT_ONCE = 100
"""How many campaigns are read at a time."""

WORTH_TELLING = 60.0
"""Least seconds of delay that the log warns of."""


class Scheduler:
    """Starts the scheduled campaigns of the tenants that it may act for.

    :param others: True when other processes may work with the same store.
    :param may_act: returns True when this process is the one that acts for a tenant just now.
    :param crew: starts each campaign on its own, so that none of them holds up the others.
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
        missed: Callable[[Campaign], None],
        fits: Callable[[Campaign], bool] = lambda _: True,
        paused: bool = False,
    ) -> None:
        self._store = store
        self._clock = clock
        self._start = start
        self._crew = crew
        self._look = LOOK if others else LOOK_ALONE
        self._may_act = may_act
        self._missed = missed
        self._fits = fits
        self._paused = paused
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
        now = self._clock.now()
        for campaign in await self._store.campaigns.starting(now, limit=AT_ONCE):
            if self._may_act(campaign.tenant_id) and scheduling.is_due(campaign, now):
                await self._crew.attempt(
                    WorkKind.SCHEDULER,
                    f"start of campaign {campaign.id} of {campaign.tenant_id}",
                    partial(self._start_one, campaign),
                )

    async def continue_series(self, campaign: Campaign) -> None:
        """Schedules the next occurrence, if there is one; repeating it does no harm."""
        following = scheduling.next_occurrence(campaign, self._clock.now())
        if following is not None:
            # It was made before, or at this moment by another process.
            with contextlib.suppress(Conflict):
                await self._store.campaigns.add(following)

    async def _round(self) -> datetime | None:
        """Starts due campaigns; returns the moment of the next start, None when there is none."""
        self._wake.clear()
        # Others may become due while these are started.
        began = self._clock.now()
        await self.start_due()
        return await self._store.campaigns.next_start(began)

    async def _start_one(self, campaign: Campaign) -> None:
        """Starts a due campaign; waits for the store if it has to. Raises Damaged."""

        async def begin() -> None:
            if not self._may_act(campaign.tenant_id):
                return
            try:
                await self._begin(campaign)
            except (Conflict, NotPossible) as error:
                # Sent, unscheduled or deleted by somebody at this moment.
                _log.info("campaign %s is not started: %s", campaign.id, error)

        waiting = Waiting(_log, self._clock, f"start of campaign {campaign.id}")
        await waiting.until(begin, f"start of campaign {campaign.id} waits for the store")

    async def _begin(self, campaign: Campaign) -> None:
        schedule = campaign.schedule
        assert schedule is not None
        now = self._clock.now()
        # This comes first, so that a series goes on even when this occurrence does not start.
        await self.continue_series(campaign)
        if self._paused:
            await self._put_back(campaign, Missed.STARTED_PAUSED)
            return
        # People get the survey that the author's card has shown until now.
        campaign = await with_present_survey(self._store, campaign)
        reason = await obstacle(self._store, campaign, now, self._fits)
        if reason is not None:
            await self._put_back(campaign, reason.missed)
            return
        await self._start(campaign, sender_id=schedule.scheduled_by, scheduled=True)
        late = (now - schedule.at).total_seconds()
        if late > WORTH_TELLING:
            _log.warning("campaign %s starts %.0f s late", campaign.id, late)
        else:
            _log.info("campaign %s starts as scheduled", campaign.id)

    async def _put_back(self, campaign: Campaign, why: Missed) -> None:
        _log.warning("campaign %s does not start: %s", campaign.id, why.value)

        def put_back(present: Campaign) -> Campaign:
            if present.status is Status.DRAFT and present.draft.missed is why:
                # Put back already by an earlier try, whose answer was lost.
                return present
            return scheduling.unschedule(present, self._clock.now(), why)

        draft = await change(self._store.campaigns, campaign.key, put_back)
        # With everything paused, nothing leaves by itself, and no notice either.
        if draft is not None and not self._paused:
            self._missed(draft)

    async def _rest(self, until: datetime | None) -> None:
        """Waits until the next campaign is due, something changes, or it is time for a look."""
        seconds = self._look
        if until is not None:
            seconds = min(seconds, (until - self._clock.now()).total_seconds())
        await nap(self._clock, self._wake, seconds)
