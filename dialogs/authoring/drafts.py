"""What all steps of writing share: the draft as it is now, and keeping a change of it once."""

from __future__ import annotations

from campaigns.campaign import Campaign
from campaigns.lifecycle import require_draft
from cards import actions
from cards.view import Notice
from dialogs.context import MOVED_ON, Context
from dialogs.turn import Turn
from storage.errors import Conflict

SAVED = Notice("Draft saved.")
CLASH = Notice(
    "Someone else changed this draft in the meantime. What you typed is kept below; "
    "press the button again to save it in place of the other version.",
    "warning",
)


class Drafts:
    """The drafts that cards are about."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._store = context.store

    async def find(self, turn: Turn, action: actions.OnCampaign) -> Campaign:
        """The draft as it is now.

        Raises NotPossible when it can't be changed any more.
        """
        found = await self._context.find(turn, action)
        require_draft(found)
        return found

    async def saved(
        self, draft: Campaign, changed: Campaign, action: actions.OnCampaign
    ) -> Campaign | None:
        """The saved change; None when someone else changed the draft since the card was shown."""
        if _same(draft, changed):
            return draft
        if action.revision != draft.revision:
            return None
        try:
            return await self._store.campaigns.save(changed)
        except Conflict:
            now = await self._store.campaigns.get(draft.key)
            # The same press, twice at once: the other one has saved it.
            return now if now is not None and _same(now, changed) else None


def moved(draft: Campaign, action: actions.OnCampaign) -> Notice | None:
    """Says that the draft is not any more as the card showed it, when that is so."""
    return MOVED_ON if action.revision != draft.revision else None


def _same(one: Campaign, other: Campaign) -> bool:
    """Whether nothing that an author writes is different."""
    return (one.name, one.format, one.content, one.audience, one.draft.replaced) == (
        other.name,
        other.format,
        other.content,
        other.audience,
        other.draft.replaced,
    )
