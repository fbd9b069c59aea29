"""The store as a whole."""

from __future__ import annotations

from typing import Protocol

from storage.base.campaigns import Campaigns
from storage.base.events import Events
from storage.base.inbox import Inbox
from storage.base.leases import Leases
from storage.base.ledger import Ledger
from storage.base.lists import Lists
from storage.base.responses import Responses
from storage.base.secrets import Secrets
from storage.base.surveys import Surveys
from storage.base.templates import Templates
from storage.base.users import Users


class Store(Protocol):
    """All of it."""

    @property
    def users(self) -> Users: ...

    @property
    def campaigns(self) -> Campaigns: ...

    @property
    def lists(self) -> Lists: ...

    @property
    def templates(self) -> Templates: ...

    @property
    def surveys(self) -> Surveys: ...

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
        """Makes it ready; raises StoreError when it can't be."""
        ...

    async def close(self) -> None:
        """Finishes what is being written and lets go."""
        ...

    async def check(self) -> None:
        """Raises StoreError when it can't serve now (for readiness)."""
        ...
