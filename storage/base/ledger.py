"""The ledger: deliveries, before and after each send."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from campaigns.campaign import CampaignKey
from campaigns.delivery import Claim, Delivery
from campaigns.outcome import Reason
from campaigns.report import Counts, Result
from storage.base.page import Page


class Ledger(Protocol):
    """The durable record of deliveries, written before and after each send."""

    async def freeze(self, key: CampaignKey, deliveries: Sequence[Delivery]) -> int:
        """Adds those deliveries whose recipient the campaign does not have yet; says how many.

        Repeating it, whole or in part, changes nothing: that makes a launch that was cut in half
        safe to do again.
        """
        ...

    async def claim(
        self, key: CampaignKey, claim: Claim, *, now: datetime, limit: int
    ) -> Sequence[Delivery]:
        """Takes up to ``limit`` due deliveries, the earliest due first (about), for this claim's
        owner.

        Nobody else gets them. Durable before it returns: send only what it returned.
        """
        ...

    async def due(self, key: CampaignKey, *, now: datetime, limit: int) -> Sequence[str]:
        """The recipients of up to ``limit`` due deliveries, about those that are claimed next."""
        ...

    async def settle(self, key: CampaignKey, deliveries: Sequence[Delivery]) -> None:
        """Keeps these rows as they are given, in place of the claimed ones."""
        ...

    async def abandoned(
        self, key: CampaignKey, now: datetime, *, holder: str | None = None
    ) -> Sequence[Delivery]:
        """Deliveries claimed by someone who is gone: the claim's time has passed, or its owner is
        known not to exist any more.

        Their fate is not known.

        :param holder: who has the lease of the campaign's tenant, and so is the only one who may be
            sending: the claims of all others have lapsed with theirs. Without effect when somebody
            else has it meanwhile.
        """
        ...

    async def cancel(self, key: CampaignKey, now: datetime) -> int:
        """Cancels what is pending (not what is claimed); says how many."""
        ...

    async def resend_in_doubt(self, key: CampaignKey, now: datetime) -> int:
        """Makes the deliveries in doubt due again; says how many."""
        ...

    async def retry_failed(
        self, key: CampaignKey, reasons: Collection[Reason], now: datetime
    ) -> int:
        """Makes the deliveries that failed for one of these reasons due again; says how many."""
        ...

    async def counts(self, key: CampaignKey) -> Counts:
        """The counts by result; costs the same for small and large campaigns."""
        ...

    async def next_due(self, key: CampaignKey) -> datetime | None:
        """When the earliest pending delivery is due; None when none is pending."""
        ...

    async def page(
        self, key: CampaignKey, result: Result, *, offset: int, limit: int
    ) -> Page[Delivery]:
        """The deliveries that count under this result, in the order in which they were frozen."""
        ...

    async def search(
        self, key: CampaignKey, result: Result, text: str, *, offset: int, limit: int
    ) -> Page[Delivery]:
        """As ``page``, of those whose name or address has this text in it; case does not matter.

        Goes through all of that result, so it costs in proportion to their number.
        """
        ...

    async def get_many(
        self, key: CampaignKey, recipient_ids: Collection[str]
    ) -> Mapping[str, Delivery]:
        """The deliveries to those of these recipients who have one, by recipient."""
        ...

    async def find(self, key: CampaignKey, recipient_id: str) -> Delivery | None:
        """The delivery to this recipient; None when the campaign has none."""
        ...

    def rows(self, key: CampaignKey) -> AsyncIterator[Sequence[Delivery]]:
        """All deliveries, in an order of the store's own, in chunks (at most about a thousand
        each), for streaming through many.
        """
        ...

    async def timeline(self, key: CampaignKey, step: timedelta) -> Mapping[datetime, int]:
        """How many were sent in each step of time (counted from 1970, whole seconds), by the
        step's beginning; steps in which none were are left out.
        """
        ...

    async def drop(self, key: CampaignKey) -> None:
        """Forgets all deliveries of the campaign."""
        ...
