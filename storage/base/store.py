"""The store as a whole."""

from __future__ import annotations

from typing import Protocol

from campaigns.lists import DistributionList
from campaigns.surveys.survey import Survey
from campaigns.templates import Template
from storage.base.campaigns import Campaigns
from storage.base.events import Events
from storage.base.inbox import Inbox
from storage.base.leases import Leases
from storage.base.ledger import Ledger
from storage.base.named import Named
from storage.base.responses import Responses
from storage.base.secrets import Secrets
from storage.base.users import Users


class Store(Protocol):
    """Everything that the product remembers."""

    @property
    def users(self) -> Users: ...

    @property
    def campaigns(self) -> Campaigns: ...

    @property
    def lists(self) -> Named[DistributionList]: ...

    @property
    def templates(self) -> Named[Template]: ...

    @property
    def surveys(self) -> Named[Survey]: ...

    @property
    def responses(self) -> Responses: ...

    @property
    def ledger(self) -> Ledger: ...

    @property
    def events(self) -> Events: ...

    @property
    def secrets(self) -> Secrets: ...

    @property
    def leases(self) -> Leases: ...

    @property
    def inbox(self) -> Inbox: ...

    async def open(self) -> None:
        """Makes the store ready; raises StoreError when that fails."""
        ...

    async def close(self) -> None:
        """Finishes what is being written, and lets go of the files or connections."""
        ...

    async def check(self) -> None:
        """Raises StoreError when the store can't serve now; for readiness."""
        ...
