"""The step on which a draft's recipients are chosen: what can be, now."""

from __future__ import annotations

from campaigns.campaign import Campaign
from campaigns.refusals.authoring import AuthoringRefusal
from cards.authoring import basics as authoring
from cards.refusals.words import in_words
from cards.view import Errors, Notice
from dialogs.turn import Reply, show
from storage.base import Store


async def recipients_step(
    store: Store,
    draft: Campaign,
    *,
    page: int = 0,
    chosen: str | None = None,
    errors: Errors | None = None,
    notice: Notice | None = None,
) -> Reply:
    """Everyone, and a page of the tenant's lists; the chosen one is on every page.

    :param chosen: what was chosen on the card; None: what the draft has.
    """
    chosen = authoring.chosen(draft) if chosen is None else chosen
    size = authoring.LISTS_PAGE
    offered = await store.lists.page(draft.tenant_id, offset=page * size, limit=size)
    if page and not offered.items:
        # There are fewer lists than when the card was shown.
        page = max(0, (offered.total - 1) // size)
        offered = await store.lists.page(draft.tenant_id, offset=page * size, limit=size)
    lists = list(offered.items)
    list_id = chosen.removeprefix("list:")
    if list_id != chosen and all(of.id != list_id for of in lists):
        elsewhere = await store.lists.get(draft.tenant_id, list_id)
        if elsewhere is not None:
            lists.insert(0, elsewhere)
        else:
            chosen, errors = "", errors or {"audience": in_words(AuthoringRefusal.LIST_GONE)}
    view = authoring.recipients(
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
