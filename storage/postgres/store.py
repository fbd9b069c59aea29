"""The PostgreSQL store: for several processes on several machines, and for large tenants."""

from __future__ import annotations

from campaigns.lists import DistributionList
from campaigns.surveys.survey import Survey
from campaigns.templates import Template
from storage.errors import StoreError
from storage.postgres.campaigns import PostgresCampaigns
from storage.postgres.connection.database import Database
from storage.postgres.connection.rules import STANDARD, ConnectionRules
from storage.postgres.events import PostgresEvents
from storage.postgres.inbox import PostgresInbox
from storage.postgres.leases import PostgresLeases
from storage.postgres.ledger.ledger import PostgresLedger
from storage.postgres.migrations import migrate
from storage.postgres.named import PostgresNamed
from storage.postgres.responses import PostgresResponses
from storage.postgres.secrets import PostgresSecrets
from storage.postgres.users import PostgresUsers


class PostgresStore:
    """A store in the database at ``url`` (``postgresql://...``), alone in it or with others."""

    def __init__(self, url: str, rules: ConnectionRules = STANDARD) -> None:
        self._database = Database(url, rules)
        self.users = PostgresUsers(self._database)
        self.lists = PostgresNamed(self._database, "lists", DistributionList)
        self.templates = PostgresNamed(self._database, "templates", Template)
        self.surveys = PostgresNamed(self._database, "surveys", Survey)
        self.responses = PostgresResponses(self._database)
        self.ledger = PostgresLedger(self._database, settled_by=2 * rules.statement)
        self.campaigns = PostgresCampaigns(self._database, self.ledger)
        self.events = PostgresEvents(self._database)
        self.secrets = PostgresSecrets(self._database)
        self.leases = PostgresLeases(self._database)
        self.inbox = PostgresInbox(self._database)

    async def open(self) -> None:
        """Waits for the database, and sets up its schema.

        Raises Unavailable when the database can't be reached in time, and StoreError when it can't
        be used, such as one that a newer version has set up.
        """
        await self._database.open()
        try:
            await migrate(self._database)
        except StoreError:
            await self._database.close()
            raise
        self.ledger.open()

    async def close(self) -> None:
        """Waits for what is under way, and disconnects; does nothing when not open."""
        await self.ledger.close()
        await self._database.close()

    async def check(self) -> None:
        """Raises Unavailable unless the database answers and takes writes."""
        await self._database.check()
