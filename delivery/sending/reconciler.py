"""Brings every started campaign to where its status says that it should be.

Work may be interrupted by the end of the process, or by a store that can't be written. Then the
campaign is found by its status, and the work goes on from there. So everything here may be begun
again at any time. A campaign whose record is damaged stands still until people have repaired it; it
is tried again once a minute.

When several processes share a store, the one that has a tenant's lease does this for the tenant's
campaigns. It hears of changes that another process makes, such as a pause, or finds them at its
next review.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Iterator
from datetime import datetime

from campaigns import lifecycle
from campaigns.campaign import Campaign, CampaignKey, Fault, Status
from campaigns.errors import NotPossible
from campaigns.probing import has_news
from delivery.changes import change
from delivery.clock import Clock
from delivery.leases import TenantLeases
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
from storage.errors import Damaged, StoreError

_log = logging.getLogger(__name__)

REVIEW_PAUSE = 60.0
"""Seconds between two reviews where no beat of a lease brings one."""

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
        self._crew = supervisor.crew()
        self._steps = Steps(store, clock, leases)
        self._dispatchers = Dispatchers(
            store=store,
            attempts=attempts,
            contacts=contacts,
            pacer=pacer,
            clock=clock,
            leases=leases,
            looks=looks,
            supervisor=supervisor,
            ended=self._sending_ended,
            faulted=self._sending_faulted,
            damaged=self._sending_damaged,
        )
        self.probes = Probes(
            store=store,
            clock=clock,
            leases=leases,
            dispatchers=self._dispatchers,
            steps=self._steps,
            crew=self._crew,
            lock=self.lock,
            change_status=self.change_status,
        )
        """Takes up campaigns that faults have paused."""
        self._reconciled: dict[CampaignKey, int] = {}
        """The revision of each of our campaigns that was reconciled last, to the end."""
        self._reviewing = Waiting(_log, clock, "started campaigns")
        self._locks: dict[CampaignKey, asyncio.Lock] = {}
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
        """Changes a campaign as of now; returns None when it does not exist.

        Raises StoreError when the store can't serve. It may have been changed all the same, so what
        it has become is looked up later.
        """
        now = self._clock.now()
        with self.carrying_through(key):
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

    async def carry_on(self, key: CampaignKey) -> None:
        """Reconciles a campaign now; when the store refuses, then as soon as it serves.

        Callers hold the campaign's lock.
        """
        try:
            await self.reconcile(key)
        except StoreError as error:
            _log.info("campaign %s is carried on later: %s", key.campaign_id, error)
            self.reconcile_soon(key)

    @contextlib.contextmanager
    def carrying_through(self, key: CampaignKey) -> Iterator[None]:
        """Has the campaign reconciled if this block fails: its change may have been made."""
        try:
            yield
        except BaseException:
            self.reconcile_soon(key)
            raise

    # --- changes

    async def follow_changes(self) -> None:
        """Reconciles campaigns that are changed, here or elsewhere, until it is cancelled."""
        waiting = Waiting(_log, self._clock, "changes of campaigns")
        await waiting.until(
            self._follow_changes, "changes of campaigns wait for the store", even_damaged=True
        )

    async def _follow_changes(self) -> None:
        # Some may have been missed before this began, or began again.
        self.review_soon()
        async for key in self._store.campaigns.changes():
            if key is not None:
                self.reconcile_soon(key)
            else:
                self.review_soon()

    def review_soon(self) -> None:
        """Reviews the campaigns beside whatever the caller does; see :meth:`review`."""
        self._crew.carry_out(WorkKind.REVIEW, "review of the started campaigns", self._review)

    async def _review(self) -> None:
        await self._reviewing.until(
            self.review, "started campaigns are looked for later", even_damaged=True
        )

    async def keep_reviewing(self) -> None:
        """Reviews all campaigns every minute, until it is cancelled.

        Whatever was interrupted is found again, also where no beat of a lease brings a review.
        """
        waiting = Waiting(_log, self._clock, "started campaigns")
        while True:
            await self._clock.sleep(REVIEW_PAUSE)
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

    async def redate(self, *, scheduled: bool = True) -> None:
        """Makes deliveries due at once that wait for a time which a wrong clock has set.

        Raises StoreError when the store can't serve.

        :param scheduled: True to look at campaigns that a schedule holds back as well, which takes
            longer.
        """
        for campaign in await self._store.campaigns.going_on():
            key, schedule = campaign.key, campaign.schedule
            held_back = schedule is not None and schedule.holds_back
            if key in self._dispatchers and self._is_ours(key) and (scheduled or not held_back):
                # The dispatcher meets what is damaged, too, and tells it.
                with contextlib.suppress(Damaged):
                    await self._steps.redate(campaign)
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
        if await self._bring(campaign):
            # Only now: what was interrupted before is looked at again by the next review.
            self._reconciled[key] = campaign.revision

    async def _bring(self, campaign: Campaign) -> bool:
        """Brings a started campaign of ours to where its status says that it should be.

        Returns False when it has not come there yet.
        """
        key = campaign.key
        if campaign.run.progress is not None:
            self._progress.follow(key, campaign.run.progress)
        if has_news(campaign):
            self._tell(key)
        if campaign.run.ended_at is not None:
            return True
        await self._steps.continue_series(campaign)
        if await self._steps.has_to_wait(campaign):
            self.reconcile_soon(key, after=ORIGINAL_PAUSE)
            return True
        if campaign.run.recipients is None and not await self._steps.freeze_audience(campaign):
            return False
        await self._steps.settle_abandoned(campaign)
        if campaign.run.reopened:
            await self._steps.revive(campaign)
        open_now = (await self._store.ledger.counts(key)).open
        present = await self._store.campaigns.get(key)
        if present is None:
            return True
        if key in self._dispatchers:
            self._dispatchers.follow(present, open_now)
        elif not self._is_ours(key):
            return False
        elif present.status is Status.SENDING:
            await self._steps.redate(present)
            self._dispatchers.start(await as_it_stands_now(self._store, present), open_now)
        else:
            await self._end(present)
        return True

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
        waits. Raises Damaged.
        """

        async def locked() -> None:
            async with self.lock(key):
                await work()

        await self._waiting(key).until(locked, message)

    def _waiting(self, key: CampaignKey) -> Waiting:
        return Waiting(_log, self._clock, f"campaign {key.campaign_id}")

    # --- news from the dispatchers

    def _sending_damaged(self, key: CampaignKey) -> None:
        """Shows that a campaign stands still, and tries again until people have repaired it."""
        name = f"sending of {_name(key)}"

        async def try_again() -> None:
            if key not in self._dispatchers:
                await self._locked(key, lambda: self.reconcile(key), f"{name} waits for the store")
            if (running := self._dispatchers.get(key)) is not None:
                await running.proven()

        self._crew.carry_out(WorkKind.CAMPAIGN, name, try_again)

    def _sending_ended(self, running: RunningCampaign) -> None:
        key = running.key
        if running.given_up is not None:
            return  # it is tried again later

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
            _log.error("campaign %s stands still: %s", key.campaign_id, error)
            return False
        return paused is not None


def _name(key: CampaignKey) -> str:
    return f"campaign {key.campaign_id} of {key.tenant_id}"
