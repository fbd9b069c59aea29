"""The calendar: scheduled campaigns, the next one first, with a warning when some would overlap."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from campaigns.campaign import Campaign, Status
from cards import actions
from cards import elements as ac
from cards.actions import Action
from cards.campaigns.shelf import PAGE, campaign_row, tabs
from cards.markdown import escape
from cards.paging import page_line, page_links
from cards.schedule_texts import planned, schedule_facts
from cards.texts import joined, people
from cards.view import Notice, View, link, small_line, text, view


def calendar(
    shown: Sequence[Campaign],
    *,
    page: int,
    total: int,
    reachable: Mapping[str, int],
    overlaps: Mapping[str, Sequence[str]],
    per_status: Mapping[Status, int],
    zone: ZoneInfo,
    now: datetime,
    notice: Notice | None = None,
) -> View:
    """Returns one page of the scheduled campaigns.

    :param reachable: the number of people whom each campaign would reach now, by campaign id.
    :param overlaps: the names of the campaigns with which each campaign would overlap at the
        allowed rate, by campaign id.
    :param per_status: the number of campaigns in each status.
    """
    body: list[ac.Element] = [tabs("scheduled", per_status)]
    body += [
        _row(
            campaign,
            reachable.get(campaign.id, 0),
            overlaps.get(campaign.id, ()),
            zone=zone,
            now=now,
        )
        for campaign in shown
    ]
    if not total:
        body.append(
            text("Nothing is scheduled. Finish a draft and press **Send later**.", subtle=True)
        )

    def turn_to(number: int) -> Action:
        return actions.OpenCampaigns(shelf="scheduled", page=number)

    return view(
        "Campaigns",
        [*body, *page_line(page, PAGE, total)],
        notice=notice,
        actions=[
            *page_links(page, PAGE, total, turn_to, previous="Earlier", following="Later"),
            link("New campaign", actions.OpenNewCampaign(), main=not total),
            link("Back", actions.OpenHome()),
        ],
    )


def _row(
    campaign: Campaign, reachable: int, overlaps: Sequence[str], *, zone: ZoneInfo, now: datetime
) -> ac.Element:
    schedule = campaign.schedule
    assert schedule is not None
    lines = [small_line(f"{escape(planned(schedule.at, zone, now))} · {people(reachable)}")]
    lines += [small_line(f"{fact.title}: {fact.value}") for fact in schedule_facts(schedule)]
    if overlaps:
        names = joined([f"“{escape(name)}”" for name in overlaps])
        lines.append(
            ac.TextBlock(
                f"⚠ Meets {names} at the rate that Teams allows: both take longer.",
                color="warning",
                size="small",
                spacing="none",
                wrap=True,
            )
        )
    return campaign_row(campaign, lines)
