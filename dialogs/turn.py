"""One turn of a conversation: a person's text or press, and the reply."""

from __future__ import annotations

from datetime import datetime

import msgspec

from campaigns.campaign import CampaignKey
from campaigns.message import Card
from campaigns.user import User
from cards.view import View


class Turn(msgspec.Struct, frozen=True, kw_only=True):
    """Something that a person typed or pressed, in their one-to-one chat with the bot."""

    user: User
    is_admin: bool
    at: datetime
    """Time at which it arrived."""

    text: str = ""
    """The typed text; empty when something was pressed."""

    html: str = ""
    """The same with its formatting, when the client sends it."""

    pressed: object = None
    """The pressed button's data and the card's inputs, as they came; None when typed."""

    card_id: str = ""
    """Activity id of the card that was pressed on."""

    @property
    def tenant_id(self) -> str:
        return self.user.tenant_id


class Reply(msgspec.Struct, frozen=True, kw_only=True):
    """The card that the person sees next.

    It takes the place of the one that was pressed on, or comes as a new message.
    """

    card: Card
    summary: str
    """Text for the notification and for screen readers."""

    follows: CampaignKey | None = None
    """The campaign whose progress the card shows. The engine keeps such a card up to date."""

    opens: str = ""
    """The id of the draft that takes the text typed next as its message; empty for none."""

    private: bool = False
    """True when the card must not be stored anywhere, because it tells whose an anonymous response
    is. When the press is repeated, the card is made again.
    """


def show(
    view: View, *, follows: CampaignKey | None = None, opens: str = "", private: bool = False
) -> Reply:
    """Returns a reply that shows this view."""
    return Reply(card=view.card, summary=view.title, follows=follows, opens=opens, private=private)
