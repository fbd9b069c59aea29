"""What the dispatcher has to know of a campaign that is being sent, besides its ledger."""

from __future__ import annotations

from campaigns.campaign import Campaign, CampaignKey
from delivery.attempt import Rendered
from delivery.breaker import Breaker


class Sending:
    """A campaign that is being sent: what the dispatcher has to know of it besides the ledger."""

    def __init__(self, campaign: Campaign, rendered: Rendered) -> None:
        self.campaign = campaign
        self.rendered = rendered
        self.in_flight = 0
        """Claimed, and their results not durable yet."""
        self.held = False
        """Paused or stopped: nothing new is claimed."""
        self.stopped = False
        """What comes back unsent is cancelled."""
        self.breaker = Breaker()

    @property
    def key(self) -> CampaignKey:
        return self.campaign.key
