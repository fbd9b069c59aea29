"""Notices to the people behind a campaign that was paused, or not started, by itself."""

from __future__ import annotations

import logging

from campaigns.campaign import Campaign, CampaignKey, Fault, Status
from campaigns.outcome import Reason, Rejected, Sent, Throttled, Transient, Unknown
from delivery.clock import Clock
from delivery.feedback.insights import insight
from delivery.messenger import Messenger
from delivery.pacing.departure import Departure
from delivery.pacing.pacer import Pacer
from delivery.sending.progress import CampaignViews
from storage.base import Store
from storage.errors import Damaged, StoreError

_log = logging.getLogger(__name__)

FIRST_PAUSE = 15.0
LONGEST_PAUSE = 600.0
"""Seconds until a notice that failed is sent again: at first, and at most.

The pause is doubled each time, because a notice whose answer was lost arrives twice.
"""


class Notices:
    """Sends notices to the people behind campaigns."""

    def __init__(
        self, store: Store, messenger: Messenger, pacer: Pacer, clock: Clock, views: CampaignViews
    ) -> None:
        self._store = store
        self._messenger = messenger
        self._pacer = pacer
        self._clock = clock
        self._views = views

    async def tell(self, key: CampaignKey, fault: Fault) -> None:
        """Tells a campaign's sender of the fault that has paused it, and what to do.

        Tries until the sender knows, can't be told, or need not be told any more. The fault that
        paused the campaign may keep the notice from leaving, too.
        """
        wait = FIRST_PAUSE
        while not await self._told(key, fault):
            await self._clock.sleep(wait)
            wait = min(2 * wait, LONGEST_PAUSE)

    async def missed(self, campaign: Campaign) -> None:
        """Tells the person who scheduled a campaign that it did not start.

        Tries only once, because the draft shows it, too.
        """
        scheduled_by = campaign.schedule.scheduled_by if campaign.schedule is not None else ""
        user = await self._store.users.get(campaign.tenant_id, scheduled_by or campaign.author_id)
        if user is None or not user.reachable:
            return
        departure = Departure(self._pacer, campaign.tenant_id, urgent=True)
        notice = self._views.missed(campaign, user)
        outcome = await self._messenger.send(user.reference, notice, departure)
        if not isinstance(outcome, Sent):
            _log.warning("who scheduled %s is not told: %s", campaign.id, outcome)

    async def _told(self, key: CampaignKey, fault: Fault) -> bool:
        """Tries to tell the sender; returns False when it has to be tried again."""
        try:
            campaign = await self._store.campaigns.get(key)
            if (
                campaign is None
                or campaign.status is not Status.PAUSED
                or campaign.run.fault != fault
            ):
                return True
            return await self._send(campaign)
        except Damaged as error:
            _log.error("the sender of %s can't be told: %s", key.campaign_id, error)
            return True
        except StoreError as error:
            _log.warning("a notice of %s waits for the store: %s", key.campaign_id, error)
            return False

    async def _send(self, campaign: Campaign) -> bool:
        sender = await self._store.users.get(campaign.tenant_id, campaign.run.sender_id)
        if sender is None or not sender.reachable:
            return True
        known = await insight(self._store, campaign, self._clock.now())
        notice = self._views.faulted(campaign, known, sender)
        departure = Departure(self._pacer, campaign.tenant_id, urgent=True)
        outcome = await self._messenger.send(sender.reference, notice, departure)
        match outcome:
            case Sent():
                return True
            case Rejected(Reason.UNAUTHORISED) | Throttled() | Transient() | Unknown():
                pass
            case _:
                _log.warning("the sender of %s can't be told: %s", campaign.id, outcome)
                return True
        _log.warning("the sender of %s is not told yet: %s", campaign.id, outcome)
        return False
