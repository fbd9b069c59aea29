"""Notices to the people behind a campaign that was paused, taken up, or not started, by itself."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import TypeVar

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
from delivery.waiting import Waiting, rest
from storage.base import Store

T = TypeVar("T")

_log = logging.getLogger(__name__)

FIRST_PAUSE = 15.0
LONGEST_PAUSE = 600.0
"""Seconds until a notice that failed is sent again: at first, and at most.

The pause is doubled each time, because a notice whose answer was lost arrives twice.
"""

CALL_LIMIT = 30.0
"""Most seconds for one try, with the wait for its turn: a call that hangs must not hang the notice.
"""

TOLD_FOR = 86_400.0
"""Seconds in which a sender is tried to be told. The card of the campaign shows it in any case."""

MISSED_TRIES = 8
"""Most tries to tell somebody that a campaign did not start; they take about half an hour.

The draft shows it, too, so it need not be tried for ever.
"""


class Notices:
    """Sends notices to the people behind campaigns.

    Everything here may be begun again at any time: what the sender knows stands in the campaign.
    All of it raises Damaged: waiting does not mend a record, and the supervisor shows it and tries
    again.
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
            until = self._clock.monotonic() + TOLD_FOR
            while not await self._told(key, last=self._clock.monotonic() >= until):
                await rest(self._clock, newer, wait)
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
        found = await self._reading(key, lambda: self._missed(key))
        if found is None:
            return True
        campaign, user = found
        outcome = await self._call(user, self._views.missed(campaign, user))
        if isinstance(outcome, Sent):
            return True
        again = _may_be_repeated(outcome) and not last
        told = "not told yet" if again else "not told"
        _log.warning("who scheduled %s is %s: %s", key.campaign_id, told, outcome)
        return not again

    async def _missed(self, key: CampaignKey) -> tuple[Campaign, User] | None:
        """Returns the draft and who is to be told; None: nobody."""
        campaign = await self._store.campaigns.get(key)
        if campaign is None or campaign.status is not Status.DRAFT or campaign.draft.missed is None:
            return None
        scheduled_by = campaign.schedule.scheduled_by if campaign.schedule is not None else ""
        user = await self._store.users.get(key.tenant_id, scheduled_by or campaign.author_id)
        return None if user is None or not user.reachable else (campaign, user)

    # --- a campaign that was paused, or goes on

    async def _told(self, key: CampaignKey, *, last: bool) -> bool:
        """Tries to tell the sender; returns False when it has to be tried again.

        :param last: True for the last try: then the sender counts as told.
        """
        campaign = await self._reading(key, lambda: self._with_news(key))
        if campaign is None:
            return True
        found = await self._reading(key, lambda: self._notice(campaign))
        if found is not None and not await self._sent(campaign, *found, last=last):
            return False
        await self._reading(key, lambda: self._note(campaign))
        # Something newer may have come while this was on its way.
        return await self._reading(key, lambda: self._with_news(key)) is None

    async def _with_news(self, key: CampaignKey) -> Campaign | None:
        """Returns the campaign, if there is something that its sender does not know."""
        campaign = await self._store.campaigns.get(key)
        return campaign if campaign is not None and probing.has_news(campaign) else None

    async def _notice(self, campaign: Campaign) -> tuple[User, Message] | None:
        """Returns the sender and what they are to be told; None: they can't be reached."""
        sender = await self._store.users.get(campaign.tenant_id, campaign.run.sender_id)
        if sender is None or not sender.reachable:
            return None
        known = await insight(self._store, campaign, self._clock.now())
        pause = campaign.run.fault_pause
        if pause is not None and pause.ended_at is not None:
            return sender, self._views.taken_up(campaign, known, sender)
        return sender, self._views.faulted(campaign, known, sender)

    async def _sent(self, campaign: Campaign, sender: User, notice: Message, *, last: bool) -> bool:
        """Sends the notice; returns False when it has to be tried again."""
        outcome = await self._call(sender, notice)
        if isinstance(outcome, Sent):
            return True
        again = _may_be_repeated(outcome) and not last
        told = "is not told yet" if again else "can't be told"
        _log.warning("the sender of %s %s: %s", campaign.id, told, outcome)
        return not again

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

    async def _reading(self, key: CampaignKey, work: Callable[[], Awaitable[T]]) -> T:
        """Does this with the store, as soon as it serves. Raises Damaged.

        It is apart from the calls to Teams: no notice is repeated because the store refuses.
        """
        waiting = Waiting(_log, self._clock, f"notice of {key.campaign_id}")
        return await waiting.until(work, f"a notice of {key.campaign_id} waits for the store")

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
