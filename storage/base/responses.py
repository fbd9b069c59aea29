"""Responses to surveys."""

from __future__ import annotations

import enum
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from datetime import date
from typing import Protocol

from campaigns.campaign import CampaignKey
from campaigns.surveys.answers import Response
from campaigns.surveys.results import Tally


class Recorded(enum.Enum):
    """What became of a response."""

    NEW = "new"
    CHANGED = "changed"
    KEPT = "kept"
    """The one that was there before stays."""
    ELSEWHERE = "elsewhere"
    """This person has answered, under another id; nothing was kept of this."""


class Responses(Protocol):
    """What was answered to a campaign's survey; and, apart from it, who has answered."""

    async def record(
        self, key: CampaignKey, recipient_id: str, response: Response, *, day: date, change: bool
    ) -> Recorded:
        """Keeps the response unless this person has answered before; then it takes the place of
        the one with its id, if ``change`` allows that.

        Nothing that is kept joins the response to the person, but for an id that is the person's.
        The same response may be recorded again, also after a crash in the middle: it is there once.
        """
        ...

    async def get(self, key: CampaignKey, response_id: str) -> Response | None: ...

    async def answered(self, key: CampaignKey, recipient_ids: Collection[str]) -> frozenset[str]:
        """Those of these people who have answered."""
        ...

    async def days(self, key: CampaignKey) -> Mapping[date, int]:
        """How many have answered first on each day, in the order of days."""
        ...

    async def tally(self, key: CampaignKey) -> Tally:
        """The counts of all responses, see ``campaigns.surveys.results``."""
        ...

    def people(self, key: CampaignKey) -> AsyncIterator[Sequence[str]]:
        """All who have answered, in chunks of at most about a thousand; for moving them out."""
        ...

    def rows(self, key: CampaignKey) -> AsyncIterator[Sequence[Response]]:
        """All responses, in chunks of at most about a thousand, in an order that says nothing."""
        ...

    async def drop(self, key: CampaignKey) -> None:
        """Forgets all of it."""
        ...
