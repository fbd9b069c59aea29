"""Documents with a revision in the PostgreSQL store: nobody's change is overwritten unseen.

``put`` writes the document. It returns False, and writes nothing, when the stored revision is not
the one before, or when the id of a new document is taken.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from storage.base.revisions import R, with_revision
from storage.errors import Conflict


async def add(document: R, put: Callable[[R], Awaitable[bool]]) -> R:
    """Keeps a new document; raises Conflict when there is one already."""
    kept = with_revision(document, 1)
    if not await put(kept):
        raise Conflict("There is one with this id already.")
    return kept


async def save(document: R, put: Callable[[R], Awaitable[bool]]) -> R:
    """Keeps a changed document; raises Conflict when it was changed or deleted since."""
    kept = with_revision(document, document.revision + 1)
    if not await put(kept):
        raise Conflict("It has been changed by someone else, or deleted.")
    return kept
