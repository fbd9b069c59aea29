"""Buttons."""

from collections.abc import Mapping, Sequence
from typing import Literal

import msgspec

from cards.elements.base import Part, field, plain
from cards.elements.values import ActionMode, ActionStyle, AssociatedInputs


class CardAction(Part):
    """Base of all buttons.

    Teams may hide all but the first six ``primary`` buttons of a set.
    """

    title: str | None = field(default=None, kw_only=False)
    """The label. Only a ``select_action`` may have none."""

    id: str | None = None
    style: ActionStyle | None = None
    mode: ActionMode | None = None
    """``"secondary"`` puts the button into the overflow menu (...)."""

    tooltip: str | None = None
    icon_url: str | None = None
    is_enabled: bool | None = None
    requires: Mapping[str, str] | None = None
    fallback: Part | Literal["drop"] | None = None


class Submit(CardAction, type="Action.Submit"):
    """Sends the data and all inputs to the bot, as a message without text."""

    data: Mapping[str, object] | msgspec.Struct | None = None
    associated_inputs: AssociatedInputs | None = None


class Execute(CardAction, type="Action.Execute"):
    """Invokes the bot, which answers with the card that replaces this one.

    ``data`` may be a tagged struct. Clients without ``Action.Execute`` get a ``Submit`` with the
    same look and data. A message has no verb of its own, so there the ``verb`` is in the data.
    """

    verb: str | None = None
    data: Mapping[str, object] | msgspec.Struct | None = None
    associated_inputs: AssociatedInputs | None = None

    def __post_init__(self) -> None:
        if self.fallback is not None:
            return
        verb = {} if self.verb is None else {"verb": self.verb}
        self.fallback = Submit(
            self.title,
            data=verb | plain(self.data or {}),
            id=self.id,
            style=self.style,
            mode=self.mode,
            tooltip=self.tooltip,
            icon_url=self.icon_url,
            is_enabled=self.is_enabled,
            associated_inputs=self.associated_inputs,
        )


class OpenUrl(CardAction, type="Action.OpenUrl"):
    """Opens a web page."""

    url: str = field()


class ToggleVisibility(CardAction, type="Action.ToggleVisibility"):
    """Shows hidden elements and hides shown ones, by id, without asking the bot."""

    target_elements: Sequence[str] = field()
