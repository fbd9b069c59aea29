"""The surveys of a tenant, a page at a time; with a campaign, to choose one for it."""

from __future__ import annotations

from cards.surveys import shelf as cards
from cards.view import Notice
from dialogs.turn import Reply, show
from storage.base import Store


async def survey_shelf(
    store: Store,
    tenant_id: str,
    *,
    page: int = 0,
    campaign: str = "",
    campaign_revision: int = 0,
    notice: Notice | None = None,
) -> Reply:
    """That page; the last one, when there are not so many any more."""
    found = await store.surveys.page(tenant_id, offset=page * cards.PAGE, limit=cards.PAGE)
    if page and not found.items:
        page = max(0, (found.total - 1) // cards.PAGE)
        found = await store.surveys.page(tenant_id, offset=page * cards.PAGE, limit=cards.PAGE)
    view = cards.surveys(
        found.items,
        page=page,
        total=found.total,
        campaign=campaign,
        campaign_revision=campaign_revision,
        notice=notice,
    )
    return show(view)
