"""Reminders of surveys: an admin sends one, or it goes out by itself some days before the end.

A reminder is a campaign of its own, for those who have not answered when it starts. Its id is made
of the id of the survey's campaign and a number, so that two people who ask at once, or a crash in
the middle, make one reminder.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Final

import msgspec

from campaigns.audience import UnansweredAudience
from campaigns.campaign import Campaign, Status
from campaigns.content import NOTIFICATION_LIMIT, Content
from campaigns.drafting import NAME_LIMIT
from campaigns.errors import NotPossible
from campaigns.refusals.surveys import SurveyRefusal, TooManyReminders
from campaigns.surveys import state
from delivery.changes import change
from delivery.clock import Clock
from delivery.starting.followers import as_it_stands_now
from delivery.starting.start import StartCampaign
from delivery.supervision import Crew, WorkKind
from delivery.waiting import Waiting, nap
from storage.base import Store
from storage.errors import Conflict

_log = logging.getLogger(__name__)

EVERY: Final = 600.0
"""Seconds between two checks. Reminders are due by the day, so minutes don't matter."""

_STARTED = tuple(status for status in Status if status.has_started)


class Reminders:
    """Makes reminders, and sends them.

    :param crew: sends each reminder on its own, so that none of them holds up the others.
    :param may_act: returns True when this process is the one that acts for a tenant just now.
    :param paused: True when none may go out by itself: those that are due are left out for good.
    """

    def __init__(
        self,
        store: Store,
        start: StartCampaign,
        clock: Clock,
        crew: Crew,
        *,
        may_act: Callable[[str], bool] = lambda _: True,
        paused: bool = False,
    ) -> None:
        self._store = store
        self._start = start
        self._clock = clock
        self._crew = crew
        self._may_act = may_act
        self._paused = paused
        self._wake = asyncio.Event()

    def wake(self) -> None:
        """Has it look again, because the clock was set."""
        self._wake.set()

    async def run(self) -> None:
        """Sends reminders that are due by themselves until it is cancelled."""
        waiting = Waiting(_log, self._clock, "reminders")
        while True:
            self._wake.clear()
            await waiting.until(self.remind_due, "reminders wait for the store", even_damaged=True)
            await nap(self._clock, self._wake, EVERY, longest=EVERY)

    async def remind(
        self, campaign: Campaign, number: int, *, sender_id: str = "", by_itself: bool = False
    ) -> Campaign:
        """Sends the reminder of this number once, however often this is called.

        Raises NotPossible when the survey is over or has been reminded of often enough.
        """
        now = self._clock.now()
        require_remindable(campaign, now)
        current = msgspec.structs.replace(campaign, content=await self._content(campaign))
        reminder = _reminder(current, number, now, sender_id)
        try:
            reminder = await self._store.campaigns.add(reminder)
        except Conflict:
            known = await self._store.campaigns.get(reminder.key)
            if known is None:
                raise
            reminder = known
        if reminder.status is Status.DRAFT:
            try:
                reminder = await self._start(reminder, sender_id=sender_id)
            except (Conflict, NotPossible):
                _log.info("reminder %s was started by another press", reminder.id)
        await change(
            self._store.campaigns,
            campaign.key,
            lambda present: _reminded(present, reminder.id, by_itself=by_itself),
        )
        return reminder

    async def remind_due(self) -> int:
        """Sends reminders that are due by themselves; returns how many are due."""
        now = self._clock.now()
        due = [
            campaign
            for campaign in await self._store.campaigns.in_status(_STARTED)
            if self._may_act(campaign.tenant_id) and is_due(campaign, now)
        ]
        for campaign in due:
            await self._crew.attempt(
                WorkKind.REMINDERS,
                f"reminder of campaign {campaign.id} of {campaign.tenant_id}",
                partial(self._remind_by_itself, campaign),
            )
        return len(due)

    async def _remind_by_itself(self, campaign: Campaign) -> None:
        """Sends the reminder that is due; waits for the store if it has to. Raises Damaged."""
        number = len(campaign.survey_state.reminders) + 1

        async def send() -> None:
            if not self._may_act(campaign.tenant_id):
                return
            if self._paused:
                await self._leave_out(campaign)
                return
            try:
                await self.remind(campaign, number, by_itself=True)
            except (Conflict, NotPossible) as error:
                # Somebody closed it, reminded of it or changed it at this moment.
                _log.info("campaign %s is not reminded of now: %s", campaign.id, error)
            else:
                _log.info("campaign %s: its survey was reminded of by itself", campaign.id)

        waiting = Waiting(_log, self._clock, f"reminder of campaign {campaign.id}")
        await waiting.until(send, f"reminder of campaign {campaign.id} waits for the store")

    async def _leave_out(self, campaign: Campaign) -> None:
        _log.warning(
            "campaign %s: its survey is not reminded of, because START_PAUSED is on", campaign.id
        )
        await change(
            self._store.campaigns,
            campaign.key,
            lambda present: msgspec.structs.replace(
                present, survey_state=state.without_automatic_reminder(present.survey_state)
            ),
        )

    async def _content(self, campaign: Campaign) -> Content:
        """Returns the content that people have in their chats, corrections included."""
        return (await as_it_stands_now(self._store, campaign)).content


def require_remindable(campaign: Campaign, now: datetime) -> None:
    """Raises NotPossible when nobody is to be reminded any more."""
    survey = campaign.survey
    if survey is None or campaign.original_key is not None or not campaign.status.has_started:
        raise NotPossible(SurveyRefusal.NOT_SENT)
    if not state.is_open(survey, campaign.survey_state, now):
        raise NotPossible(SurveyRefusal.OVER)
    if len(campaign.survey_state.reminders) >= state.REMINDERS:
        raise NotPossible(TooManyReminders(state.REMINDERS))


def is_due(campaign: Campaign, now: datetime) -> bool:
    """Returns True when the reminder that goes out by itself is due."""
    survey, survey_state = campaign.survey, campaign.survey_state
    if survey is None or survey.closes_at is None or not survey.remind_before:
        return False
    if campaign.original_key is not None:
        return False
    if survey_state.reminded or survey_state.reopened or survey_state.closed:
        return False
    if len(survey_state.reminders) >= state.REMINDERS or campaign.run.started_at is None:
        return False
    due = survey.closes_at - timedelta(days=survey.remind_before)
    # People who got the survey after that day have been asked just now.
    return campaign.run.started_at < due <= now < survey.closes_at


def reminder_id(campaign: Campaign, number: int) -> str:
    """Returns the id of a campaign's reminder of this number."""
    return f"{campaign.id[:48]}-reminder-{number}"


def _reminder(campaign: Campaign, number: int, now: datetime, sender_id: str) -> Campaign:
    assert campaign.survey is not None
    # The campaign's name is for admins only; the survey's is its title.
    subject = campaign.content.notification or campaign.survey.name
    return Campaign(
        tenant_id=campaign.tenant_id,
        id=reminder_id(campaign, number),
        name=f"Reminder {number}: {campaign.name}"[:NAME_LIMIT],
        format=campaign.format,
        author_id=sender_id or campaign.author_id,
        created_at=now,
        updated_at=now,
        content=msgspec.structs.replace(
            campaign.content, notification=f"Reminder: {subject}"[:NOTIFICATION_LIMIT]
        ),
        audience=UnansweredAudience(campaign.id),
        in_doubt=campaign.in_doubt,
    )


def _reminded(campaign: Campaign, reminder: str, *, by_itself: bool) -> Campaign:
    survey_state = state.with_reminder(campaign.survey_state, reminder, by_itself=by_itself)
    followers = campaign.follow_up.followers
    if reminder not in followers:
        followers = (*followers, reminder)
    return msgspec.structs.replace(
        campaign,
        survey_state=survey_state,
        follow_up=msgspec.structs.replace(campaign.follow_up, followers=followers),
    )
