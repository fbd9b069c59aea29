"""Probes the campaigns that faults have paused, and takes them up when the faults have passed.

Everything is found by the campaign's record: whether it is taken up by itself, and when the next
probe is due. So a process that ends in the midst of a probe leaves nothing behind but its claims,
which are settled as after any other end, and the probe is made again.

A person's press is never in the way of a probe, nor waits for one: the campaign's lock is free
while the probe is under way, and its result counts only if nobody has decided otherwise meanwhile.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime
from functools import partial

from campaigns import lifecycle, probing
from campaigns.campaign import Campaign, CampaignKey, FaultPause
from campaigns.errors import NotPossible
from campaigns.outcome import NOT_THE_RECIPIENTS
from delivery.clock import Clock
from delivery.leases import TenantLeases
from delivery.sending.dispatchers import Dispatchers
from delivery.sending.probe import Probe
from delivery.sending.steps import Steps
from delivery.starting.followers import as_it_stands_now
from delivery.supervision import Crew, WorkKind
from delivery.waiting import Waiting, rest
from storage.base import Store

_log = logging.getLogger(__name__)

LOOK = 10.0
"""Seconds between two looks for probes that are due."""

PROBE_FOR = 120.0
"""Most seconds in which a probe makes its tries. Perhaps nobody may get anything at this hour."""

SETTLE_FOR = 60.0
"""Most seconds for the last try to be answered and written down."""

ChangeCampaign = Callable[
    [CampaignKey, Callable[[Campaign, datetime], Campaign]], Awaitable[Campaign | None]
]
"""Changes a campaign as of now."""


class Probes:
    """The probes of this process.

    :param steps: settles what earlier processes have left.
    :param crew: makes each probe on its own, so that none of them holds up the others.
    :param lock: returns a campaign's lock.
    :param change_status: changes a campaign; sending follows at once, and its sender is told.
    """

    def __init__(
        self,
        *,
        store: Store,
        clock: Clock,
        leases: TenantLeases,
        dispatchers: Dispatchers,
        steps: Steps,
        crew: Crew,
        lock: Callable[[CampaignKey], asyncio.Lock],
        change_status: ChangeCampaign,
    ) -> None:
        self._store = store
        self._clock = clock
        self._leases = leases
        self._dispatchers = dispatchers
        self._steps = steps
        self._crew = crew
        self._lock = lock
        self._change_status = change_status
        self._waiting = Waiting(_log, clock, "paused campaigns")
        self._waits: dict[CampaignKey, Waiting] = {}

    async def run(self) -> None:
        """Probes paused campaigns, each when it is due, until it is cancelled."""
        while True:
            with self._waiting.tolerate("paused campaigns are probed later"):
                await self.probe_due()
            await self._clock.sleep(LOOK)

    async def probe_due(self) -> None:
        """Makes the probes that are due now, side by side; some may go on after this returns.

        Raises StoreError when the paused campaigns can't be read.
        """
        paused = [
            campaign
            for campaign in await self._store.campaigns.going_on()
            if self._leases.holds(campaign.tenant_id) and probing.is_taken_up(campaign)
        ]
        due = [
            campaign.key for campaign in paused if probing.probe_is_due(campaign, self._clock.now())
        ]
        self._waits = {key: wait for key, wait in self._waits.items() if key in due}
        await asyncio.gather(*(self._attempt(key) for key in due))

    # --- one probe

    async def _attempt(self, key: CampaignKey) -> None:
        await self._crew.attempt(
            WorkKind.PROBES,
            f"probe of campaign {key.campaign_id} of {key.tenant_id}",
            partial(self._probe, key),
        )

    async def _probe(self, key: CampaignKey) -> None:
        waiting = self._waits.setdefault(
            key, Waiting(_log, self._clock, f"probe of {key.campaign_id}")
        )
        with waiting.tolerate(f"campaign {key.campaign_id} is probed later"):
            try:
                probe = Probe()
                pause = await self._begin(key, probe)
                if pause is not None:
                    await self._watch(key, probe)
                    await self._conclude(key, pause, probe)
            except NotPossible:
                _log.info("campaign %s: a person came before the probe's result", key.campaign_id)

    async def _begin(self, key: CampaignKey, probe: Probe) -> FaultPause | None:
        """Begins to send a few deliveries; returns the pause that ends if they succeed.

        Returns None when there is no probe to be made (any more).
        """
        async with self._lock(key):
            campaign = await self._store.campaigns.get(key)
            now = self._clock.now()
            if (
                campaign is None
                or not probing.probe_is_due(campaign, now)
                or not self._leases.holds(key.tenant_id)
                or key in self._dispatchers
            ):
                return None
            await self._steps.settle_abandoned(campaign)
            await self._steps.redate(campaign)
            next_due = await self._store.ledger.next_due(key)
            if next_due is None or next_due > now:
                # Everybody was tried. Otherwise those come first who were not: among the others are
                # people whom Teams refuses for reasons of their own.
                await self._store.ledger.retry_failed(key, NOT_THE_RECIPIENTS)
            counts = await self._store.ledger.counts(key)
            standing = await as_it_stands_now(self._store, campaign)
            # Nothing is awaited between this and the dispatchers: a person may press at any time.
            present = await self._store.campaigns.get(key)
            if present is None or not probing.is_taken_up(present) or key in self._dispatchers:
                return None
            _log.info("campaign %s is probed", key.campaign_id)
            self._dispatchers.start(standing, counts.open, probe)
            return present.run.fault_pause

    async def _watch(self, key: CampaignKey, probe: Probe) -> None:
        """Waits until the probe's deliveries are settled, if that takes no longer than it should.

        A delivery that takes longer is settled later, and not lost; only its result comes too late.
        """
        try:
            await rest(self._clock, probe.over, PROBE_FOR)
            self._dispatchers.end_probe(key, probe)
            await rest(self._clock, probe.settled, SETTLE_FOR)
        finally:
            # Also when this process ends, or has to begin again.
            self._dispatchers.end_probe(key, probe)

    async def _conclude(self, key: CampaignKey, pause: FaultPause, probe: Probe) -> None:
        """Takes the campaign up, or plans the next probe.

        Raises NotPossible when a person has decided otherwise meanwhile.
        """
        async with self._lock(key):
            if not self._leases.holds(key.tenant_id):
                return
            passed = probe.passed
            if passed is None and not (await self._store.ledger.counts(key)).open:
                # There is nobody left to try, so there is nothing to wait for.
                passed = True
            if passed:
                await self._take_up(key, pause)
            elif passed is None:
                await self._change_status(
                    key, lambda campaign, now: probing.probe_told_nothing(campaign, pause, now)
                )
            else:
                _log.info("campaign %s stays paused: its probe failed", key.campaign_id)
                await self._change_status(
                    key, lambda campaign, now: probing.probe_failed(campaign, pause, now)
                )

    async def _take_up(self, key: CampaignKey, pause: FaultPause) -> None:
        campaign = await self._store.campaigns.get(key)
        if campaign is None:
            return
        probing.require_taken_up(campaign, pause)  # raises before anything is changed
        await self._store.ledger.retry_failed(key, NOT_THE_RECIPIENTS)
        await self._change_status(key, lambda present, now: lifecycle.take_up(present, pause, now))
        _log.warning("campaign %s goes on by itself: the fault has passed", key.campaign_id)
