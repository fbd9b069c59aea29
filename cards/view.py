"""The frame of an admin's card (heading, notice, rows of buttons), and its common elements."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, TypedDict

import msgspec

from campaigns.campaign import Campaign
from campaigns.message import Card
from cards import elements as ac
from cards.actions import Action, OpenCampaign, OpenReport
from cards.elements.values import ChoiceStyle, Spacing
from cards.markdown import escape

Errors = Mapping[str, str]
"""Messages about wrong input, by field."""

NO_ERRORS: Errors = {}

_EXPANDED = 8
"""Longest list of choices that is shown open; a longer one folds into a drop-down."""


class View(msgspec.Struct, frozen=True):
    """A card, and a title for places that show only text."""

    title: str
    card: Card


class Notice(msgspec.Struct, frozen=True):
    """A sentence above a card's content. It says what has just happened, or why nothing has."""

    text: str
    tone: Literal["good", "warning", "attention", "accent"] = "good"


def view(
    title: str,
    body: Sequence[ac.Element],
    *,
    above: str = "",
    notice: Notice | None = None,
    actions: Sequence[ac.CardAction] = (),
    more: Sequence[ac.CardAction] = (),
) -> View:
    """Returns a card with a heading.

    :param above: a small line over the heading, such as the step of a flow.
    :param more: buttons that begin a row of their own, after those in ``actions``.
    """
    content: list[ac.Element] = []
    if notice is not None:
        content.append(
            ac.Container([ac.TextBlock(notice.text, wrap=True)], style=notice.tone, bleed=True)
        )
    if above:
        content.append(ac.TextBlock(above, is_subtle=True, size="small", wrap=True))
    content.append(heading(escape(title), spacing="none" if above else None))
    card = ac.AdaptiveCard([*content, *body, *_rows(actions), *_rows(more)])
    return View(title, card.to_dict())


class CampaignFields(TypedDict):
    """The fields that every action on a campaign has."""

    campaign: str
    revision: int


def campaign_fields(campaign: Campaign) -> CampaignFields:
    """Returns the campaign and its revision, for the actions on the card that shows it."""
    return CampaignFields(campaign=campaign.id, revision=campaign.revision)


def show_campaign(campaign: Campaign) -> Action:
    """Returns the action that shows a campaign: its report once it has started, else its card."""
    fields = campaign_fields(campaign)
    if campaign.status.has_started:
        return OpenReport(**fields)
    return OpenCampaign(**fields)


def button(
    title: str,
    action: Action,
    *,
    main: bool = False,
    danger: bool = False,
    tooltip: str | None = None,
) -> ac.Execute:
    """Returns a button that sends the card's inputs along with its action."""
    return ac.Execute(
        title, verb=_verb(action), data=action, style=_style(main, danger), tooltip=tooltip
    )


def link(
    title: str,
    action: Action,
    *,
    main: bool = False,
    danger: bool = False,
    tooltip: str | None = None,
) -> ac.Execute:
    """Returns a button that ignores the card's inputs."""
    return ac.Execute(
        title,
        verb=_verb(action),
        data=action,
        style=_style(main, danger),
        associated_inputs="none",
        tooltip=tooltip,
    )


def heading(markdown: str, *, spacing: Spacing | None = None) -> ac.TextBlock:
    """Returns the heading of a card."""
    return ac.TextBlock(
        markdown, size="large", weight="bolder", style="heading", wrap=True, spacing=spacing
    )


def text(markdown: str, *, subtle: bool = False, small: bool = False) -> ac.TextBlock:
    """Returns a paragraph."""
    return ac.TextBlock(
        markdown, wrap=True, is_subtle=subtle or None, size="small" if small else None
    )


def small_line(markdown: str) -> ac.TextBlock:
    """Returns a small line that belongs to the text right above it."""
    return ac.TextBlock(markdown, is_subtle=True, size="small", spacing="none", wrap=True)


def error(errors: Errors, field: str) -> list[ac.Element]:
    """Returns the error of a field, one block for each line; nothing without an error.

    It stands right under the field.
    """
    return [
        ac.TextBlock(f"⚠ {escape(line)}", color="attention", wrap=True, spacing="small")
        for line in errors.get(field, "").splitlines()
    ]


def list_row(
    title: str, lines: Sequence[ac.Element], actions: Sequence[ac.CardAction]
) -> ac.Element:
    """Returns a row of a list: a title (Markdown) with lines below it, and buttons beside it."""
    return ac.ColumnSet(
        [
            ac.Column([ac.TextBlock(title, weight="bolder", wrap=True), *lines], width="stretch"),
            ac.Column([ac.ActionSet(actions)], width="auto", vertical_content_alignment="center"),
        ],
        separator=True,
    )


def choice_style(number: int) -> ChoiceStyle:
    """Returns the style of a field with this number of choices: open, or a drop-down."""
    return "expanded" if number <= _EXPANDED else "compact"


def _rows(actions: Sequence[ac.CardAction]) -> list[ac.Element]:
    """Returns rows of at most six buttons: Teams may hide any further ones of a row."""
    return [ac.ActionSet(actions[start : start + 6]) for start in range(0, len(actions), 6)]


def _verb(action: Action) -> str:
    """Returns the verb, which clients require. The bot itself reads the tag in the data."""
    return str(action.__struct_config__.tag)


def _style(main: bool, danger: bool) -> Literal["positive", "destructive"] | None:
    return "positive" if main else "destructive" if danger else None
