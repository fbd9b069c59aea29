"""What people do with what they were sent."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from typing import Protocol

from campaigns.campaign import CampaignKey
from campaigns.feedback.events import Engagement, Event


class Events(Protocol):
    """What people do with what they were sent: appended, never changed, and counted from there."""

    async def append(self, key: CampaignKey, events: Sequence[Event]) -> int:
        """Keeps those of these events that say anything new; says how many.

        Of somebody who is no recipient of the campaign, and beyond ``events.PER_PERSON`` of one
        person, nothing is kept.
        """
        ...

    async def engagement(self, key: CampaignKey) -> Engagement:
        """What is counted from the campaign's events."""
        ...

    async def of(
        self, key: CampaignKey, recipient_ids: Collection[str]
    ) -> Mapping[str, Sequence[Event]]:
        """The events of those of these recipients who have any, oldest first.

        Costs least for recipients that ``Ledger.rows`` or ``Ledger.page`` gave together.
        """
        ...

    def rows(self, key: CampaignKey) -> AsyncIterator[Sequence[Event]]:
        """All events, those included that are nobody's, in chunks of at most about a thousand;
        each person's stand together, oldest first.
        """
        ...

    async def drop(self, key: CampaignKey) -> None:
        """Forgets all events of the campaign. Call it after ``Ledger.drop``: a campaign without
        deliveries keeps no new ones.
        """
        ...
