"""The Store protocols: what the product needs to remember, in the domain's own verbs.

Rules that every backend keeps, and the contract suite checks:

- When an ``await`` on a writing verb returns, the change is durable: it survives the loss of the
  process and of the machine's power.
- Everything is scoped by tenant: no verb sees another tenant's data.
- Documents carry a revision. ``add`` takes revision 0 and returns revision 1; ``save`` takes the
  revision that was read and returns the next one, or raises :class:`~storage.errors.Conflict`.
- Values handed out are immutable; changing one changes nothing in the store.
- Many coroutines may call at once.
"""

from __future__ import annotations

from storage.base.campaigns import Campaigns
from storage.base.events import Events
from storage.base.inbox import Inbox
from storage.base.leases import Leases, Standing
from storage.base.ledger import Ledger
from storage.base.lists import Lists
from storage.base.page import Page
from storage.base.responses import Recorded, Responses
from storage.base.secrets import Secrets
from storage.base.store import Store
from storage.base.surveys import Surveys
from storage.base.templates import Templates
from storage.base.users import Users

__all__ = [
    "Campaigns",
    "Events",
    "Inbox",
    "Leases",
    "Ledger",
    "Lists",
    "Page",
    "Recorded",
    "Responses",
    "Secrets",
    "Standing",
    "Store",
    "Surveys",
    "Templates",
    "Users",
]
