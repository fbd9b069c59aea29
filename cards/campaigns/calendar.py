"""The calendar: what is to be sent by itself, the next first, and what would meet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from campaigns.campaign import Campaign, Status
from cards import actions
from cards import elements as ac
from cards.campaigns.shelf import PAGE, line, row, tabs
from cards.markdown import escape
from cards.texts import people
from cards.times import facts, listed, planned
from cards.view import Notice, View, link, paged, text, view


def calendar(
    shown: Sequence[Campaign],
    *,
    page: int,
    total: int,
    reachable: Mapping[str, int],
    meets: Mapping[str, Sequence[str]],
    per_status: Mapping[Status, int],
    zone: ZoneInfo,
    now: datetime,
    notice: Notice | None = None,
) -> View:
    """One page of what is scheduled.

    :param reachable: to how many people each goes as it is now, by its id.
    :param meets: the names of what each meets at the allowed rate, by its id.
    """
    body: list[ac.Element] = [tabs("scheduled", per_status)]
    body += [
        _row(of, reachable.get(of.id, 0), meets.get(of.id, ()), zone=zone, now=now) for of in shown
    ]
    if not total:
        body.append(
            text("Nothing is scheduled. Finish a draft and press **Send later**.", subtle=True)
        )
    pages: list[ac.CardAction] = []
    if total > PAGE:
        body.append(text(paged(page, PAGE, total), subtle=True, small=True))
        if page:
            pages.append(link("Earlier", actions.OpenCampaigns(shelf="scheduled", page=page - 1)))
        if (page + 1) * PAGE < total:
            pages.append(link("Later", actions.OpenCampaigns(shelf="scheduled", page=page + 1)))
    return view(
        "Campaigns",
        body,
        notice=notice,
        actions=[
            *pages,
            link("New campaign", actions.OpenNewCampaign(), main=not total),
            link("Back", actions.OpenHome()),
        ],
    )


def _row(
    campaign: Campaign, reachable: int, meets: Sequence[str], *, zone: ZoneInfo, now: datetime
) -> ac.Element:
    of = campaign.schedule
    assert of is not None
    lines = [line(f"{escape(planned(of.at, zone, now))} · {people(reachable)}")]
    lines += [line(f"{title}: {escape(value)}") for title, value in facts(of)]
    if meets:
        names = listed([f"“{escape(name)}”" for name in meets])
        lines.append(
            ac.TextBlock(
                f"⚠ Meets {names} at the rate that Teams allows: both take longer.",
                color="warning",
                size="small",
                spacing="none",
                wrap=True,
            )
        )
    return row(campaign, lines)
