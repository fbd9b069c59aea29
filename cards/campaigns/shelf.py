"""The campaigns of a tenant, on four shelves, and the notice for one that is gone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from zoneinfo import ZoneInfo

from campaigns.campaign import Campaign, Status
from cards import actions
from cards import elements as ac
from cards.actions import Action, Shelf
from cards.markdown import escape
from cards.purposes import kind, sent, status, titled
from cards.texts import FORMATS, people, when
from cards.view import Notice, View, link, on, paged, text, view

PAGE = 6

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
    """One page of a shelf, newest first."""
    body: list[ac.Element] = [tabs(shelf, per_status)]
    body += [row(campaign, [line(_line(campaign, zone))]) for campaign in shown]
    if not total:
        body.append(text(_EMPTY[shelf], subtle=True))
    pages: list[ac.CardAction] = []
    if total > PAGE:
        body.append(text(paged(page, PAGE, total), subtle=True, small=True))
        if page:
            pages.append(link("Newer", actions.OpenCampaigns(shelf=shelf, page=page - 1)))
        if (page + 1) * PAGE < total:
            pages.append(link("Older", actions.OpenCampaigns(shelf=shelf, page=page + 1)))
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


def tabs(shelf: Shelf, per_status: Mapping[Status, int]) -> ac.Element:
    """The way from shelf to shelf, with how many campaigns are on each."""
    return ac.ActionSet([_tab(it, shelf, per_status) for it in SHELVES])


def _tab(shelf: Shelf, present: Shelf, per_status: Mapping[Status, int]) -> ac.Execute:
    title, statuses = SHELVES[shelf]
    number = sum(per_status.get(status, 0) for status in statuses)
    return link(f"{title} ({number:,})", actions.OpenCampaigns(shelf=shelf), main=shelf == present)


def row(campaign: Campaign, lines: Sequence[ac.Element]) -> ac.Element:
    """A campaign with some lines about it, and the way to it."""
    opened: Action = (
        actions.OpenReport(**on(campaign))
        if campaign.status.has_started
        else actions.OpenCampaign(**on(campaign))
    )
    return ac.ColumnSet(
        [
            ac.Column(
                [ac.TextBlock(escape(titled(campaign)), weight="bolder", wrap=True), *lines],
                width="stretch",
            ),
            ac.Column(
                [ac.ActionSet([link("Open", opened, tooltip=f"Open {titled(campaign)}")])],
                width="auto",
                vertical_content_alignment="center",
            ),
        ],
        separator=True,
    )


def line(words: str) -> ac.Element:
    """A small line under a campaign's name."""
    return ac.TextBlock(words, is_subtle=True, size="small", spacing="none", wrap=True)


def _line(campaign: Campaign, zone: ZoneInfo) -> str:
    follows = campaign.original_key is not None
    parts = [kind(campaign) if follows else FORMATS[campaign.format]]
    if campaign.status not in (Status.DRAFT, Status.COMPLETED):
        parts.append(status(campaign))
    if campaign.run.recipients is not None:
        parts.append(people(campaign.run.recipients))
    if campaign.run.started_at is not None:
        parts.append(f"{sent(campaign)} {when(campaign.run.started_at, zone)}")
    else:
        parts.append(f"changed {when(campaign.updated_at, zone)}")
    return " · ".join(escape(part) for part in parts)
