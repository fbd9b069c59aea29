"""The state of a campaign that is being sent, besides its ledger."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection
from datetime import datetime

from campaigns.campaign import Campaign, CampaignKey, Fault
from campaigns.delivery import Delivery
from campaigns.ledger.retry import Decision
from campaigns.outcome import Outcome
from delivery.sending.attempt import Rendered
from delivery.sending.breaker import Breaker
from delivery.sending.gate import Gate
from delivery.sending.probe import Probe
from storage.errors import Damaged


class RunningCampaign:
    """A campaign that is being sent by this process.

    It goes on, or it is *held*: nothing new is claimed, and no request leaves. Only the methods
    below change its state, and they keep these rules:

    - a campaign that is stopped, given up, or has a fault that is not recorded yet, is held;
    - a campaign that is given up stays held: it is begun anew when it is repaired;
    - while a fault is not recorded, the campaign can't be resumed, and no second fault holds it;
    - a campaign that is resumed begins with a new breaker: earlier outcomes do not count;
    - a campaign that is probed sends a few deliveries and is held then; it has no new faults. When
      it is held, stopped or resumed, the probe is over;
    - ``in_flight`` is the number of deliveries claimed, less those settled.

    :param rendered: the campaign's messages.
    :param thanking: the messages of a correction for recipients who have acknowledged the original;
        None: nobody could.
    :param gate: holds back deliveries that are due; None: nothing does.
    :param ours: True while this process has the tenant's lease.
    :param open_now: its deliveries that are open; None: they are not counted yet.
    :param probe: the probe that it is sent for; None: it is sent to everyone.
    """

    def __init__(
        self,
        campaign: Campaign,
        rendered: Rendered,
        *,
        thanking: Rendered | None = None,
        gate: Gate | None = None,
        ours: Callable[[], bool] = lambda: True,
        open_now: int | None = None,
        probe: Probe | None = None,
    ) -> None:
        self.campaign = campaign
        self.rendered = rendered
        self.thanking = thanking
        self.gate = gate
        self._ours = ours
        self._held = False
        self._stopped = False
        self._faulted = False
        self._given_up: Damaged | None = None
        self._proof = asyncio.Event()
        self.rests_until = 0.0
        """Moment of the event loop before which nothing of it is claimed: the store has refused."""
        self._in_flight = 0
        self._acknowledged: set[str] = set()
        self._breaker = Breaker(open_now)
        self._probe = probe

    @property
    def key(self) -> CampaignKey:
        return self.campaign.key

    @property
    def held(self) -> bool:
        """True while it is paused, stopped, held for a fault, or given up to another process."""
        return self._held

    @property
    def stopped(self) -> bool:
        """True when the campaign was stopped: deliveries that come back unsent are cancelled."""
        return self._stopped

    @property
    def faulted(self) -> bool:
        """True while it is held for a fault that is not written down yet."""
        return self._faulted

    @property
    def given_up(self) -> Damaged | None:
        """The damage for which it was given up; None: it was not."""
        return self._given_up

    @property
    def in_flight(self) -> int:
        """Deliveries that are claimed and whose results are not durable yet."""
        return self._in_flight

    def may_leave(self) -> bool:
        """Returns True when a request may leave. Ask it right before the request leaves."""
        return not self._held and self._ours()

    def may_claim(self, most: int) -> int:
        """Returns how many deliveries may be claimed now, up to ``most``.

        The deliveries of a probe leave one by one: each may come into doubt.
        """
        if self._probe is None:
            return most
        return 0 if self._in_flight else min(1, self._probe.room, most)

    # --- the campaign

    def hold(self) -> None:
        """Holds the campaign: it was paused, or is given up to another process."""
        self._held = True
        self._end_probe()

    def stop(self) -> None:
        """Holds the campaign for good; deliveries that come back unsent are cancelled."""
        self._held = self._stopped = True
        self._end_probe()

    def resume(self) -> None:
        """Lets the campaign go on, unless a fault of it is not recorded yet.

        Until it is recorded, the status in the store is out of date.
        """
        if self._faulted or self._given_up is not None:
            return
        if self._held or self._probe is not None:
            self._breaker = Breaker()
        if self._probe is not None:
            # What has left of it is as good as any other delivery.
            self._probe.settle()
            self._probe = None
        self._held = self._stopped = False

    def give_up(self, damage: Damaged) -> None:
        """Holds the campaign for good, because something that it needs is damaged."""
        self._held = True
        self._end_probe()
        self._given_up = damage
        self._proof.set()

    def ended(self) -> None:
        """Notes that nothing more of it is sent by this process."""
        self._proof.set()
        if self._probe is not None:
            self._probe.settle()

    async def proven(self) -> None:
        """Waits until something of it was sent and written down, or it has ended here.

        Raises Damaged when it is given up.
        """
        await self._proof.wait()
        if self._given_up is not None:
            raise self._given_up

    def fault(self) -> bool:
        """Holds the campaign for a fault; returns False when it is held already, for any reason."""
        if self._held:
            return False
        self._held = self._faulted = True
        return True

    def fault_recorded(self) -> None:
        """Notes that the fault is written down, or that a person has paused or stopped it first."""
        self._faulted = False

    def expect(self, open_now: int) -> None:
        """Tells how many deliveries are open, if that was not known."""
        self._breaker.expect(open_now)

    @property
    def probe(self) -> Probe | None:
        """The probe that it is, or was, sent for; None: it is sent to everyone."""
        return self._probe

    def _end_probe(self) -> None:
        if self._probe is not None:
            self._probe.end()

    # --- its deliveries

    def observe(
        self, delivery: Delivery, outcome: Outcome, decision: Decision, now: datetime
    ) -> Fault | None:
        """Takes an outcome into account; returns the fault that it makes certain, if any.

        :param delivery: the delivery as it was before this attempt.
        """
        if self._probe is None:
            return self._breaker.observe(delivery, outcome, decision, now)
        self._probe.observe(delivery, outcome, decision, now)
        if not self._probe.room:
            self.hold()
        return None

    def left_out(self, deliveries: int) -> None:
        """Counts deliveries that have ended without a call to Teams, and so are no evidence."""
        self._breaker.left_out(deliveries)

    def claimed(self, deliveries: int) -> None:
        """Counts deliveries that are in flight from now on."""
        self._in_flight += deliveries

    def settled(self, deliveries: int) -> None:
        """Counts deliveries whose results have become durable."""
        self._in_flight -= deliveries
        self._proof.set()

    def acknowledged(self, recipient_ids: Collection[str]) -> None:
        """Notes recipients who have acknowledged the message that this campaign corrects."""
        self._acknowledged.update(recipient_ids)

    def rendered_for(self, recipient_id: str) -> Rendered:
        """Returns the messages for this recipient.

        Recipients who have acknowledged a message are not asked again when it is corrected.
        """
        if self.thanking is None or recipient_id not in self._acknowledged:
            return self.rendered
        return self.thanking
