"""The engine: what dialogs ask for, and what goes on by itself until it is done."""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import Callable, Coroutine
from datetime import datetime
from typing import Any

import msgspec

from campaigns import campaign as domain
from campaigns import ledger
from campaigns.campaign import Campaign, CampaignKey, CardPlace, Fault, Status
from campaigns.errors import NotPossible
from campaigns.outcome import OUR_FAULT, Outcome, Reason, Unknown
from campaigns.retry import decide
from campaigns.user import User
from delivery.attempt import Attempts, Renderer
from delivery.breaker import Breaker
from delivery.changes import change
from delivery.clock import Clock
from delivery.directory import Directory
from delivery.dispatcher import Dispatcher, Sending
from delivery.launch import freeze
from delivery.messenger import Messenger
from delivery.notices import Notices
from delivery.pacer import Pacer
from delivery.profiles import Profiles
from delivery.progress import Progress, Views
from delivery.settlements import STORE_PAUSE
from storage.base import Store
from storage.errors import StoreError

_log = logging.getLogger(__name__)

_Change = Callable[[Campaign, datetime], Campaign]

GRACE = 8.0
"""Seconds that what is in flight gets at shutdown; the whole exit is to take less than 10."""


class Engine:
    """Sends campaigns; one per process.

    What it is told is written to the store first, and followed from there: whatever is interrupted
    is found and finished at the next start.
    """

    def __init__(
        self,
        *,
        store: Store,
        messenger: Messenger,
        directory: Directory,
        pacer: Pacer,
        clock: Clock,
        renderer: Renderer,
        views: Views,
    ) -> None:
        self._store = store
        self._messenger = messenger
        self._directory = directory
        self._pacer = pacer
        self._clock = clock
        self._renderer = renderer
        self._progress = Progress(store, messenger, pacer, clock, views)
        self._notices = Notices(store, messenger, pacer, clock, views)
        self._attempts = Attempts(messenger, directory, pacer, renderer)
        self._profiles = Profiles(store, directory, clock)
        self._owner = uuid.uuid4().hex
        self._locks: dict[CampaignKey, asyncio.Lock] = {}
        self._sendings: dict[CampaignKey, Sending] = {}
        self._dispatchers: dict[str, Dispatcher] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self.running = False

    # --- for the composition root

    async def start(self) -> None:
        """Takes up whatever was going on when the process ended last time."""
        self.running = True
        self._spawn(self._profiles.run(), "profiles")
        for campaign in await self._store.campaigns.in_status(
            (Status.SENDING, Status.PAUSED, Status.STOPPED, Status.COMPLETED)
        ):
            if campaign.ended_at is None:
                self._take_up(campaign.key)
            elif campaign.progress is not None:
                # It ended, and its card was not told any more.
                self._progress.follow(campaign.key, campaign.progress)

    async def stop(self) -> None:
        """Claims nothing more, finishes and settles what is in flight, within GRACE seconds."""
        self.running = False
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._progress.close()
        await asyncio.gather(*(of.finish(GRACE) for of in self._dispatchers.values()))

    # --- for the dialogs

    async def send(
        self, campaign: Campaign, *, audience_name: str, sender_id: str = ""
    ) -> Campaign:
        """Starts sending, once: the saved revision decides between two who press at the same time.

        Raises NotPossible when it was started before, Conflict when it was changed since.
        """
        now = self._clock.now()
        saved = await self._store.campaigns.save(
            domain.start(campaign, audience_name=audience_name, sender_id=sender_id, now=now)
        )
        self._take_up(saved.key)
        return saved

    async def pause(self, key: CampaignKey) -> Campaign | None:
        """Claims nothing more of this campaign until it is resumed.

        None: it does not exist.
        """
        return await self._control(key, domain.pause)

    async def resume(self, key: CampaignKey) -> Campaign | None:
        """Sending goes on; what failed because of a fault that paused it is tried again."""
        async with self._lock(key):
            campaign = await self._store.campaigns.get(key)
            if campaign is not None and campaign.fault is not None:
                now = self._clock.now()
                domain.resume(campaign, now)  # raises before anything is changed
                await self._store.ledger.retry_failed(key, OUR_FAULT, now)
            return await self._control(key, domain.resume)

    async def end(self, key: CampaignKey) -> Campaign | None:
        """Stops the campaign for good: what has not been claimed is cancelled."""
        return await self._control(key, domain.stop)

    async def resend(self, key: CampaignKey) -> Campaign | None:
        """Sends again what is in doubt.

        Raises NotPossible unless the campaign has ended.
        """
        async with self._lock(key):
            saved = await self._change(key, domain.reopen)
            if saved is not None:
                await self._store.ledger.resend_in_doubt(key, self._clock.now())
                self._take_up(key)
            return saved

    async def send_test(self, campaign: Campaign, user: User) -> Outcome:
        """Sends the campaign to one person now, marked as a test.

        Kept in no ledger, retried by nobody.
        """
        await self._pacer.depart(user.tenant_id, urgent=True)
        return await self._attempts.test(campaign, user)

    async def follow(self, key: CampaignKey, place: CardPlace) -> None:
        """Keeps the card at ``place`` up to date with how this campaign goes, in place of any
        other.
        """
        campaign = await self._store.campaigns.get(key)
        if campaign is None:
            return
        # Also when it has ended meanwhile: the card was drawn before that, and has to show it.
        if campaign.progress != place:
            await self._change(key, lambda it, now: msgspec.structs.replace(it, progress=place))
        self._progress.follow(key, place)

    async def leave(self, place: CardPlace) -> None:
        """The person uses the card at ``place`` for something else now."""
        key = self._progress.at(place)
        if key is not None:
            await self._change(key, lambda it, now: domain.without_card(it, place))

    # --- what goes on by itself

    async def _control(self, key: CampaignKey, to: _Change) -> Campaign | None:
        saved = await self._change(key, to)
        if saved is not None:
            sending = self._sendings.get(key)
            if sending is not None:
                sending.held = saved.status is not Status.SENDING
                sending.breaker = Breaker()
                sending.stopped = saved.status is Status.STOPPED
                self._dispatchers[key.tenant_id].wake()
            self._take_up(key)
        return saved

    async def _change(self, key: CampaignKey, to: _Change) -> Campaign | None:
        now = self._clock.now()
        return await change(self._store.campaigns, key, lambda campaign: to(campaign, now))

    def _take_up(self, key: CampaignKey) -> None:
        """Brings a started campaign to where its status says it should be; doing so again does no
        harm.
        """
        self._spawn(self._until_stored(key), f"campaign {key.campaign_id}")

    async def _until_stored(self, key: CampaignKey) -> None:
        while True:
            try:
                async with self._lock(key):
                    await self._bring_up(key)
                return
            except StoreError as error:
                _log.warning("campaign %s waits for the store: %s", key.campaign_id, error)
                await self._clock.sleep(STORE_PAUSE)

    async def _bring_up(self, key: CampaignKey) -> None:
        campaign = await self._store.campaigns.get(key)
        if campaign is None or not campaign.status.has_started:
            return
        if campaign.progress is not None:
            self._progress.follow(key, campaign.progress)
        if campaign.recipients is None:
            count = await freeze(self._store, campaign, self._clock.now())
            _log.info("campaign %s has %d recipients", campaign.id, count)
            await self._change(key, lambda it, now: domain.frozen(it, count, now))
        await self._settle_abandoned(campaign)
        campaign = await self._store.campaigns.get(key)
        if campaign is None or key in self._sendings:
            return
        if campaign.status is Status.SENDING:
            self._dispatch(campaign)
        elif campaign.ended_at is None:
            await self._at_rest(campaign)

    def _dispatch(self, campaign: Campaign) -> None:
        sending = self._sendings[campaign.key] = Sending(campaign, self._attempts.render(campaign))
        dispatcher = self._dispatchers.get(campaign.tenant_id)
        if dispatcher is None:
            dispatcher = self._dispatchers[campaign.tenant_id] = Dispatcher(
                campaign.tenant_id,
                store=self._store,
                attempts=self._attempts,
                messenger=self._messenger,
                directory=self._directory,
                pacer=self._pacer,
                clock=self._clock,
                owner=self._owner,
                ended=self._sending_ended,
                faulted=self._sending_faulted,
            )
            self._spawn(dispatcher.run(), f"dispatcher of {campaign.tenant_id}")
        dispatcher.add(sending)

    def _sending_ended(self, sending: Sending) -> None:
        """Nothing of it is in flight, and it is held or has nothing pending."""
        self._sendings.pop(sending.key, None)
        self._spawn(self._rest_until_stored(sending.key), f"end of {sending.campaign.id}")

    def _sending_faulted(self, sending: Sending, fault: Fault) -> None:
        if not self.running:
            # Found in what was still in flight; the next start finds it again.
            return
        self._spawn(self._pause_for(sending, fault), f"fault of {sending.campaign.id}")

    async def _pause_for(self, sending: Sending, fault: Fault) -> None:
        """Pauses a campaign because of what is wrong, and tells its author."""
        key = sending.key
        _log.error("campaign %s is paused by a fault: %s", key.campaign_id, fault.value)
        # Locked, or else the campaign, held and still "sending", would be taken up anew meanwhile.
        async with self._lock(key):
            paused = await self._paused(key, fault)
        if paused:
            await self._notices.tell(key, fault)

    async def _paused(self, key: CampaignKey, fault: Fault) -> bool:
        """False when a person has stopped or paused it at the same moment."""
        while True:
            try:
                return bool(await self._control(key, lambda it, now: domain.pause(it, now, fault)))
            except NotPossible:
                return False
            except StoreError as error:
                _log.warning("pausing %s waits for the store: %s", key.campaign_id, error)
                await self._clock.sleep(STORE_PAUSE)

    async def _rest_until_stored(self, key: CampaignKey) -> None:
        while True:
            try:
                async with self._lock(key):
                    campaign = await self._store.campaigns.get(key)
                    if campaign is not None and key not in self._sendings:
                        await self._at_rest(campaign)
                return
            except StoreError as error:
                _log.warning("end of campaign %s waits for the store: %s", key.campaign_id, error)
                await self._clock.sleep(STORE_PAUSE)

    async def _at_rest(self, campaign: Campaign) -> None:
        """Nothing of this campaign is in flight: cancels the rest of a stopped one, and ends what
        is done.
        """
        if campaign.ended_at is not None:
            return
        stopped = campaign.status is Status.STOPPED
        if stopped:
            await self._store.ledger.cancel(campaign.key, self._clock.now())
        elif campaign.status is not Status.SENDING:
            return
        if not (await self._store.ledger.counts(campaign.key)).open:
            await self._change(campaign.key, domain.wound_up if stopped else _completed_if_sending)
        elif await self._store.ledger.next_due(campaign.key) is None:
            # All that is open was claimed by a process before this one: until those claims lapse.
            self._spawn(self._take_up_later(campaign.key), f"campaign {campaign.id}")
        else:
            self._take_up(campaign.key)

    async def _take_up_later(self, key: CampaignKey) -> None:
        await self._clock.sleep(STORE_PAUSE)
        self._take_up(key)

    async def _settle_abandoned(self, campaign: Campaign) -> None:
        """What a former process had claimed may have been sent or not."""
        now = self._clock.now()
        rows = []
        for delivery in await self._store.ledger.abandoned(campaign.key, now):
            if delivery.claim is not None and delivery.claim.owner == self._owner:
                continue
            outcome = Unknown(Reason.INTERRUPTED)
            decision = decide(
                outcome,
                delivery,
                now=now,
                started_at=campaign.started_at or now,
                policy=campaign.in_doubt,
                dice=0.0,
            )
            rows.append(ledger.settled(delivery, outcome, decision, now))
        if rows:
            _log.warning("campaign %s: %d deliveries were interrupted", campaign.id, len(rows))
            await self._store.ledger.settle(campaign.key, rows)

    def _lock(self, key: CampaignKey) -> asyncio.Lock:
        return self._locks.setdefault(key, asyncio.Lock())

    def _spawn(self, work: Coroutine[Any, Any, None], name: str) -> None:
        task = asyncio.create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._task_ended)

    def _task_ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            _log.error("%s ended by a fault", task.get_name(), exc_info=error)


def _completed_if_sending(campaign: Campaign, now: datetime) -> Campaign:
    """Someone may have paused or stopped it in the meantime; a paused one completes on resuming."""
    return domain.complete(campaign, now) if campaign.status is Status.SENDING else campaign
