"""A campaign's message as one recipient gets it."""

from __future__ import annotations

import uuid

import msgspec

from campaigns.campaign import Campaign, Purpose
from campaigns.content import Format, is_pasted
from campaigns.feedback.acknowledging import is_asked
from campaigns.message import Card, Message
from campaigns.text import placeholders
from campaigns.text.placeholders import Place, Slot
from campaigns.user import ConversationReference, Details, Profile, User
from cards import elements as ac
from cards.markdown import escape
from cards.message import acknowledging, card_json, formats, pasted
from cards.message.card_json import with_elements
from cards.message.marks import Fill, Marks
from cards.message.notification import notification
from cards.message.preview import framed
from cards.message.survey import sent_card
from cards.message.tracking import Tracking
from cards.size import ADMIN_ROOM, LIMIT, size_in_bytes
from cards.view import text

_NOBODY = User(
    tenant_id="",
    id="",
    reference=ConversationReference(service_url="", conversation_id="", bot_id="", account_id=""),
)
"""A user about whom nothing is known, so that every fallback is used."""

_LONG = msgspec.structs.replace(
    _NOBODY,
    profile=Profile(name="N" * 256, given_name="G" * 64, surname="S" * 64, email="e" * 113),
    details=Details(department="D" * 64, job_title="J" * 128, country="C" * 128, city="C" * 128),
)
"""A user with the longest values that Entra allows (its limits per attribute)."""

_TEST_LINE = 1024
"""Bytes kept free for the line that marks a test, and for the fallbacks of other clients."""


def is_too_big(campaign: Campaign) -> bool:
    """Returns True when the message, or its preview, may be too big for Teams for somebody.

    The preview has the message twice: as people receive it, and in the field to change it.
    """
    card = render(campaign)
    largest = max(size_in_bytes(filled(card, user)) for user in (_LONG, _NOBODY))
    if campaign.format is Format.CARD:
        return largest > LIMIT - (0 if campaign.content.pasted else _TEST_LINE)
    written = size_in_bytes({"value": campaign.content.message})
    return largest + written > LIMIT - ADMIN_ROOM


def preview(campaign: Campaign, user: User) -> list[ac.Element]:
    """Returns the notification and the card of a recipient, to show them inside an admin's card."""
    line = notification(campaign.content, campaign.format)
    words = placeholders.fill(line, user, escape, Place.PLAIN)
    card = filled(render(campaign), user)
    if is_asked(campaign):
        card = with_elements(card, acknowledging.disabled_button())
    if size_in_bytes(card) > LIMIT - ADMIN_ROOM:
        shown: ac.Element = text("This card is too big to be shown inside another one. Try it.")
    else:
        shown = framed(card)
    if campaign.follow_up.purpose is not Purpose.SEND:
        # Corrections and recalls notify nobody.
        return [shown]
    return [text(f"Notification: {escape(words)}", subtle=True, small=True), shown]


def render(campaign: Campaign, *, test: bool = False, receipt: str = "preview") -> Card:
    """Returns the card before its placeholders are filled.

    :param test: True adds the line that marks a test.
    :param receipt: the receipt of an anonymous response.
    """
    content, format = campaign.content, campaign.format
    card: Card
    if is_pasted(content, format):
        card = pasted.load(content.card) if content.card else ac.AdaptiveCard([]).to_dict()
    elif campaign.survey is not None:
        card = sent_card(campaign, campaign.survey, receipt)
    else:
        card = formats.render(content, format, notification=notification(content, format))
    lines = [formats.edited_line()] if campaign.follow_up.purpose is Purpose.CORRECT else []
    if test:
        lines.append(formats.test_line(campaign.name))
    return with_elements(card, *lines) if lines else card


def filled(card: Card, user: User) -> Card:
    """Returns the card with its placeholders filled for this recipient."""
    return card_json.changed(card, lambda place, text: placeholders.fill(text, user, escape, place))


class Personal:
    """A campaign, rendered once for all its recipients.

    Building and encoding a card costs some 150 µs, about as much as sending it. So it is done once,
    with a mark in each slot. A recipient's card is then joined from the pieces between the marks,
    in 5 µs. The result is the same as with :func:`filled`; a test compares them.
    """

    def __init__(
        self,
        campaign: Campaign,
        *,
        test: bool = False,
        tracking: Tracking | None = None,
        acknowledged: bool = False,
    ) -> None:
        line = notification(campaign.content, campaign.format)
        line = f"Test: {line}" if test else line
        self._summary = [
            part.filler(escape) if isinstance(part, Slot) else part
            for part in placeholders.parse(line, Place.PLAIN)
        ]
        marks = Marks()
        # Each recipient's card has a receipt of its own, so a press delivered twice counts once.
        receipt = marks.add(Fill(lambda _: uuid.uuid4().hex.encode()))
        card = card_json.changed(render(campaign, test=test, receipt=receipt), marks.marked)
        if is_asked(campaign):
            card = with_elements(card, _acknowledgement(campaign, test, acknowledged))
        self.links = tracking.bind(campaign, card, marks) if tracking is not None else ()
        """The links whose clicks are counted."""
        self._pieces, self._fills, self._order = marks.split(msgspec.json.encode(card))

    @property
    def needs_profile(self) -> bool:
        """True when something in the message is made from the recipient's profile."""
        return any(fill.needs_profile for fill in self._fills) or any(map(callable, self._summary))

    def message(self, user: User) -> Message:
        """Returns the message for one recipient."""
        own = [fill.own(user) for fill in self._fills]
        spliced = [self._pieces[0]]
        for fill, piece in zip(self._order, self._pieces[1:], strict=True):
            spliced += [own[fill], piece]
        summary = "".join(part if isinstance(part, str) else part(user) for part in self._summary)
        return Message(card=msgspec.Raw(b"".join(spliced)), summary=summary)


def _acknowledgement(campaign: Campaign, test: bool, acknowledged: bool) -> ac.Element:
    if test:
        return acknowledging.disabled_button()
    return (
        acknowledging.acknowledged_line()
        if acknowledged
        else acknowledging.acknowledge_button(campaign)
    )


class Renderer:
    """Renders campaigns for their recipients.

    :param tracking: leads links through the bot, so that clicks are counted; None leaves them
        direct. In a test they are always direct, since no report counts a test.
    """

    def __init__(self, tracking: Tracking | None) -> None:
        self._tracking = tracking
        self.tracks = tracking is not None

    def fits(self, campaign: Campaign) -> bool:
        """Returns True when Teams accepts the size of everybody's message."""
        return not is_too_big(campaign)

    def __call__(
        self, campaign: Campaign, *, test: bool = False, acknowledged: bool = False
    ) -> Personal:
        """Renders a campaign.

        :param test: True for a test, which is marked and counted nowhere.
        :param acknowledged: True for recipients who have pressed "I have read this".
        """
        return Personal(
            campaign,
            test=test,
            tracking=None if test else self._tracking,
            acknowledged=acknowledged,
        )
