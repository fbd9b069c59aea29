"""A campaign as one recipient sees it."""

from __future__ import annotations

import msgspec

from campaigns import placeholders
from campaigns.campaign import Campaign
from campaigns.message import Message
from campaigns.placeholders import Slot
from campaigns.user import ConversationReference, Profile, User
from cards import elements as ac
from cards import formats
from cards.markdown import escape
from cards.marks import Marks
from cards.size import LIMIT, size_in_bytes
from cards.tracking import Tracking

_LONG = User(
    tenant_id="",
    id="",
    reference=ConversationReference(service_url="", conversation_id="", bot_id="", account_id=""),
    profile=Profile(name="N" * 256, given_name="G" * 64, surname="S" * 64, email="e" * 113),
)
"""Somebody with the longest names that Entra has room for (its limits per attribute)."""

_AROUND = 14 * 1024
"""Bytes of an admin's card, for what stands there beside the message."""


def is_too_big(campaign: Campaign) -> bool:
    """Whether somebody might not get the message, or its preview might not be shown, for size.

    The preview has the message twice: as people receive it, and in the field to change it.
    """
    seen = size_in_bytes(ac.AdaptiveCard(body(campaign, _LONG)).to_dict())
    written = size_in_bytes({"value": campaign.content.message})
    return seen + written > LIMIT - _AROUND


def body(campaign: Campaign, user: User) -> list[ac.Element]:
    """What stands on the recipient's card, for showing it inside another one."""
    message = placeholders.fill(campaign.content.message, user, escape)
    return formats.body(campaign.format, message)


class Personal:
    """A campaign, rendered once for all its recipients.

    Building a card and encoding it costs some 150 µs, about as much as sending it. So that is done
    once, with a mark in each slot, and a recipient's card is spliced together from the pieces
    between: 5 µs. What comes out is what rendering anew would give; a test holds them together.
    """

    def __init__(
        self, campaign: Campaign, *, test: bool = False, tracking: Tracking | None = None
    ) -> None:
        self._summary = f"Test: {campaign.name}" if test else campaign.name
        marks = Marks()
        parts = placeholders.parse(campaign.content.message)
        marked = "".join(marks.slot(part) if isinstance(part, Slot) else part for part in parts)
        card = formats.render(campaign.format, marked, name=campaign.name, test=test)
        self.links = tracking.bind(campaign, card, marks) if tracking is not None else ()
        """The links that count."""
        self._pieces, self._fills = marks.split(msgspec.json.encode(card))

    @property
    def needs_profile(self) -> bool:
        """Whether anything in it says who the recipient is."""
        return any(fill.needs_profile for fill in self._fills)

    def message(self, user: User) -> Message:
        """The message that leaves us; the notification says the campaign's name."""
        spliced = [self._pieces[0]]
        for fill, piece in zip(self._fills, self._pieces[1:], strict=True):
            spliced += [fill.own(user), piece]
        return Message(card=msgspec.Raw(b"".join(spliced)), summary=self._summary)


class Renderer:
    """Renders campaigns for their recipients.

    :param tracking: how links are made to count; None: they lead straight to where they lead. In a
        test they always do, since it is in no report.
    """

    def __init__(self, tracking: Tracking | None) -> None:
        self._tracking = tracking

    def __call__(self, campaign: Campaign, *, test: bool = False) -> Personal:
        return Personal(campaign, test=test, tracking=None if test else self._tracking)
