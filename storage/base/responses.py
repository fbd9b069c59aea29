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
    """The effect of recording a response."""

    NEW = "new"
    CHANGED = "changed"
    KEPT = "kept"
    """The response that was there before stays."""
    ELSEWHERE = "elsewhere"
    """The person has answered before, under another id; nothing of this response was kept."""


class Responses(Protocol):
    """Responses to campaigns' surveys and, apart from them, the people who have answered."""

    async def record(
        self, key: CampaignKey, recipient_id: str, response: Response, *, day: date, change: bool
    ) -> Recorded:
        """Keeps the response when this person has not answered before.

        A person's second response replaces the one with the same id when ``change`` is true.
        Nothing that is kept links a response to a person, unless its id is the person's. Recording
        the same response again, also after a crash in the middle, keeps it once.
        """
        ...

    async def get(self, key: CampaignKey, response_id: str) -> Response | None: ...

    async def answered(self, key: CampaignKey, recipient_ids: Collection[str]) -> frozenset[str]:
        """Returns those of these people who have answered."""
        ...

    async def days(self, key: CampaignKey) -> Mapping[date, int]:
        """Returns how many people first answered on each day, in the order of days."""
        ...

    async def tally(self, key: CampaignKey) -> Tally:
        """Returns the counts of all responses; see ``campaigns.surveys.results``."""
        ...

    def people(self, key: CampaignKey) -> AsyncIterator[Sequence[str]]:
        """Yields the people who have answered, in chunks like :meth:`rows`; for moving out."""
        ...

    def rows(self, key: CampaignKey) -> AsyncIterator[Sequence[Response]]:
        """Yields all responses, in chunks of at most about a thousand.

        Their order tells nothing about the people.
        """
        ...

    async def drop(self, key: CampaignKey) -> None:
        """Forgets all responses, and the people who have answered.

        ``Campaigns.delete`` does this, too.
        """
        ...
