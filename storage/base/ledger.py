"""The ledger: deliveries, before and after each send."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from campaigns.campaign import CampaignKey
from campaigns.delivery import Claim, Delivery
from campaigns.ledger.retry import RetryRules
from campaigns.outcome import Reason
from campaigns.report import Counts, Result
from storage.base.page import Page


class Ledger(Protocol):
    """The durable record of deliveries, written before and after each send."""

    async def freeze(self, key: CampaignKey, deliveries: Sequence[Delivery]) -> int:
        """Adds the deliveries whose recipients the campaign does not have yet; returns how many.

        Repeating it, whole or in part, changes nothing. So a launch that was cut in half is safe to
        do again.
        """
        ...

    async def claim(
        self, key: CampaignKey, claim: Claim, *, now: datetime, limit: int
    ) -> Sequence[Delivery]:
        """Claims up to ``limit`` due deliveries for the claim's owner, roughly the earliest first.

        Nobody else gets them. The claim is durable before this returns: send only what it returned.
        A call that raises has claimed nothing that lasts: what it may have claimed all the same is
        given back by the store before anything else is claimed.

        Rows that are not understood are left alone while there are others. Raises Damaged, with
        their recipients, when only such rows are due.
        """
        ...

    async def due(self, key: CampaignKey, *, now: datetime, limit: int) -> Sequence[str]:
        """Returns the recipients of up to ``limit`` due deliveries, roughly those claimed next."""
        ...

    async def settle(self, key: CampaignKey, deliveries: Sequence[Delivery]) -> frozenset[str]:
        """Keeps these results, each in place of the claim that it is the result of.

        A result belongs to the claim with the same number (:attr:`Delivery.claims`). A row whose
        present claim is another one, or that is not claimed any more, is left alone. So it is safe
        to settle again when nobody knows whether the first try was written.

        Returns the recipients whose rows are as given now, whether this call or an earlier one has
        written them.
        """
        ...

    async def abandoned(
        self, key: CampaignKey, now: datetime, *, holder: str | None = None
    ) -> Sequence[Delivery]:
        """Returns deliveries whose claim has run out, or whose owner certainly exists no more.

        Nobody knows whether they were sent.

        Rows that are not understood are left out while there are others. Raises Damaged, with
        their recipients, when there are only such rows.

        :param holder: the owner of the lease of the campaign's tenant. Only this owner may be
            sending, so the claims of all others have lapsed with their leases. Without effect when
            somebody else has the lease by now.
        """
        ...

    async def cancel(self, key: CampaignKey, now: datetime) -> int:
        """Cancels the pending deliveries, not the claimed ones; returns how many.

        May raise Damaged when it has cancelled all that are understood.

        Repeating this, or either of the next two, changes nothing more as long as nothing was
        claimed in between.
        """
        ...

    async def resend_in_doubt(self, key: CampaignKey) -> int:
        """Makes the deliveries in doubt due at once; returns how many."""
        ...

    async def retry_failed(self, key: CampaignKey, reasons: Collection[Reason]) -> int:
        """Makes the deliveries that failed for these reasons due at once; returns how many."""
        ...

    async def redate(self, key: CampaignKey, now: datetime, rules: RetryRules | None) -> int:
        """Makes deliveries due at once whose due time was set by a clock that was wrong.

        Returns how many. :func:`campaigns.ledger.ledger.is_misdated` says which ones they are.
        Repeating it does no harm.

        :param rules: bounds of the waits between two tries; None when a schedule holds the
            campaign's deliveries back.
        """
        ...

    async def counts(self, key: CampaignKey) -> Counts:
        """Returns the counts by result. Costs the same for small campaigns and large ones."""
        ...

    async def next_due(self, key: CampaignKey) -> datetime | None:
        """Returns the time when the first pending delivery is due; None when none is pending."""
        ...

    async def page(
        self, key: CampaignKey, result: Result, *, offset: int, limit: int
    ) -> Page[Delivery]:
        """Returns the deliveries with this result, in the order in which they were frozen."""
        ...

    async def search(
        self, key: CampaignKey, result: Result, text: str, *, offset: int, limit: int
    ) -> Page[Delivery]:
        """Returns the deliveries with this result whose name or address contains the text.

        Case does not matter. Reads all deliveries with the result, and so costs in proportion to
        their number.
        """
        ...

    async def get_many(
        self, key: CampaignKey, recipient_ids: Collection[str]
    ) -> Mapping[str, Delivery]:
        """Returns the deliveries to these recipients, by recipient, if they have one.

        Raises Damaged, with the recipients of all of them that are not understood: the others can
        be asked for again.
        """
        ...

    async def find(self, key: CampaignKey, recipient_id: str) -> Delivery | None:
        """Returns the delivery to this recipient; None when the campaign has none."""
        ...

    def rows(self, key: CampaignKey) -> AsyncIterator[Sequence[Delivery]]:
        """Yields all deliveries, in an order of the store's own, for streaming through many.

        They come in chunks of at most about a thousand. Rows that are not understood are left out,
        and logged; so they are on pages, and in what :meth:`search` finds.
        """
        ...

    async def timeline(self, key: CampaignKey, step: timedelta) -> Mapping[datetime, int]:
        """Returns how many were sent in each step of time, by the step's beginning.

        Steps are whole seconds, counted from 1970; a step in which none were sent is left out.
        """
        ...

    async def drop(self, key: CampaignKey) -> None:
        """Forgets all deliveries of the campaign; ``Campaigns.delete`` does this, too."""
        ...
