"""The surveys of a tenant, a page at a time."""

from __future__ import annotations

from cards.surveys import shelf as cards
from cards.view import Notice
from dialogs.paging import page_or_last
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
    """Shows this page, or the last one when there are fewer pages now.

    :param campaign: the id of the campaign to choose a survey for; empty: none.
    """
    surveys, page = await page_or_last(
        lambda offset: store.surveys.page(tenant_id, offset=offset, limit=cards.PAGE),
        page,
        cards.PAGE,
    )
    view = cards.surveys(
        surveys.items,
        page=page,
        total=surveys.total,
        campaign=campaign,
        campaign_revision=campaign_revision,
        notice=notice,
    )
    return show(view)
