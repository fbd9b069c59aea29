"""Notices to the people behind a campaign that was paused, taken up, or not started, by itself."""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta

from campaigns import probing
from campaigns.campaign import Campaign, CampaignKey, Status
from campaigns.message import Message
from campaigns.outcome import Outcome, Reason, Rejected, Sent, Throttled, Transient, Unknown
from campaigns.user import User
from delivery.changes import change
from delivery.clock import Clock
from delivery.feedback.insights import insight
from delivery.messenger import Messenger
from delivery.pacing.departure import Departure
from delivery.pacing.pacer import Pacer
from delivery.sending.progress import CampaignViews
from delivery.waiting import nap
from storage.base import Store
from storage.errors import Damaged, StoreError

_log = logging.getLogger(__name__)

FIRST_PAUSE = 15.0
LONGEST_PAUSE = 600.0
"""Seconds until a notice that failed is sent again: at first, and at most.

The pause is doubled each time, because a notice whose answer was lost arrives twice.
"""

CALL_LIMIT = 30.0
"""Most seconds for one try, with the wait for its turn: a call that hangs must not hang the notice.
"""

TOLD_FOR = timedelta(hours=24)
"""Time in which a sender is tried to be told. The card of the campaign shows it in any case."""

MISSED_TRIES = 8
"""Most tries to tell somebody that a campaign did not start; they take about half an hour.

The draft shows it, too, so it need not be tried for ever.
"""


class Notices:
    """Sends notices to the people behind campaigns.

    Everything here may be begun again at any time: what the sender knows stands in the campaign.
    """

    def __init__(
        self, store: Store, messenger: Messenger, pacer: Pacer, clock: Clock, views: CampaignViews
    ) -> None:
        self._store = store
        self._messenger = messenger
        self._pacer = pacer
        self._clock = clock
        self._views = views
        self._telling: dict[CampaignKey, asyncio.Event] = {}
        """The campaigns whose senders are being told; set when there is something newer."""

    async def tell(self, key: CampaignKey) -> None:
        """Tells a campaign's sender that a fault has paused it, or that it goes on by itself.

        Tries until the sender knows the newest, can't be told, or need not be told any more. The
        fault that paused the campaign may keep the notice from leaving, too. One call at a time
        does this for a campaign; further ones return at once.
        """
        if key in self._telling:
            return
        newer = self._telling[key] = asyncio.Event()
        try:
            wait = FIRST_PAUSE
            until = self._clock.now() + TOLD_FOR
            while not await self._told(key, last=self._clock.now() >= until):
                await nap(self._clock, newer, wait)
                wait = FIRST_PAUSE if newer.is_set() else min(2 * wait, LONGEST_PAUSE)
                newer.clear()
        finally:
            del self._telling[key]

    def hurry(self, key: CampaignKey) -> None:
        """Has a notice that waits for its next try be tried at once: there is something newer."""
        if key in self._telling:
            self._telling[key].set()

    async def missed(self, campaign: Campaign) -> None:
        """Tells the person who scheduled a campaign that it did not start.

        Tries for about half an hour; nobody is told of a draft that was scheduled or sent since.
        """
        wait = FIRST_PAUSE
        for left in range(MISSED_TRIES, 0, -1):
            if await self._told_missed(campaign.key, last=left == 1):
                return
            await self._clock.sleep(wait)
            wait = min(2 * wait, LONGEST_PAUSE)

    # --- a campaign that did not start

    async def _told_missed(self, key: CampaignKey, *, last: bool) -> bool:
        """Tries to tell it; returns False when it is to be tried again."""
        try:
            campaign = await self._store.campaigns.get(key)
            if (
                campaign is None
                or campaign.status is not Status.DRAFT
                or campaign.draft.missed is None
            ):
                return True
            schedule = campaign.schedule
            scheduled_by = schedule.scheduled_by if schedule is not None else ""
            user = await self._store.users.get(key.tenant_id, scheduled_by or campaign.author_id)
        except StoreError as error:
            _log.warning("who scheduled %s is not told yet: %s", key.campaign_id, error)
            return isinstance(error, Damaged)
        if user is None or not user.reachable:
            return True
        outcome = await self._call(user, self._views.missed(campaign, user))
        if isinstance(outcome, Sent):
            return True
        again = _may_be_repeated(outcome) and not last
        told = "not told yet" if again else "not told"
        _log.warning("who scheduled %s is %s: %s", key.campaign_id, told, outcome)
        return not again

    # --- a campaign that was paused, or goes on

    async def _told(self, key: CampaignKey, *, last: bool) -> bool:
        """Tries to tell the sender; returns False when it has to be tried again.

        :param last: True for the last try: then the sender counts as told.
        """
        try:
            campaign = await self._store.campaigns.get(key)
            if campaign is None or not probing.has_news(campaign):
                return True
            if not await self._send(campaign, last=last):
                return False
            await self._note(campaign)
            later = await self._store.campaigns.get(key)
        except Damaged as error:
            _log.error("the sender of %s can't be told: %s", key.campaign_id, error)
            return True
        except StoreError as error:
            _log.warning("a notice of %s waits for the store: %s", key.campaign_id, error)
            return False
        # Something newer may have come while this was on its way.
        return later is None or not probing.has_news(later)

    async def _send(self, campaign: Campaign, *, last: bool) -> bool:
        """Returns False when it has to be tried again."""
        sender = await self._store.users.get(campaign.tenant_id, campaign.run.sender_id)
        if sender is None or not sender.reachable:
            return True
        known = await insight(self._store, campaign, self._clock.now())
        pause = campaign.run.fault_pause
        if pause is not None and pause.ended_at is not None:
            notice = self._views.taken_up(campaign, known, sender)
        else:
            notice = self._views.faulted(campaign, known, sender)
        outcome = await self._call(sender, notice)
        if isinstance(outcome, Sent):
            return True
        if last or not _may_be_repeated(outcome):
            _log.warning("the sender of %s can't be told: %s", campaign.id, outcome)
            return True
        _log.warning("the sender of %s is not told yet: %s", campaign.id, outcome)
        return False

    async def _note(self, campaign: Campaign) -> None:
        """Writes down that the sender knows what this campaign says."""
        news = campaign.run.fault_pause
        now = self._clock.now()
        if news is not None:
            await change(
                self._store.campaigns,
                campaign.key,
                lambda present: probing.sender_told(present, news, now),
            )

    # --- both

    async def _call(self, user: User, notice: Message) -> Outcome:
        try:
            async with asyncio.timeout(CALL_LIMIT):
                departure = Departure(self._pacer, user.tenant_id, urgent=True)
                return await self._messenger.send(user.reference, notice, departure)
        except TimeoutError:
            return Unknown(Reason.NO_ANSWER)


def _may_be_repeated(outcome: Outcome) -> bool:
    """Returns True for a notice that may get through later."""
    if isinstance(outcome, Rejected):
        return outcome.reason is Reason.UNAUTHORISED
    return isinstance(outcome, (Throttled, Transient, Unknown))
