"""The steps that bring a started campaign to where its status says that it should be.

Each may be interrupted anywhere, and taken again.
"""

from __future__ import annotations

import logging

from campaigns import lifecycle
from campaigns.campaign import Campaign, Status
from campaigns.ledger import ledger
from campaigns.ledger.retry import STANDARD, decide, interrupted
from delivery.changes import change
from delivery.clock import Clock
from delivery.leases import TenantLeases
from delivery.starting.followers import is_recalled, waits_for_original
from delivery.starting.launch import freeze
from delivery.starting.series import go_on
from delivery.waiting import STORE_PAUSE
from storage.base import Store
from storage.errors import Conflict

_log = logging.getLogger(__name__)


class Steps:
    """The steps, for campaigns of tenants whose leases this process has."""

    def __init__(self, store: Store, clock: Clock, leases: TenantLeases) -> None:
        self._store = store
        self._clock = clock
        self._leases = leases

    async def freeze_audience(self, campaign: Campaign) -> bool:
        """Writes the deliveries of a campaign whose audience is not frozen yet.

        Returns False when the tenant's lease was lost meanwhile.
        """

        def may_go_on() -> bool:
            return self._leases.holds(campaign.tenant_id)

        count = await freeze(self._store, campaign, self._clock.now(), may_go_on)
        if count is None or not may_go_on():
            return False
        _log.info("campaign %s has %d recipients", campaign.id, count)
        now = self._clock.now()
        await change(
            self._store.campaigns,
            campaign.key,
            lambda present: lifecycle.frozen(present, count, now),
        )
        return True

    async def has_to_wait(self, campaign: Campaign) -> bool:
        """Returns True while the campaign can't go on, because another one has to end first."""
        return campaign.run.recipients is None and await waits_for_original(self._store, campaign)

    async def continue_series(self, campaign: Campaign) -> None:
        """Makes the next occurrence of the campaign's series, if that is still to be done."""
        await go_on(self._store, campaign, self._clock.now())

    async def redate(self, campaign: Campaign) -> None:
        """Makes deliveries due at once that wait for a time which a wrong clock has set."""
        schedule = campaign.schedule
        rules = None if schedule is not None and schedule.holds_back else STANDARD
        redated = await self._store.ledger.redate(campaign.key, self._clock.now(), rules)
        if redated:
            _log.warning(
                "campaign %s: %d deliveries waited for a time that a wrong clock had set",
                campaign.id,
                redated,
            )

    async def settle_abandoned(self, campaign: Campaign) -> None:
        """Settles deliveries that a former process had claimed; they may have been sent or not."""
        now = self._clock.now()
        rows = []
        owner = self._leases.owner
        for delivery in await self._store.ledger.abandoned(campaign.key, now, holder=owner):
            if delivery.claim is not None and delivery.claim.owner == owner:
                # In flight here, however long it takes.
                continue
            outcome = interrupted(campaign.follow_up.purpose)
            decision = decide(
                outcome,
                delivery,
                now=now,
                started_at=campaign.run.going_since or now,
                policy=campaign.in_doubt,
                dice=0.0,
            )
            rows.append(ledger.settled(delivery, outcome, decision, now))
        if rows:
            _log.warning("campaign %s: %d deliveries were interrupted", campaign.id, len(rows))
            await self._store.ledger.settle(campaign.key, rows)

    async def revive(self, campaign: Campaign) -> None:
        """Makes the deliveries in doubt of a reopened campaign due again.

        If a recall has started at the same moment, they stay in doubt.
        """
        if not await is_recalled(self._store, campaign):
            await self._store.ledger.resend_in_doubt(campaign.key)
        await change(self._store.campaigns, campaign.key, lifecycle.revived)

    async def end(self, campaign: Campaign) -> float | None:
        """Ends a campaign that has nothing left to send; first cancels the rest of a stopped one.

        Call it when the campaign has nothing in flight here. Returns the seconds until it has to be
        reconciled again; None: it need not.
        """
        if campaign.run.ended_at is not None:
            return None
        stopped = campaign.status is Status.STOPPED
        if stopped:
            await self._store.ledger.cancel(campaign.key, self._clock.now())
        elif campaign.status is not Status.SENDING:
            return None
        if not (await self._store.ledger.counts(campaign.key)).open:
            now = self._clock.now()
            ended = (
                lifecycle.wound_up(campaign, now) if stopped else lifecycle.complete(campaign, now)
            )
            try:
                await self._store.campaigns.save(ended)
            except Conflict:
                # Somebody has paused, stopped or reopened it since its rows were counted.
                return 0.0
            return None
        if await self._store.ledger.next_due(campaign.key) is None:
            # An earlier process has claimed all open deliveries; its claims have to lapse first.
            return STORE_PAUSE
        return 0.0
