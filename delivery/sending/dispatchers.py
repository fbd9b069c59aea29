"""The campaigns that this process is sending, each with its tenant's dispatcher."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from functools import partial

from campaigns.campaign import Campaign, CampaignKey, Fault, Status
from campaigns.probing import is_taken_up
from delivery.clock import Clock
from delivery.leases import TenantLeases
from delivery.pacing.pacer import Pacer
from delivery.people.contacts import Contacts
from delivery.sending.attempt import Attempts
from delivery.sending.dispatcher import Dispatcher
from delivery.sending.gate import gate_of
from delivery.sending.presences import Looks
from delivery.sending.probe import Probe
from delivery.sending.running import RunningCampaign
from delivery.supervision import Supervisor, WorkKind
from storage.base import Store


class Dispatchers:
    """One dispatcher for each tenant that has, or had, a campaign to send.

    :param ended: called when a campaign has nothing in flight, and is held or has nothing pending;
        it is removed from these dispatchers before.
    :param faulted: called once when a fault has made a dispatcher hold a campaign.
    :param damaged: called when a campaign is held because something that it needs is damaged. It
        ends here when nothing of it is in flight any more.
    """

    def __init__(
        self,
        *,
        store: Store,
        attempts: Attempts,
        contacts: Contacts,
        pacer: Pacer,
        clock: Clock,
        leases: TenantLeases,
        looks: Looks,
        supervisor: Supervisor,
        ended: Callable[[RunningCampaign], None],
        faulted: Callable[[RunningCampaign, Fault], None],
        damaged: Callable[[CampaignKey], None],
    ) -> None:
        self._store = store
        self._attempts = attempts
        self._contacts = contacts
        self._pacer = pacer
        self._clock = clock
        self._leases = leases
        self._looks = looks
        self._when_ended = ended
        self._when_faulted = faulted
        self._when_damaged = damaged
        self._running: dict[CampaignKey, RunningCampaign] = {}
        self._dispatchers: dict[str, Dispatcher] = {}
        self._loops = supervisor.crew()
        self._results = supervisor.crew()

    def __contains__(self, key: CampaignKey) -> bool:
        """Returns True when this process is sending the campaign, or still has some in flight."""
        return key in self._running

    def __iter__(self) -> Iterator[CampaignKey]:
        """Iterates over the campaigns that this process is sending; they may change meanwhile."""
        return iter(tuple(self._running))

    def get(self, key: CampaignKey) -> RunningCampaign | None:
        """Returns the campaign as this process is sending it; None: it does not."""
        return self._running.get(key)

    def start(self, campaign: Campaign, open_now: int, probe: Probe | None = None) -> None:
        """Begins to send the campaign, by the dispatcher of its tenant.

        :param open_now: the number of its deliveries that are open.
        :param probe: the probe that it is sent for; None: it is sent to everyone.
        """
        running = self._running[campaign.key] = RunningCampaign(
            campaign,
            self._attempts.render(campaign),
            thanking=self._attempts.thanking(campaign),
            gate=gate_of(campaign, self._store, self._looks),
            ours=partial(self._leases.holds, campaign.tenant_id),
            open_now=open_now,
            probe=probe,
        )
        self._dispatcher_of(campaign.tenant_id).add(running)

    def follow(self, campaign: Campaign, open_now: int | None = None) -> None:
        """Stops, resumes or holds the campaign as its status says, if it is being sent here.

        A probe goes on while the campaign is to be taken up by itself.

        :param open_now: the number of its deliveries that are open, where it is known.
        """
        running = self._running.get(campaign.key)
        if running is None:
            return
        running.campaign = campaign
        if campaign.status is Status.STOPPED:
            running.stop()
        elif campaign.status is Status.SENDING and self._leases.holds(campaign.tenant_id):
            running.resume()
            if open_now is not None:
                running.expect(open_now)
        elif running.probe is None or not is_taken_up(campaign):
            running.hold()
        self._dispatchers[campaign.tenant_id].wake()

    def end_probe(self, key: CampaignKey, probe: Probe) -> None:
        """Ends a probe, unless a person has ended it before."""
        running = self._running.get(key)
        if running is not None and running.probe is probe:
            self.hold(key)

    def hold(self, key: CampaignKey) -> None:
        """Stops sending this campaign; what is in flight is finished."""
        self._running[key].hold()
        self._dispatchers[key.tenant_id].wake()

    def wake(self) -> None:
        """Has every dispatcher look again at what it may send."""
        for dispatcher in self._dispatchers.values():
            dispatcher.wake()

    async def stop(self, grace: float) -> None:
        """Claims nothing more, finishes and settles what is in flight, within ``grace`` seconds."""
        await self._loops.stop()
        await asyncio.gather(
            *(dispatcher.finish(grace) for dispatcher in self._dispatchers.values())
        )
        await self._results.stop()

    def _dispatcher_of(self, tenant_id: str) -> Dispatcher:
        dispatcher = self._dispatchers.get(tenant_id)
        if dispatcher is None:
            dispatcher = self._dispatchers[tenant_id] = Dispatcher(
                tenant_id,
                store=self._store,
                attempts=self._attempts,
                contacts=self._contacts,
                pacer=self._pacer,
                clock=self._clock,
                owner=self._leases.owner,
                crew=self._results,
                ended=self._ended,
                faulted=self._when_faulted,
                damaged=self._when_damaged,
            )
            self._loops.keep(WorkKind.DISPATCHER, f"dispatcher of {tenant_id}", dispatcher.run)
        return dispatcher

    def _ended(self, running: RunningCampaign) -> None:
        self._running.pop(running.key, None)
        running.ended()
        self._when_ended(running)
