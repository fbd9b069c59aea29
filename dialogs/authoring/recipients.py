"""Step 4 of writing a campaign: its recipients."""

from __future__ import annotations

from campaigns import drafting
from campaigns.audience import AllUsers, Audience, ListAudience, WaitingAudience
from campaigns.campaign import Campaign
from campaigns.refusals.authoring import AuthoringRefusal
from cards import actions
from cards.authoring import basics as cards
from cards.refusals.words import in_words
from cards.view import Errors, Notice
from dialogs.authoring.content_steps import ContentSteps
from dialogs.authoring.drafts import CLASH, SAVED, Drafts, moved
from dialogs.context import Context
from dialogs.lists import new_list_form
from dialogs.paging import page_or_last
from dialogs.routes import Routes
from dialogs.turn import Reply, Turn, show
from storage.base import Store


class RecipientsDialog:
    """Asks for the audience of a campaign, and saves it."""

    def __init__(self, context: Context, drafts: Drafts, steps: ContentSteps) -> None:
        self._context = context
        self._drafts = drafts
        self._steps = steps
        self._store = context.store

    def routes(self) -> Routes:
        return {
            actions.OpenRecipients: self.open,
            actions.SaveRecipients: self.save,
        }

    async def open(self, turn: Turn, action: actions.OpenRecipients) -> Reply:
        draft = await self._drafts.find(turn, action)
        return await recipients_step(
            self._store, draft, page=action.page, notice=moved(draft, action)
        )

    async def save(self, turn: Turn, action: actions.SaveRecipients) -> Reply:
        draft = await self._drafts.find(turn, action)
        chosen = action.audience
        if chosen == "new" and action.then == "next":
            return new_list_form(draft.id, draft.revision)
        if chosen not in ("", "new"):
            audience = await self._audience(turn, draft, chosen)
            if audience is None:
                errors = {"audience": in_words(AuthoringRefusal.LIST_GONE)}
                return await recipients_step(self._store, draft, chosen="", errors=errors)
            changed = drafting.target(draft, audience, turn.at)
            saved = await self._drafts.saved(draft, changed, action)
            if saved is None:
                draft = await self._drafts.find(turn, action)
                return await recipients_step(self._store, draft, chosen=chosen, notice=CLASH)
            draft = saved
        elif action.then == "next":
            errors = {"audience": in_words(AuthoringRefusal.NO_AUDIENCE)}
            return await recipients_step(self._store, draft, errors=errors)
        if action.then == "back":
            return self._steps.preview(turn, draft)
        return await self._context.present(turn, draft, SAVED if action.then == "draft" else None)

    async def _audience(self, turn: Turn, draft: Campaign, chosen: str) -> Audience | None:
        """Returns the chosen audience; None when its list has been deleted."""
        if chosen == "all":
            return AllUsers()
        if chosen == cards.WAITING and isinstance(draft.audience, WaitingAudience):
            return draft.audience
        list_id = chosen.removeprefix("list:")
        if await self._store.lists.get(turn.tenant_id, list_id) is None:
            return None
        return ListAudience(list_id)


async def recipients_step(
    store: Store,
    draft: Campaign,
    *,
    page: int = 0,
    chosen: str | None = None,
    errors: Errors | None = None,
    notice: Notice | None = None,
) -> Reply:
    """Offers all users, and a page of the tenant's lists. The chosen list is on every page.

    :param chosen: the choice on the card; None: the draft's own audience.
    """
    chosen = cards.chosen(draft) if chosen is None else chosen
    offered, page = await page_or_last(
        lambda offset: store.lists.page(draft.tenant_id, offset=offset, limit=cards.LISTS_PAGE),
        page,
        cards.LISTS_PAGE,
    )
    lists = list(offered.items)
    list_id = chosen.removeprefix("list:")
    if list_id != chosen and all(distribution_list.id != list_id for distribution_list in lists):
        elsewhere = await store.lists.get(draft.tenant_id, list_id)
        if elsewhere is not None:
            lists.insert(0, elsewhere)
        else:
            chosen, errors = "", errors or {"audience": in_words(AuthoringRefusal.LIST_GONE)}
    view = cards.recipients(
        draft,
        reachable=await store.users.count_reachable(draft.tenant_id),
        lists=lists,
        page=page,
        total=offered.total,
        chosen=chosen,
        errors=errors or {},
        notice=notice,
    )
    return show(view)
