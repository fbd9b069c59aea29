"""The interface through which the scheduler and the reminders start campaigns."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Protocol

from campaigns.campaign import Campaign


class StartCampaign(Protocol):
    """Starts campaigns; the engine implements it."""

    def __call__(
        self, campaign: Campaign, *, sender_id: str, scheduled: bool = False
    ) -> Awaitable[Campaign]:
        """Starts sending the campaign, and returns it as it was saved.

        Raises NotPossible when it was started before, Conflict when it was changed since.

        :param sender_id: the person who asked for it; empty: it is due by itself.
        :param scheduled: True when it starts by its schedule.
        """
        ...
