"""The shelf of scheduled campaigns."""

from __future__ import annotations

from campaigns.campaign import Campaign, Status
from campaigns.schedule import calendar
from cards.campaigns import calendar as cards
from cards.campaigns.shelf import PAGE
from cards.view import Notice
from dialogs.context import Context
from dialogs.paging import last_page
from dialogs.turn import Reply, Turn, show

_AROUND = 3 * PAGE
"""Number of campaigns checked for overlaps: those of the page, and of the pages around it."""


async def calendar_page(context: Context, turn: Turn, page: int, notice: Notice | None) -> Reply:
    """Shows scheduled campaigns, the next one first, and their overlaps at the allowed rate."""
    store = context.store
    first = max(0, page - 1) * PAGE
    scheduled = await store.campaigns.calendar(turn.tenant_id, offset=first, limit=_AROUND)
    if page and page * PAGE >= scheduled.total:
        # There are fewer than when the card was shown.
        return await calendar_page(context, turn, last_page(scheduled.total, PAGE), notice)
    sending = await store.campaigns.page(turn.tenant_id, (Status.SENDING,), offset=0, limit=_AROUND)
    reachable = {
        campaign.id: (await context.reach(campaign, turn.at)).reachable
        for campaign in scheduled.items
    }
    loads = [
        calendar.load(campaign.id, campaign.schedule, reachable[campaign.id], context.rate)
        for campaign in scheduled.items
        if campaign.schedule is not None
    ]
    loads += [await _under_way(context, campaign, turn) for campaign in sending.items]
    names = {campaign.id: campaign.name for campaign in (*scheduled.items, *sending.items)}
    overlaps = {
        campaign_id: [names[other_id] for other_id in other_ids]
        for campaign_id, other_ids in calendar.overlaps(loads, context.rate).items()
    }
    shown = scheduled.items[page * PAGE - first :][:PAGE]
    return show(
        cards.calendar(
            shown,
            page=page,
            total=scheduled.total,
            reachable=reachable,
            overlaps=overlaps,
            per_status=await store.campaigns.count(turn.tenant_id),
            zone=context.zone(turn.user),
            now=turn.at,
            notice=notice,
        )
    )


async def _under_way(context: Context, campaign: Campaign, turn: Turn) -> calendar.Load:
    """Returns the load that the rest of a campaign makes, which is being sent now."""
    left = (await context.store.ledger.counts(campaign.key)).open
    if campaign.schedule is not None and campaign.schedule.window is not None:
        return calendar.load(campaign.id, campaign.schedule, left, context.rate)
    return calendar.at_once(campaign.id, turn.at, left, context.rate)
