"""The card with the campaigns of a tenant, on four shelves by their status."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from zoneinfo import ZoneInfo

from campaigns.campaign import Campaign, Status
from cards import actions
from cards import elements as ac
from cards.actions import Action, Shelf
from cards.markdown import escape
from cards.paging import page_line, page_links
from cards.purpose_texts import campaign_kind, campaign_status, campaign_title, sent_verb
from cards.texts import FORMATS, people, when
from cards.view import (
    Notice,
    View,
    link,
    list_row,
    show_campaign,
    small_line,
    text,
    view,
)

PAGE = 6
"""Campaigns on a page."""

SHELVES: dict[Shelf, tuple[str, tuple[Status, ...]]] = {
    "drafts": ("Drafts", (Status.DRAFT,)),
    "scheduled": ("Scheduled", (Status.SCHEDULED,)),
    "sending": ("Sending", (Status.SENDING, Status.PAUSED)),
    "completed": ("Completed", (Status.COMPLETED, Status.STOPPED)),
}

_EMPTY: dict[Shelf, str] = {
    "drafts": "There are no drafts. Start a new campaign, or clone one that was sent.",
    "scheduled": "Nothing is scheduled.",
    "sending": "Nothing is being sent just now.",
    "completed": "Nothing has been sent yet. Finish a draft and press Send now.",
}


def campaigns(
    shelf: Shelf,
    shown: Sequence[Campaign],
    *,
    page: int,
    total: int,
    per_status: Mapping[Status, int],
    zone: ZoneInfo,
    notice: Notice | None = None,
) -> View:
    """Returns one page of a shelf, the newest campaign first.

    :param per_status: the number of campaigns in each status.
    """
    body: list[ac.Element] = [tabs(shelf, per_status)]
    body += [campaign_row(campaign, [small_line(_line(campaign, zone))]) for campaign in shown]
    if not total:
        body.append(text(_EMPTY[shelf], subtle=True))

    def turn_to(number: int) -> Action:
        return actions.OpenCampaigns(shelf=shelf, page=number)

    return view(
        "Campaigns",
        [*body, *page_line(page, PAGE, total)],
        notice=notice,
        actions=[
            *page_links(page, PAGE, total, turn_to, previous="Newer", following="Older"),
            link("New campaign", actions.OpenNewCampaign(), main=not total),
            link("Back", actions.OpenHome()),
        ],
    )


def tabs(shelf: Shelf, per_status: Mapping[Status, int]) -> ac.Element:
    """Returns the buttons to all shelves, with the number of campaigns on each."""
    return ac.ActionSet([_tab(tab, shelf, per_status) for tab in SHELVES])


def _tab(tab: Shelf, shelf: Shelf, per_status: Mapping[Status, int]) -> ac.Execute:
    title, statuses = SHELVES[tab]
    number = sum(per_status.get(status, 0) for status in statuses)
    return link(f"{title} ({number:,})", actions.OpenCampaigns(shelf=tab), main=tab == shelf)


def campaign_row(campaign: Campaign, lines: Sequence[ac.Element]) -> ac.Element:
    """Returns the row of a campaign, with lines about it and the button that shows it."""
    opened = link("Open", show_campaign(campaign), tooltip=f"Open {campaign_title(campaign)}")
    return list_row(escape(campaign_title(campaign)), lines, [opened])


def _line(campaign: Campaign, zone: ZoneInfo) -> str:
    follows = campaign.original_key is not None
    parts = [campaign_kind(campaign) if follows else FORMATS[campaign.format]]
    if campaign.status not in (Status.DRAFT, Status.COMPLETED):
        parts.append(campaign_status(campaign))
    if campaign.run.recipients is not None:
        parts.append(people(campaign.run.recipients))
    if campaign.run.started_at is not None:
        parts.append(f"{sent_verb(campaign)} {when(campaign.run.started_at, zone)}")
    else:
        parts.append(f"changed {when(campaign.updated_at, zone)}")
    return " · ".join(escape(part) for part in parts)
