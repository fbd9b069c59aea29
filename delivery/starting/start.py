"""The seam through which the scheduler and the reminders start campaigns."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Protocol

from campaigns.campaign import Campaign


class StartCampaign(Protocol):
    """How a campaign is started; the engine does it."""

    def __call__(
        self, campaign: Campaign, *, audience_name: str, sender_id: str, scheduled: bool = False
    ) -> Awaitable[Campaign]:
        """Starts sending the campaign, and returns it as it is then.

        Raises NotPossible when it was started before, Conflict when it was changed since.

        :param sender_id: the person who asked for it; empty: it is due by itself.
        :param scheduled: True when it starts by its schedule.
        """
        ...
