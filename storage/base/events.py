"""Events: what recipients do with a campaign's message."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from typing import Protocol

from campaigns.campaign import CampaignKey
from campaigns.feedback.events import Engagement, Event


class Events(Protocol):
    """Events of all campaigns: appended, never changed; all numbers are counted from them."""

    async def append(self, key: CampaignKey, events: Sequence[Event]) -> int:
        """Keeps those of these events that say anything new; returns how many.

        Drops events of people who are no recipients of the campaign, and what
        ``campaigns.feedback.events.fresh`` leaves out. Appending the same events again, as after an
        answer that was lost, keeps them once.
        """
        ...

    async def engagement(self, key: CampaignKey) -> Engagement:
        """Returns the numbers counted from the campaign's events."""
        ...

    async def by_recipient(
        self, key: CampaignKey, recipient_ids: Collection[str]
    ) -> Mapping[str, Sequence[Event]]:
        """Returns the events of each of these recipients, oldest first.

        Recipients without any are left out.
        Costs least for recipients that ``Ledger.rows`` or ``Ledger.page`` gave together.
        """
        ...

    def rows(self, key: CampaignKey) -> AsyncIterator[Sequence[Event]]:
        """Yields all events, also those of nobody, in chunks of at most about a thousand.

        Each person's events stand together, oldest first.
        """
        ...

    async def drop(self, key: CampaignKey) -> None:
        """Forgets all events of the campaign; ``Campaigns.delete`` does this, too.

        Call it after ``Ledger.drop``: a campaign without deliveries keeps no new events.
        """
        ...
