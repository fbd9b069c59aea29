"""Brings every started campaign to where its status says that it should be.

Work may be interrupted by the end of the process, or by a store that can't be written. Then the
campaign is found by its status, and the work goes on from there. So everything here may be begun
again at any time. Only a campaign whose record is damaged is left alone: waiting does not mend it.

When several processes share a store, the one that has a tenant's lease does this for the tenant's
campaigns. It hears of changes that another process makes, such as a pause, or finds them at its
next review.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime

from campaigns import lifecycle
from campaigns.campaign import Campaign, CampaignKey, Fault, Status
from campaigns.errors import NotPossible
from campaigns.probing import has_news
from delivery.changes import change
from delivery.clock import Clock
from delivery.leases import TenantLeases
from delivery.messenger import Messenger
from delivery.pacing.pacer import Pacer
from delivery.people.contacts import Contacts
from delivery.sending.attempt import Attempts
from delivery.sending.dispatchers import Dispatchers
from delivery.sending.notices import Notices
from delivery.sending.presences import Looks
from delivery.sending.probes import Probes
from delivery.sending.progress import Progress
from delivery.sending.running import RunningCampaign
from delivery.sending.steps import Steps
from delivery.starting.followers import as_it_stands_now
from delivery.supervision import Supervisor, WorkKind
from delivery.waiting import Waiting
from storage.base import Store
from storage.errors import Damaged

_log = logging.getLogger(__name__)

ORIGINAL_PAUSE = 2.0
"""Seconds between two looks at an original whose correction or recall waits for its end."""

CampaignChange = Callable[[Campaign, datetime], Campaign]
"""A change of a campaign at a moment. It has to be pure, because it may be applied again."""


class Reconciler:
    """The started campaigns of this process, from their start to their end."""

    def __init__(
        self,
        *,
        store: Store,
        messenger: Messenger,
        contacts: Contacts,
        pacer: Pacer,
        clock: Clock,
        attempts: Attempts,
        progress: Progress,
        notices: Notices,
        leases: TenantLeases,
        looks: Looks,
        supervisor: Supervisor,
    ) -> None:
        self._store = store
        self._clock = clock
        self._progress = progress
        self._notices = notices
        self._leases = leases
        self._steps = Steps(store, clock, leases)
        self._dispatchers = Dispatchers(
            store=store,
            attempts=attempts,
            messenger=messenger,
            contacts=contacts,
            pacer=pacer,
            clock=clock,
            leases=leases,
            looks=looks,
            supervisor=supervisor,
            ended=self._sending_ended,
            faulted=self._sending_faulted,
        )
        self.probes = Probes(
            store=store,
            messenger=messenger,
            clock=clock,
            leases=leases,
            dispatchers=self._dispatchers,
            steps=self._steps,
            lock=self.lock,
            change_status=self.change_status,
        )
        """Takes up campaigns that faults have paused."""
        self._reconciled: dict[CampaignKey, int] = {}
        """The revision of each of our campaigns when it was reconciled last."""
        self._locks: dict[CampaignKey, asyncio.Lock] = {}
        self._crew = supervisor.crew()
        self._stopping = False

    async def stop(self, grace: float) -> None:
        """Claims nothing more, finishes and settles what is in flight, within ``grace`` seconds."""
        self._stopping = True
        await asyncio.gather(self._crew.stop(), self._dispatchers.stop(grace))

    # --- requests

    def lock(self, key: CampaignKey) -> asyncio.Lock:
        """Returns the lock for taking a campaign from one status to another in several steps."""
        return self._locks.setdefault(key, asyncio.Lock())

    async def change(self, key: CampaignKey, changed: CampaignChange) -> Campaign | None:
        """Changes a campaign as of now; returns None when it does not exist."""
        now = self._clock.now()
        return await change(self._store.campaigns, key, lambda campaign: changed(campaign, now))

    async def change_status(self, key: CampaignKey, changed: CampaignChange) -> Campaign | None:
        """Changes a campaign's status; its sending follows at once.

        Returns None when it does not exist.
        """
        saved = await self.change(key, changed)
        if saved is not None:
            self._dispatchers.follow(saved)
            self.reconcile_soon(key)
        return saved

    # --- changes

    async def follow_changes(self) -> None:
        """Reconciles campaigns that are changed, here or elsewhere, until it is cancelled."""
        waiting = Waiting(_log, self._clock, "started campaigns")
        async for key in self._store.campaigns.changes():
            if key is not None:
                self.reconcile_soon(key)
                continue
            with waiting.tolerate("started campaigns are looked for later"):
                await self.review()

    async def review(self) -> None:
        """Reconciles our campaigns that have changed, and lets go of those not ours any more.

        Raises StoreError when the store can't serve.
        """
        for key in self._dispatchers:
            if not self._leases.holds(key.tenant_id):
                self._let_go(key)
        going_on = [
            campaign
            for campaign in await self._store.campaigns.going_on()
            if self._leases.holds(campaign.tenant_id)
        ]
        self._reconciled = {
            campaign.key: self._reconciled[campaign.key]
            for campaign in going_on
            if campaign.key in self._reconciled
        }
        for campaign in going_on:
            if self._reconciled.get(campaign.key) != campaign.revision:
                self.reconcile_soon(campaign.key)
        # A lease may have lapsed for a moment, and the dispatchers held back meanwhile.
        self._dispatchers.wake()

    def is_busy(self, tenant_id: str) -> bool:
        """Returns True when this process sends, or has in flight, anything of this tenant."""
        return any(key.tenant_id == tenant_id for key in self._dispatchers)

    def let_go(self, tenant_id: str) -> None:
        """Stops sending for this tenant; what is in flight is finished."""
        for key in self._dispatchers:
            if key.tenant_id == tenant_id:
                self._let_go(key)

    def _let_go(self, key: CampaignKey) -> None:
        self._dispatchers.hold(key)
        self._reconciled.pop(key, None)  # to be reconciled when it is ours again

    # --- reconciling

    def reconcile_soon(self, key: CampaignKey, *, after: float = 0.0) -> None:
        """Reconciles a campaign in the background, if it is ours; repeating it does no harm.

        :param after: seconds until then.
        """
        if self._leases.holds(key.tenant_id):
            name = _name(key)
            self._crew.carry_out(
                WorkKind.CAMPAIGN,
                f"{name} in {after:g} s" if after else name,
                lambda: self._reconcile_after(key, after),
            )

    async def _reconcile_after(self, key: CampaignKey, seconds: float) -> None:
        if seconds:
            await self._clock.sleep(seconds)
        await self._locked(
            key, lambda: self.reconcile(key), f"campaign {key.campaign_id} waits for the store"
        )

    async def reconcile(self, key: CampaignKey) -> None:
        """Brings a started campaign to where its status says that it should be, if it is ours.

        Callers hold the campaign's lock. Raises StoreError when the store can't serve.
        """
        campaign = await self._store.campaigns.get(key)
        if campaign is None or not campaign.status.has_started or not self._is_ours(key):
            return
        self._reconciled[key] = campaign.revision
        if campaign.run.progress is not None:
            self._progress.follow(key, campaign.run.progress)
        if has_news(campaign):
            self._tell(key)
        if campaign.run.ended_at is not None:
            return
        if await self._steps.has_to_wait(campaign):
            self.reconcile_soon(key, after=ORIGINAL_PAUSE)
            return
        if campaign.run.recipients is None and not await self._steps.freeze_audience(campaign):
            return
        await self._steps.settle_abandoned(campaign)
        if campaign.run.reopened:
            await self._steps.revive(campaign)
        open_now = (await self._store.ledger.counts(key)).open
        campaign = await self._store.campaigns.get(key)
        if campaign is None:
            return
        if key in self._dispatchers:
            self._dispatchers.follow(campaign, open_now)
        elif not self._is_ours(key):
            return
        elif campaign.status is Status.SENDING:
            self._dispatchers.start(await as_it_stands_now(self._store, campaign), open_now)
        else:
            await self._end(campaign)

    def _tell(self, key: CampaignKey) -> None:
        self._notices.hurry(key)
        self._crew.carry_out(
            WorkKind.NOTICES, f"notice of {_name(key)}", lambda: self._notices.tell(key)
        )

    def _is_ours(self, key: CampaignKey) -> bool:
        return self._leases.holds(key.tenant_id)

    async def _end(self, campaign: Campaign) -> None:
        again_after = await self._steps.end(campaign)
        if again_after is not None:
            self.reconcile_soon(campaign.key, after=again_after)

    async def _locked(
        self, key: CampaignKey, work: Callable[[], Awaitable[None]], message: str
    ) -> None:
        """Does ``work`` with the campaign's lock until the store serves; the lock is free while it
        waits.
        """

        async def locked() -> None:
            async with self.lock(key):
                await work()

        try:
            await self._waiting(key).until(locked, message)
        except Damaged as error:
            self._give_up(key, error)

    def _waiting(self, key: CampaignKey) -> Waiting:
        return Waiting(_log, self._clock, f"campaign {key.campaign_id}")

    def _give_up(self, key: CampaignKey, error: Damaged) -> None:
        """Leaves a damaged campaign alone until people have repaired it."""
        _log.error("campaign %s stands still: %s", key.campaign_id, error)

    # --- news from the dispatchers

    def _sending_ended(self, running: RunningCampaign) -> None:
        key = running.key

        async def end() -> None:
            campaign = await self._store.campaigns.get(key)
            if campaign is not None and key not in self._dispatchers and self._is_ours(key):
                await self._end(campaign)

        name = f"end of {_name(key)}"
        self._crew.carry_out(
            WorkKind.CAMPAIGN, name, lambda: self._locked(key, end, f"{name} waits for the store")
        )

    def _sending_faulted(self, running: RunningCampaign, fault: Fault) -> None:
        # While the process ends, a fault is left to the next start, which finds it again.
        if not self._stopping:
            self._crew.carry_out(
                WorkKind.CAMPAIGN,
                f"fault of {_name(running.key)}",
                lambda: self._pause_for(running, fault),
            )

    async def _pause_for(self, running: RunningCampaign, fault: Fault) -> None:
        """Pauses a campaign because of a fault; that reconciles it, and so its sender is told."""
        key = running.key
        _log.error("campaign %s is paused by a fault: %s", key.campaign_id, fault.value)
        # Without the lock it could be reconciled now, while it is held and its status is "sending".
        async with self.lock(key):
            paused = await self._try_to_pause(key, fault)
            running.fault_recorded()
            if not paused:
                self.reconcile_soon(key)

    async def _try_to_pause(self, key: CampaignKey, fault: Fault) -> bool:
        """Returns False when a person was first to pause or stop it, or its record is damaged."""
        try:
            paused = await self._waiting(key).until(
                lambda: self.change_status(
                    key, lambda campaign, now: lifecycle.pause(campaign, now, fault)
                ),
                f"pausing {key.campaign_id} waits for the store",
            )
        except NotPossible:
            return False
        except Damaged as error:
            self._give_up(key, error)
            return False
        return paused is not None


def _name(key: CampaignKey) -> str:
    return f"campaign {key.campaign_id} of {key.tenant_id}"
