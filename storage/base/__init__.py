"""The Store protocols: everything that the product remembers, in the domain's own verbs.

Every backend keeps these rules, and the contract suite checks them:

- When an ``await`` on a writing verb returns, the change is durable: it survives the loss of the
  process and of the machine's power.
- Everything is scoped by tenant: no verb sees another tenant's data.
- Documents carry a revision. ``add`` takes revision 0 and returns revision 1; ``save`` takes the
  revision that was read and returns the next one, or raises :class:`~storage.errors.Conflict`.
- Values handed out are immutable; changing one changes nothing in the store.
- Many coroutines may call at once.
- When a writing verb raises, its change has not happened, or nobody knows whether it has. It is
  safe to repeat: the end is the same as if the first call had served. (Where the change had
  happened, a repeated ``add`` or ``save`` of a document raises ``Conflict``.)
- Damage is named: :class:`~storage.errors.Damaged` tells the file, or the table and the row.
"""

from __future__ import annotations

from storage.base.campaigns import Campaigns
from storage.base.events import Events
from storage.base.inbox import Inbox
from storage.base.leases import Leases, Standing
from storage.base.ledger import Ledger
from storage.base.named import Named, NamedDocument
from storage.base.page import Page
from storage.base.responses import Recorded, Responses
from storage.base.secrets import Secrets
from storage.base.store import Store
from storage.base.users import Users

__all__ = [
    "Campaigns",
    "Events",
    "Inbox",
    "Leases",
    "Ledger",
    "Named",
    "NamedDocument",
    "Page",
    "Recorded",
    "Responses",
    "Secrets",
    "Standing",
    "Store",
    "Users",
]
