"""The card itself, and what refers to a whole card."""

from collections.abc import Mapping, Sequence
from typing import Final, Literal

from cards.elements.actions import CardAction, Execute
from cards.elements.base import Element, Part, field
from cards.elements.values import VerticalAlignment


class TeamsSettings(Part):
    """What only Teams reads of a card."""

    width: Literal["Full"] | None = None
    entities: Sequence[Mapping[str, object]] | None = None
    """The people that ``<at>...</at>`` in the card's text stands for."""


FULL_WIDTH: Final = TeamsSettings(width="Full")
"""Lets a card take the chat's whole width; for tables and reports."""


class Refresh(Part):
    """How Teams fetches a fresh card by itself, for these users only (60 at most)."""

    action: Execute = field(kw_only=False)
    user_ids: Sequence[str] | None = None


class AdaptiveCard(Part, type="AdaptiveCard"):
    """A card.

    1.5 is the newest version that Teams shows.
    """

    body: Sequence[Element] = field(kw_only=False)
    actions: Sequence[CardAction] | None = None
    version: Literal["1.5"] = "1.5"
    msteams: TeamsSettings | None = None
    refresh: Refresh | None = None
    fallback_text: str | None = None
    """Shown instead of the card by clients older than its version."""

    speak: str | None = None
    """What screen readers say for the whole card."""

    lang: str | None = None
    rtl: bool | None = None
    """Lay the card out from right to left."""

    min_height: str | None = None
    vertical_content_alignment: VerticalAlignment | None = None
    select_action: CardAction | None = None


class ShowCard(CardAction, type="Action.ShowCard"):
    """Unfold a card under the button; its inputs are sent only by its own buttons."""

    card: AdaptiveCard = field()
