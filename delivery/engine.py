"""The engine: starts campaigns, and carries each through to its end."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial

from campaigns import lifecycle, scheduling
from campaigns.campaign import Campaign, CampaignKey, CardPlace, with_run
from campaigns.errors import NotPossible
from campaigns.followup import require_resendable
from campaigns.outcome import NOT_THE_RECIPIENTS, Outcome
from campaigns.refusals.campaigns import CampaignRefusal
from campaigns.refusals.sending import Obstacle, OriginalUnfinished
from campaigns.schedule.schedule import Schedule
from campaigns.user import User
from delivery.clock import Clock
from delivery.leases import TenantLeases
from delivery.messenger import Messenger
from delivery.pacing.pacer import Pacer
from delivery.people.contacts import Contacts
from delivery.people.entra import DirectorySweep
from delivery.people.profiles import Profiles
from delivery.redating import Redating
from delivery.sending.attempt import Attempts, MessageRenderer
from delivery.sending.notices import Notices
from delivery.sending.presences import Looks, Presences
from delivery.sending.progress import CampaignViews, Progress
from delivery.sending.reconciler import Reconciler
from delivery.starting.audiences import frozen_audience
from delivery.starting.followers import followers_of, waits_for_original
from delivery.starting.obstacles import obstacle
from delivery.starting.paused import pause_everything
from delivery.starting.reminders import Reminders
from delivery.starting.scheduler import Scheduler
from delivery.supervision import Supervisor, WorkKind
from delivery.waiting import Waiting
from storage.base import Store

_log = logging.getLogger(__name__)

GRACE = 6.0
"""Seconds that deliveries in flight get at shutdown.

The whole exit has to take less than 10, and the HTTP server needs some for requests that hang.
"""


class Engine:
    """Sends campaigns; one per process.

    Every request is written to the store first, and carried out from there. So interrupted work is
    found again at the next start, and finished by the process that has the tenant's lease.

    :param supervisor: keeps the background work going.
    :param sweep: reads the organisation's directory; None: there is none.
    :param presences: tells who is available; None: nothing does.
    :param others: True when other processes may work with the same store.
    :param fits: returns True when a campaign's message is of a size that Teams takes.
    :param start_paused: True when nothing may go out by itself, until a person asks for it.
    """

    def __init__(
        self,
        *,
        store: Store,
        messenger: Messenger,
        contacts: Contacts,
        pacer: Pacer,
        clock: Clock,
        renderer: MessageRenderer,
        views: CampaignViews,
        leases: TenantLeases,
        supervisor: Supervisor,
        sweep: DirectorySweep | None = None,
        presences: Presences | None = None,
        others: bool = False,
        fits: Callable[[Campaign], bool] = lambda _: True,
        start_paused: bool = False,
    ) -> None:
        self._crew = supervisor.crew()
        self._store = store
        self._clock = clock
        self._leases = leases
        self._attempts = Attempts(messenger, contacts, pacer, renderer)
        self._progress = Progress(store, messenger, pacer, clock, views, leases, supervisor.crew())
        self._profiles = Profiles(store, contacts, clock, leases, self._crew)
        self._sweep = sweep
        self._looks = Looks(presences, clock)
        self._fits = fits
        self._start_paused = start_paused
        notices = Notices(store, messenger, pacer, clock, views)
        self._notices = notices
        self._scheduler = Scheduler(
            store,
            clock,
            self.send,
            self._crew,
            others=others,
            may_act=leases.holds,
            tenants=lambda: leases.tenants,
            missed=self._tell_missed,
            fits=fits,
            paused=start_paused,
        )
        self.reminders = Reminders(
            store, self.send, clock, self._crew, may_act=leases.holds, paused=start_paused
        )
        """Reminders of surveys: dialogs ask for them, and some are sent by themselves."""
        self._reconciler = Reconciler(
            store=store,
            contacts=contacts,
            pacer=pacer,
            clock=clock,
            attempts=self._attempts,
            progress=self._progress,
            notices=notices,
            leases=leases,
            looks=self._looks,
            supervisor=supervisor,
        )
        self._redating = Redating(
            leases.clock,
            after_step=self._redate_all,
            now_and_then=lambda: self._reconciler.redate(scheduled=False),
        )
        self.running = False

    @property
    def not_ready_because(self) -> str:
        """The reason why the engine takes no requests yet; empty when it takes them."""
        if not self.running:
            return "not running"
        if not self._leases.has_settled_in:
            return "other processes have yet to make room in the rate"
        return ""

    # --- for the composition root

    async def start(self) -> None:
        """Starts all work, and goes on with campaigns that another process has left."""
        await self._leases.join()
        if self._start_paused:
            await pause_everything(self._store, self._clock)
        await self._reconciler.review()
        self.running = True
        if not self._leases.are_for_good:
            self._crew.keep(WorkKind.LEASES, "leases", lambda: self._leases.run(self._reconciler))
        self._crew.keep(WorkKind.CHANGES, "changes", self._reconciler.follow_changes)
        self._crew.keep(WorkKind.REVIEW, "reviews", self._reconciler.keep_reviewing)
        self._crew.keep(WorkKind.PROBES, "probes", self._reconciler.probes.run)
        self._crew.keep(WorkKind.PROFILES, "profiles", self._profiles.run)
        if (sweep := self._sweep) is not None:
            for tenant in sweep.tenants:
                self._crew.keep(
                    WorkKind.DIRECTORY, f"directory of {tenant}", partial(sweep.run, tenant)
                )
        self._crew.keep(WorkKind.SCHEDULER, "scheduler", self._scheduler.run)
        self._crew.keep(WorkKind.CLOCK, "clock", self._redating.run)
        self._crew.keep(WorkKind.REMINDERS, "reminders", self.reminders.run)

    async def stop(self) -> None:
        """Claims nothing more, finishes and settles what is in flight, within GRACE seconds."""
        self.running = False
        await self._crew.stop()
        await self._progress.close()
        await self._reconciler.stop(GRACE)
        await self._leases.leave()

    async def _redate_all(self) -> None:
        await self._reconciler.redate()
        await self._scheduler.redate()
        self.reminders.wake()

    def _tell_missed(self, campaign: Campaign) -> None:
        """Tells beside the scheduler that a campaign did not start: Teams may take its time."""
        name = f"notice of the missed start of campaign {campaign.id} of {campaign.tenant_id}"
        waiting = Waiting(_log, self._clock, name)
        self._crew.carry_out(
            WorkKind.NOTICES,
            name,
            lambda: waiting.until(
                lambda: self._notices.missed(campaign), f"{name} waits for the store"
            ),
        )

    # --- for the dialogs

    async def schedule(self, campaign: Campaign, schedule: Schedule) -> Campaign:
        """Schedules the campaign, so that it starts by itself.

        Raises NotPossible when it has started before or is not complete, Conflict when it was
        changed since.
        """
        saved = await self._store.campaigns.save(
            scheduling.schedule(campaign, schedule, self._clock.now())
        )
        self._scheduler.wake()
        return saved

    async def unschedule(self, campaign: Campaign) -> Campaign:
        """Makes a scheduled campaign a draft again.

        Raises NotPossible when it is not scheduled, Conflict when it was changed, or has started,
        since.
        """
        saved = await self._store.campaigns.save(scheduling.unschedule(campaign, self._clock.now()))
        self._scheduler.wake()
        return saved

    async def can_look(self, tenant_id: str, user_id: str) -> Outcome | None:
        """Asks once for the presence of one person.

        Returns None, or the outcome that tells why that is not possible.
        """
        return await self._looks.can_look(tenant_id, user_id)

    async def obstacle(self, campaign: Campaign) -> Obstacle | None:
        """Returns the obstacle to sending the campaign now; None when there is none."""
        return await obstacle(self._store, campaign, self._clock.now(), self._fits)

    async def send(
        self,
        campaign: Campaign,
        *,
        sender_id: str = "",
        scheduled: bool = False,
    ) -> Campaign:
        """Starts sending, once: of two people who press at the same time, the first to save wins.

        A campaign that a person sends goes to everyone now, and if it belongs to a series, the
        series goes on.

        Raises NotPossible when it was started before, or changes a campaign that is being sent
        again; Conflict when it was changed since.

        :param sender_id: the person who sends it; by default its author.
        :param scheduled: True when it starts by its schedule.
        """
        if await waits_for_original(self._store, campaign):
            raise NotPossible(OriginalUnfinished())
        now = self._clock.now()
        started = lifecycle.start(
            campaign,
            audience=await frozen_audience(self._store, campaign, now),
            sender_id=sender_id,
            scheduled=scheduled,
            now=now,
        )
        with self._reconciler.carrying_through(campaign.key):
            saved = await self._store.campaigns.save(started)
        self._reconciler.reconcile_soon(saved.key)
        return saved

    async def pause(self, key: CampaignKey) -> Campaign | None:
        """Pauses the campaign: nothing more of it is claimed until it is resumed.

        Returns None when it does not exist. Raises NotPossible unless it is being sent, or would be
        taken up by itself.
        """
        return await self._reconciler.change_status(key, lifecycle.pause)

    async def resume(self, key: CampaignKey) -> Campaign | None:
        """Goes on sending a paused campaign.

        Deliveries that failed because of the fault that paused it are tried again. Returns None
        when the campaign does not exist. Raises NotPossible unless it is paused.
        """
        async with self._reconciler.lock(key):
            campaign = await self._store.campaigns.get(key)
            if campaign is not None and campaign.run.fault is not None:
                now = self._clock.now()
                lifecycle.resume(campaign, now)  # raises before anything is changed
                await self._store.ledger.retry_failed(key, NOT_THE_RECIPIENTS)
            return await self._reconciler.change_status(key, lifecycle.resume)

    async def end(self, key: CampaignKey) -> Campaign | None:
        """Stops the campaign for good: deliveries that are not claimed are cancelled.

        Returns None when it does not exist. Raises NotPossible unless it is being sent or paused.
        """
        return await self._reconciler.change_status(key, lifecycle.stop)

    async def resend(self, key: CampaignKey) -> Campaign | None:
        """Sends again the deliveries that are in doubt, with the content that stands now.

        Returns None when the campaign does not exist. Raises NotPossible unless it has ended, with
        something in doubt, and when it was recalled or is being corrected.
        """
        async with self._reconciler.lock(key):
            campaign = await self._store.campaigns.get(key)
            if campaign is None:
                return None
            require_resendable(await followers_of(self._store, campaign))
            if not (await self._store.ledger.counts(key)).in_doubt:
                raise NotPossible(CampaignRefusal.NOTHING_IN_DOUBT)
            with self._reconciler.carrying_through(key):
                saved = await self._reconciler.change(key, lifecycle.reopen)
            if saved is not None:
                # It is saved. What the store refuses from here on is carried on later.
                await self._reconciler.carry_on(key)
            return saved

    async def send_test(self, campaign: Campaign, user: User) -> Outcome:
        """Sends the campaign to one person now, marked as a test.

        It is kept in no ledger and never retried.
        """
        return await self._attempts.test(campaign, user)

    async def follow(self, key: CampaignKey, place: CardPlace) -> None:
        """Keeps the card at ``place`` up to date with how this campaign goes.

        It takes over from any card that did so before.
        """
        campaign = await self._store.campaigns.get(key)
        if campaign is None:
            return
        # Also when it has ended meanwhile: the card was drawn before that, and has to show the end.
        if campaign.run.progress != place:
            await self._reconciler.change(
                key,
                lambda present, now: with_run(present, progress=place),
            )
        self._progress.follow(key, place)

    async def leave(self, tenant_id: str, place: CardPlace) -> None:
        """Stops updating the card at ``place``: its reader uses it for something else now."""
        for campaign in await self._store.campaigns.going_on(tenant_id):
            if campaign.run.progress == place:
                await self._reconciler.change(
                    campaign.key, lambda present, now: lifecycle.without_card(present, place)
                )
