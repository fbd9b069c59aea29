"""What the dispatcher has to know of a campaign that is being sent, besides its ledger."""

from __future__ import annotations

from collections.abc import Callable

from campaigns.campaign import Campaign, CampaignKey
from delivery.sending.attempt import Rendered
from delivery.sending.breaker import Breaker
from delivery.sending.gate import Gate


class RunningCampaign:
    """A campaign that is being sent: what the dispatcher has to know of it besides the ledger."""

    def __init__(
        self,
        campaign: Campaign,
        rendered: Rendered,
        *,
        thanking: Rendered | None = None,
        gate: Gate | None = None,
        ours: Callable[[], bool] = lambda: True,
    ) -> None:
        """``thanking``: for recipients who have confirmed what is corrected; None: nobody could.

        ``gate``: None: nothing holds back what is due. ``ours``: whether this process has the
        lease of the tenant just now.
        """
        self.campaign = campaign
        self.rendered = rendered
        self.thanking = thanking
        self.confirmed: set[str] = set()
        """Recipients claimed so far who have confirmed what is corrected."""
        self.gate = gate
        self._ours = ours
        self.in_flight = 0
        """Claimed, and their results not durable yet."""
        self.held = False
        """Paused or stopped, or given up to another process: nothing new is claimed."""
        self.faulted = False
        """Held for a fault, and that is not yet written down."""
        self.stopped = False
        """What comes back unsent is cancelled."""
        self.breaker = Breaker()

    @property
    def key(self) -> CampaignKey:
        return self.campaign.key

    def rendered_for(self, recipient_id: str) -> Rendered:
        """Who has confirmed a message is not asked for it again when it is corrected."""
        if self.thanking is None or recipient_id not in self.confirmed:
            return self.rendered
        return self.thanking

    def may_leave(self) -> bool:
        """Asked right before a request leaves."""
        return not self.held and self._ours()
