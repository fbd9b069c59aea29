"""Finds a draft and saves a change to it, for all steps of writing a campaign."""

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
    """Finds and saves the drafts that cards are about."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._store = context.store

    async def find(self, turn: Turn, action: actions.OnCampaign) -> Campaign:
        """Returns the draft as it is now.

        Raises NotPossible when it can't be changed any more.
        """
        draft = await self._context.find(turn, action)
        require_draft(draft)
        return draft

    async def saved(
        self, draft: Campaign, changed: Campaign, action: actions.OnCampaign
    ) -> Campaign | None:
        """Saves the change and returns it.

        A repeated press saves nothing more. Returns None when someone else has changed the draft
        since the card was shown.
        """
        if _same(draft, changed):
            return draft
        if action.revision != draft.revision:
            return None
        try:
            return await self._store.campaigns.save(changed)
        except Conflict:
            present = await self._store.campaigns.get(draft.key)
            # The same press may have come twice at once, and the other one has saved it.
            return present if present is not None and _same(present, changed) else None


def moved(draft: Campaign, action: actions.OnCampaign) -> Notice | None:
    """Returns a notice that the draft has changed since the card was shown, if it has."""
    return MOVED_ON if action.revision != draft.revision else None


def _same(first: Campaign, second: Campaign) -> bool:
    """True when both have the same in all parts that an author writes."""
    return _written(first) == _written(second)


def _written(campaign: Campaign) -> tuple[object, ...]:
    return (
        campaign.name,
        campaign.format,
        campaign.content,
        campaign.audience,
        campaign.draft.replaced,
    )
