"""A campaign as one recipient sees it."""

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
from cards.message import acknowledging, formats, parts, pasted
from cards.message.marks import Fill, Marks
from cards.message.notification import notification
from cards.message.survey import asked, inert
from cards.message.tracking import Tracking
from cards.size import LIMIT, size_in_bytes
from cards.view import text

_NOBODY = User(
    tenant_id="",
    id="",
    reference=ConversationReference(service_url="", conversation_id="", bot_id="", account_id=""),
)
"""Somebody of whom nothing is known, so that every fallback is used."""

_LONG = msgspec.structs.replace(
    _NOBODY,
    profile=Profile(name="N" * 256, given_name="G" * 64, surname="S" * 64, email="e" * 113),
    details=Details(department="D" * 64, job_title="J" * 128, country="C" * 128, city="C" * 128),
)
"""Somebody with the longest values that Entra has room for (its limits per attribute)."""

_AROUND = 14 * 1024
"""Bytes of an admin's card, for what stands there beside the message."""

_TEST_MARK = 1024
"""Bytes that a test has more, and the names of other clients' fallbacks."""


def is_too_big(campaign: Campaign) -> bool:
    """Whether somebody might not get the message, or its preview might not be shown, for size.

    The preview of a message has it twice: as people receive it, and in the field to change it.
    """
    card = rendered(campaign)
    seen = max(size_in_bytes(filled(card, of)) for of in (_LONG, _NOBODY))
    if campaign.format is Format.CARD:
        return seen > LIMIT - (0 if campaign.content.pasted else _TEST_MARK)
    written = size_in_bytes({"value": campaign.content.message})
    return seen + written > LIMIT - _AROUND


def shown(campaign: Campaign, user: User) -> list[ac.Element]:
    """What this recipient sees, notification and card, for showing it inside another card."""
    line = notification(campaign.content, campaign.format)
    said = placeholders.fill(line, user, escape, Place.PLAIN)
    card = filled(rendered(campaign), user)
    if is_asked(campaign):
        card = acknowledging.added(card, acknowledging.shown())
    if size_in_bytes(card) > LIMIT - _AROUND:
        framed: ac.Element = text("This card is too big to be shown inside another one. Try it.")
    else:
        framed = ac.Container(
            [ac.Given(of) for of in pasted.embedded(inert(card))],
            show_border=True,
            rounded_corners=True,
        )
    if campaign.follow_up.purpose is not Purpose.SEND:
        # Nobody is notified of it.
        return [framed]
    return [text(f"Notification: {escape(said)}", subtle=True, small=True), framed]


def rendered(campaign: Campaign, *, test: bool = False, receipt: str = "preview") -> Card:
    """The card with its placeholders in place.

    :param receipt: what an anonymous answer is kept under.
    """
    content, format = campaign.content, campaign.format
    card: Card
    if is_pasted(content, format):
        card = pasted.load(content.card) if content.card else ac.AdaptiveCard([]).to_dict()
    elif campaign.survey is not None:
        card = asked(campaign, campaign.survey, receipt)
    else:
        card = formats.render(content, format, notification=notification(content, format))
    marks = [formats.edited_mark()] if campaign.follow_up.purpose is Purpose.CORRECT else []
    if test:
        marks.append(formats.test_mark(campaign.name))
    if marks:
        card = card | {"body": [*card.get("body", []), *(mark.to_dict() for mark in marks)]}
    return card


def filled(card: Card, user: User) -> Card:
    """The card with this recipient's own in the place of its placeholders."""
    return parts.changed(card, lambda place, text: placeholders.fill(text, user, escape, place))


class Personal:
    """A campaign, rendered once for all its recipients.

    Building a card and encoding it costs some 150 µs, about as much as sending it. So that is done
    once, with a mark in each slot, and a recipient's card is spliced together from the pieces
    between: 5 µs. What comes out is what filling it anew would give; a test holds them together.
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
        # Of each recipient's own card, so that a press delivered twice is known for the same.
        receipt = marks.add(Fill(lambda _: uuid.uuid4().hex.encode()))
        card = parts.changed(rendered(campaign, test=test, receipt=receipt), marks.marked)
        if is_asked(campaign):
            card = acknowledging.added(card, _below(campaign, test, acknowledged))
        self.links = tracking.bind(campaign, card, marks) if tracking is not None else ()
        """The links that count."""
        self._pieces, self._fills, self._order = marks.split(msgspec.json.encode(card))

    @property
    def needs_profile(self) -> bool:
        """Whether anything in it says who the recipient is."""
        return any(fill.needs_profile for fill in self._fills) or any(map(callable, self._summary))

    def message(self, user: User) -> Message:
        """The message that leaves us."""
        own = [fill.own(user) for fill in self._fills]
        spliced = [self._pieces[0]]
        for fill, piece in zip(self._order, self._pieces[1:], strict=True):
            spliced += [own[fill], piece]
        summary = "".join(part if isinstance(part, str) else part(user) for part in self._summary)
        return Message(card=msgspec.Raw(b"".join(spliced)), summary=summary)


def _below(campaign: Campaign, test: bool, acknowledged: bool) -> ac.Element:
    if test:
        return acknowledging.shown()
    return acknowledging.thanking() if acknowledged else acknowledging.asking(campaign)


class Renderer:
    """Renders campaigns for their recipients.

    :param tracking: how links are made to count; None: they lead straight to where they lead. In a
        test they always do, since it is in no report.
    """

    def __init__(self, tracking: Tracking | None) -> None:
        self._tracking = tracking
        self.tracks = tracking is not None

    def fits(self, campaign: Campaign) -> bool:
        """Whether everybody's message is of a size that Teams takes."""
        return not is_too_big(campaign)

    def __call__(
        self, campaign: Campaign, *, test: bool = False, acknowledged: bool = False
    ) -> Personal:
        """:param acknowledged: for a recipient who has pressed "I have read this"."""
        return Personal(
            campaign,
            test=test,
            tracking=None if test else self._tracking,
            acknowledged=acknowledged,
        )
