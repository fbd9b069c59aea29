"""The shelf of what is scheduled."""

from __future__ import annotations

from campaigns.campaign import Campaign, Status
from campaigns.schedule import calendar
from cards.campaigns import calendar as cards
from cards.campaigns.shelf import PAGE
from cards.view import Notice
from dialogs.context import Context
from dialogs.turn import Reply, Turn, show

_AROUND = 3 * PAGE
"""Campaigns among which is looked for those that meet: on the page, before and after it."""


async def calendar_page(context: Context, turn: Turn, page: int, notice: Notice | None) -> Reply:
    """What is scheduled, the next first, with what would meet at the allowed rate."""
    store = context.store
    first = max(0, page - 1) * PAGE
    found = await store.campaigns.calendar(turn.tenant_id, offset=first, limit=_AROUND)
    if page and page * PAGE >= found.total:
        # There are fewer than when the card was shown.
        return await calendar_page(context, turn, max(0, (found.total - 1) // PAGE), notice)
    sending = await store.campaigns.page(turn.tenant_id, (Status.SENDING,), offset=0, limit=_AROUND)
    names = {of.id: of.name for of in (*found.items, *sending.items)}
    reachable = {of.id: (await context.reach(of, turn.at)).reachable for of in found.items}
    loads = [
        calendar.load(of.id, of.schedule, reachable[of.id], context.rate)
        for of in found.items
        if of.schedule is not None
    ]
    loads += [await _under_way(context, of, turn) for of in sending.items]
    meets = {
        campaign_id: [names[other] for other in others]
        for campaign_id, others in calendar.meetings(loads, context.rate).items()
    }
    shown = found.items[page * PAGE - first :][:PAGE]
    return show(
        cards.calendar(
            shown,
            page=page,
            total=found.total,
            reachable=reachable,
            meets=meets,
            per_status=await store.campaigns.count(turn.tenant_id),
            zone=context.zone(turn.user),
            now=turn.at,
            notice=notice,
        )
    )


async def _under_way(context: Context, campaign: Campaign, turn: Turn) -> calendar.Load:
    left = (await context.store.ledger.counts(campaign.key)).open
    if campaign.schedule is not None and campaign.schedule.window is not None:
        return calendar.load(campaign.id, campaign.schedule, left, context.rate)
    return calendar.at_once(campaign.id, turn.at, left, context.rate)
