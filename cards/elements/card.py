"""The card itself, and the parts that refer to a whole card."""

from collections.abc import Mapping, Sequence
from typing import Final, Literal

from cards.elements.actions import CardAction, Execute
from cards.elements.base import Element, Part, field
from cards.elements.values import VerticalAlignment


class TeamsSettings(Part):
    """Settings of a card that only Teams reads."""

    width: Literal["Full"] | None = None
    entities: Sequence[Mapping[str, object]] | None = None
    """The people whom ``<at>...</at>`` in the card's text mentions."""


FULL_WIDTH: Final = TeamsSettings(width="Full")
"""Gives a card the whole width of the chat, for tables and reports."""


class Refresh(Part):
    """Makes Teams fetch a fresh card by itself, for these users only (60 at most)."""

    action: Execute = field(kw_only=False)
    user_ids: Sequence[str] | None = None


class AdaptiveCard(Part, type="AdaptiveCard"):
    """A card. Version 1.5 is the newest that Teams shows."""

    body: Sequence[Element] = field(kw_only=False)
    actions: Sequence[CardAction] | None = None
    version: Literal["1.5"] = "1.5"
    msteams: TeamsSettings | None = None
    refresh: Refresh | None = None
    fallback_text: str | None = None
    """Text that clients older than the card's version show instead."""

    speak: str | None = None
    """Text that screen readers read for the whole card."""

    lang: str | None = None
    rtl: bool | None = None
    """True lays the card out from right to left."""

    min_height: str | None = None
    vertical_content_alignment: VerticalAlignment | None = None
    select_action: CardAction | None = None


class ShowCard(CardAction, type="Action.ShowCard"):
    """Unfolds a card under the button. Only that card's own buttons send its inputs."""

    card: AdaptiveCard = field()
