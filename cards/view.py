"""What all cards for admins have in common: a heading, a notice, fields with their errors, rows of
buttons.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, TypedDict

import msgspec

from campaigns.campaign import Campaign
from campaigns.message import Card
from cards import elements as ac
from cards.actions import Action
from cards.markdown import escape

Errors = Mapping[str, str]
"""What is wrong with what was typed, by field."""

NO_ERRORS: Errors = {}


class View(msgspec.Struct, frozen=True):
    """A card, and its title for where only text is shown."""

    title: str
    card: Card


class Notice(msgspec.Struct, frozen=True):
    """A sentence above a card's content: what has just happened, or why not."""

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
    """A card with a heading.

    ``above`` is a small line over it, such as where in a flow it stands.
    """
    content: list[ac.Element] = []
    if notice is not None:
        content.append(
            ac.Container([ac.TextBlock(notice.text, wrap=True)], style=notice.tone, bleed=True)
        )
    if above:
        content.append(ac.TextBlock(above, is_subtle=True, size="small", wrap=True))
    content.append(
        ac.TextBlock(
            escape(title),
            size="large",
            weight="bolder",
            style="heading",
            wrap=True,
            spacing="none" if above else None,
        )
    )
    card = ac.AdaptiveCard([*content, *body, *rows(actions), *rows(more)])
    return View(title, card.to_dict())


class OnCampaignFields(TypedDict):
    """The fields that every action on a campaign has."""

    campaign: str
    revision: int


def on(campaign: Campaign) -> OnCampaignFields:
    """The campaign as this card shows it, for the actions of its buttons."""
    return OnCampaignFields(campaign=campaign.id, revision=campaign.revision)


def rows(actions: Sequence[ac.CardAction]) -> list[ac.Element]:
    """The buttons, in rows of at most six: Teams may hide any further ones of a row."""
    return [ac.ActionSet(actions[at : at + 6]) for at in range(0, len(actions), 6)]


def button(
    title: str,
    action: Action,
    *,
    main: bool = False,
    danger: bool = False,
    tooltip: str | None = None,
) -> ac.Execute:
    """A button that sends the card's fields along with its action."""
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
    """A button that leaves the card's fields alone."""
    return ac.Execute(
        title,
        verb=_verb(action),
        data=action,
        style=_style(main, danger),
        associated_inputs="none",
        tooltip=tooltip,
    )


def text(content: str, *, subtle: bool = False, small: bool = False) -> ac.TextBlock:
    """A paragraph; ``content`` is Markdown."""
    return ac.TextBlock(
        content, wrap=True, is_subtle=subtle or None, size="small" if small else None
    )


def error(errors: Errors, field: str) -> list[ac.Element]:
    """What is wrong with this field, to stand right under it; one block for each line."""
    return [
        ac.TextBlock(f"⚠ {escape(line)}", color="attention", wrap=True, spacing="small")
        for line in errors.get(field, "").splitlines()
    ]


def paged(page: int, size: int, total: int) -> str:
    """``11 to 20 of 34``."""
    first = page * size + 1
    return f"{first:,} to {min(total, first + size - 1):,} of {total:,}"


def _verb(action: Action) -> str:
    """Clients want one; what counts is the tag in the data, which the fallback has too."""
    return str(action.__struct_config__.tag)


def _style(main: bool, danger: bool) -> Literal["positive", "destructive"] | None:
    return "positive" if main else "destructive" if danger else None
