"""Outgoing messages: one for each recipient, personalised and rendered."""

from __future__ import annotations

from typing import Any

import msgspec

Card = dict[str, Any]
"""An Adaptive Card as plain JSON values."""


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """A card, sent without text beside it: Teams would split the text off, and the id of the
    activity would be lost.
    """

    card: Card | msgspec.Raw
    """The card; as ``Raw`` it is encoded JSON."""
    summary: str
    """The notification's text; without it people see "Sent a card"."""

    alert: bool = True
    """True to ask for a notification (``channelData.notification.alert``)."""
