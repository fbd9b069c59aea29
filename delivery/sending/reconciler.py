"""Brings every started campaign to where its status says that it should be.

Whatever is interrupted, by the end of the process or by a store that can't be written, is found by
its status and goes on from there; so everything here may be begun again at any time. Only a
campaign whose record is damaged is left alone: waiting does not mend it.

Of several processes with one store, the one that has a tenant's lease does this for its campaigns.
What is changed at another one, such as a pause, is heard of, or found at the next look.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime
from functools import partial

from campaigns import lifecycle
from campaigns.campaign import Campaign, CampaignKey, Fault, Status
from campaigns.errors import NotPossible
from campaigns.ledger import ledger
from campaigns.ledger.retry import decide, interrupted
from delivery.background import Background
from delivery.changes import change
from delivery.clock import Clock
from delivery.leases import TenantLeases
from delivery.messenger import Messenger
from delivery.pacing.pacer import Pacer
from delivery.people.contacts import Contacts
from delivery.sending.attempt import Attempts
from delivery.sending.breaker import Breaker
from delivery.sending.dispatcher import Dispatcher
from delivery.sending.gate import gate_of
from delivery.sending.notices import Notices
from delivery.sending.presences import Looks
from delivery.sending.progress import Progress
from delivery.sending.running import RunningCampaign
from delivery.starting.launch import freeze
from delivery.waiting import STORE_PAUSE, Waiting
from storage.base import Store
from storage.errors import Conflict, Damaged

_log = logging.getLogger(__name__)

CampaignChange = Callable[[Campaign, datetime], Campaign]
"""What becomes of a campaign at a moment; pure, because it may be applied again."""


class Reconciler:
    """The campaigns of this process, from their start to their end."""

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
    ) -> None:
        self._store = store
        self._messenger = messenger
        self._contacts = contacts
        self._pacer = pacer
        self._clock = clock
        self._attempts = attempts
        self._progress = progress
        self._notices = notices
        self._leases = leases
        self._looks = looks
        self._seen: dict[CampaignKey, int] = {}
        """The revision that each of our campaigns was brought up to."""
        self._locks: dict[CampaignKey, asyncio.Lock] = {}
        self._sendings: dict[CampaignKey, RunningCampaign] = {}
        self._dispatchers: dict[str, Dispatcher] = {}
        self._background = Background()
        self._stopping = False

    async def stop(self, grace: float) -> None:
        """Claims nothing more, finishes and settles what is in flight, within ``grace`` seconds."""
        self._stopping = True
        await self._background.stop()
        await asyncio.gather(*(of.finish(grace) for of in self._dispatchers.values()))

    def lock(self, key: CampaignKey) -> asyncio.Lock:
        """Held by whoever takes a campaign from one status to another in several steps."""
        return self._locks.setdefault(key, asyncio.Lock())

    async def control(self, key: CampaignKey, to: CampaignChange) -> Campaign | None:
        """Takes a campaign to another status, and what is going on after it."""
        saved = await self.change(key, to)
        if saved is not None:
            self._adjust(saved)
            self.take_up(key)
        return saved

    async def change(self, key: CampaignKey, to: CampaignChange) -> Campaign | None:
        """Changes a campaign as of now; None when it does not exist."""
        now = self._clock.now()
        return await change(self._store.campaigns, key, lambda campaign: to(campaign, now))

    async def hear(self) -> None:
        """Follows what is changed, here or elsewhere, until it is cancelled."""
        waiting = Waiting(_log, self._clock, "what is going on")
        async for key in self._store.campaigns.changes():
            if key is not None:
                self.take_up(key)
                continue
            with waiting.tolerate("what is going on is looked for later"):
                await self.review()

    async def review(self) -> None:
        """Takes up what is ours and has been changed since; lets go of what is not ours any more.

        Raises StoreError.
        """
        for key in list(self._sendings):
            if not self._leases.holds(key.tenant_id):
                self._hold(key)
        going_on = [
            campaign
            for campaign in await self._store.campaigns.going_on()
            if self._leases.holds(campaign.tenant_id)
        ]
        self._seen = {of.key: self._seen[of.key] for of in going_on if of.key in self._seen}
        for campaign in going_on:
            if self._seen.get(campaign.key) != campaign.revision:
                self.take_up(campaign.key)
        for dispatcher in self._dispatchers.values():
            # A lease may have lapsed for a moment.
            dispatcher.wake()

    def is_busy(self, tenant_id: str) -> bool:
        """Whether anything of this tenant's campaigns is in flight here."""
        return any(key.tenant_id == tenant_id for key in self._sendings)

    def let_go(self, tenant_id: str) -> None:
        """Finishes what is in flight of this tenant, and no more."""
        for key in self._sendings:
            if key.tenant_id == tenant_id:
                self._hold(key)

    def take_up(self, key: CampaignKey) -> None:
        """Brings a started campaign to where its status says it should be, if it is ours; doing so
        again does no harm.
        """
        if not self._leases.holds(key.tenant_id):
            return
        self._background.spawn(self._until_stored(key), f"campaign {key.campaign_id}")

    async def _until_stored(self, key: CampaignKey) -> None:
        async def locked() -> None:
            async with self.lock(key):
                await self.bring_up(key)

        try:
            await self._waiting(key).until(
                locked, f"campaign {key.campaign_id} waits for the store"
            )
        except Damaged as error:
            self._give_up(key, error)

    def _waiting(self, key: CampaignKey) -> Waiting:
        return Waiting(_log, self._clock, f"campaign {key.campaign_id}")

    def _give_up(self, key: CampaignKey, error: Damaged) -> None:
        """Nothing goes on by itself: what is damaged stays so until people have repaired it."""
        _log.error("campaign %s stands still: %s", key.campaign_id, error)

    async def bring_up(self, key: CampaignKey) -> None:
        """What :meth:`take_up` does, at once; for who holds the campaign's lock."""
        campaign = await self._store.campaigns.get(key)
        if campaign is None or not campaign.status.has_started or not self._ours(key):
            return
        self._seen[key] = campaign.revision
        if campaign.run.progress is not None:
            self._progress.follow(key, campaign.run.progress)
        if campaign.run.ended_at is not None:
            return
        if campaign.run.recipients is None and not await self._freeze(campaign):
            return
        await self._settle_abandoned(campaign)
        if campaign.run.reopened:
            await self._store.ledger.resend_in_doubt(key, self._clock.now())
            await self.change(key, lambda it, now: lifecycle.revived(it))
        campaign = await self._store.campaigns.get(key)
        if campaign is None:
            return
        if key in self._sendings:
            self._adjust(campaign)
        elif not self._ours(key):
            return
        elif campaign.status is Status.SENDING:
            self._dispatch(campaign)
        elif campaign.run.ended_at is None:
            await self._at_rest(campaign)

    async def _freeze(self, campaign: Campaign) -> bool:
        """False when it is somebody else's in the middle of it."""

        def may_go_on() -> bool:
            return self._ours(campaign.key)

        count = await freeze(self._store, campaign, self._clock.now(), may_go_on)
        if count is None or not may_go_on():
            return False
        _log.info("campaign %s has %d recipients", campaign.id, count)
        await self.change(campaign.key, lambda it, now: lifecycle.frozen(it, count, now))
        return True

    def _ours(self, key: CampaignKey) -> bool:
        return self._leases.holds(key.tenant_id)

    def _adjust(self, campaign: Campaign) -> None:
        """What is being sent follows the campaign's status."""
        sending = self._sendings.get(campaign.key)
        if sending is None:
            return
        held = campaign.status is not Status.SENDING or not self._ours(campaign.key)
        if not held and sending.faulted:
            # The fault will be written down; until then the status tells less than is known here.
            return
        if sending.held and not held:
            sending.breaker = Breaker()
        sending.held = held
        sending.stopped = campaign.status is Status.STOPPED
        self._dispatchers[campaign.tenant_id].wake()

    def _hold(self, key: CampaignKey) -> None:
        self._sendings[key].held = True
        self._seen.pop(key, None)  # to be taken up when it is ours again
        self._dispatchers[key.tenant_id].wake()

    def _dispatch(self, campaign: Campaign) -> None:
        sending = self._sendings[campaign.key] = RunningCampaign(
            campaign,
            self._attempts.render(campaign),
            thanking=self._attempts.thanking(campaign),
            gate=gate_of(campaign, self._store, self._looks),
            ours=partial(self._leases.holds, campaign.tenant_id),
        )
        dispatcher = self._dispatchers.get(campaign.tenant_id)
        if dispatcher is None:
            dispatcher = self._dispatchers[campaign.tenant_id] = Dispatcher(
                campaign.tenant_id,
                store=self._store,
                attempts=self._attempts,
                messenger=self._messenger,
                contacts=self._contacts,
                pacer=self._pacer,
                clock=self._clock,
                owner=self._leases.owner,
                ended=self._sending_ended,
                faulted=self._sending_faulted,
            )
            self._background.spawn(dispatcher.run(), f"dispatcher of {campaign.tenant_id}")
        dispatcher.add(sending)

    def _sending_ended(self, sending: RunningCampaign) -> None:
        """Nothing of it is in flight, and it is held or has nothing pending."""
        self._sendings.pop(sending.key, None)
        self._background.spawn(
            self._rest_until_stored(sending.key), f"end of {sending.campaign.id}"
        )

    def _sending_faulted(self, sending: RunningCampaign, fault: Fault) -> None:
        if self._stopping:
            # Found in what was still in flight; the next start finds it again.
            return
        self._background.spawn(self._pause_for(sending, fault), f"fault of {sending.campaign.id}")

    async def _pause_for(self, sending: RunningCampaign, fault: Fault) -> None:
        """Pauses a campaign because of what is wrong, and tells its author."""
        key = sending.key
        _log.error("campaign %s is paused by a fault: %s", key.campaign_id, fault.value)
        # Locked, or else the campaign, held and still "sending", would be taken up anew meanwhile.
        async with self.lock(key):
            paused = await self._paused(key, fault)
            sending.faulted = False
            if not paused:
                self.take_up(key)
        if paused:
            await self._notices.tell(key, fault)

    async def _paused(self, key: CampaignKey, fault: Fault) -> bool:
        """False when a person has stopped or paused it at the same moment."""
        try:
            paused = await self._waiting(key).until(
                lambda: self.control(key, lambda it, now: lifecycle.pause(it, now, fault)),
                f"pausing {key.campaign_id} waits for the store",
            )
        except NotPossible:
            return False
        except Damaged as error:
            self._give_up(key, error)
            return False
        return paused is not None

    async def _rest_until_stored(self, key: CampaignKey) -> None:
        async def locked() -> None:
            async with self.lock(key):
                campaign = await self._store.campaigns.get(key)
                if campaign is not None and key not in self._sendings and self._ours(key):
                    await self._at_rest(campaign)

        try:
            await self._waiting(key).until(
                locked, f"end of campaign {key.campaign_id} waits for the store"
            )
        except Damaged as error:
            self._give_up(key, error)

    async def _at_rest(self, campaign: Campaign) -> None:
        """Nothing of this campaign is in flight: cancels the rest of a stopped one, and ends what
        is done.
        """
        if campaign.run.ended_at is not None:
            return
        stopped = campaign.status is Status.STOPPED
        if stopped:
            await self._store.ledger.cancel(campaign.key, self._clock.now())
        elif campaign.status is not Status.SENDING:
            return
        if not (await self._store.ledger.counts(campaign.key)).open:
            now = self._clock.now()
            ended = (
                lifecycle.wound_up(campaign, now) if stopped else lifecycle.complete(campaign, now)
            )
            try:
                await self._store.campaigns.save(ended)
            except Conflict:
                # Somebody has paused, stopped or reopened it since its rows were counted.
                self.take_up(campaign.key)
        elif await self._store.ledger.next_due(campaign.key) is None:
            # All that is open was claimed by a process before this one: until those claims lapse.
            self._background.spawn(self._take_up_later(campaign.key), f"campaign {campaign.id}")
        else:
            self.take_up(campaign.key)

    async def _take_up_later(self, key: CampaignKey) -> None:
        await self._clock.sleep(STORE_PAUSE)
        self.take_up(key)

    async def _settle_abandoned(self, campaign: Campaign) -> None:
        """What a former process had claimed may have been sent or not."""
        now = self._clock.now()
        rows = []
        owner = self._leases.owner
        for delivery in await self._store.ledger.abandoned(campaign.key, now, holder=owner):
            if delivery.claim is not None and delivery.claim.owner == owner:
                continue
            outcome = interrupted(campaign.follow_up.purpose)
            decision = decide(
                outcome,
                delivery,
                now=now,
                started_at=campaign.run.started_at or now,
                policy=campaign.in_doubt,
                dice=0.0,
            )
            rows.append(ledger.settled(delivery, outcome, decision, now))
        if rows:
            _log.warning("campaign %s: %d deliveries were interrupted", campaign.id, len(rows))
            await self._store.ledger.settle(campaign.key, rows)
