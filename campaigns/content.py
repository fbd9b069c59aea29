"""Content of a campaign before personalisation: its parts, its limits and its checks."""

from __future__ import annotations

import enum
import re
from collections.abc import Iterator

import msgspec

from campaigns.errors import Invalid, Refusal, refuse
from campaigns.refusals.authoring import AuthoringRefusal
from campaigns.refusals.text import (
    QuotesTooDeep,
    TextField,
    TextRefusal,
    TooLong,
    UnknownPlaceholders,
)
from campaigns.surveys.survey import Survey
from campaigns.text import links, placeholders, typed

MESSAGE_LIMIT = 8_000
"""Characters.

A message to Teams may be 80 KB counted as UTF-16 (rate-limit docs); this leaves room for the card
around the text, for JSON's escapes and for the values that replace placeholders.
"""

TITLE_LIMIT = 200
NOTIFICATION_LIMIT = 200
"""Characters; the activity feed and phones show about the first hundred."""

ALT_LIMIT = 300
BUTTON_LIMIT = 60
"""Characters of a button's text; a phone shows about thirty."""

BUTTONS = 6
"""Most buttons of a card; Teams may hide any further ones."""

QUOTES = 5
"""Most levels of quotes within quotes; each is a container in a container of the card."""

NAMED_PLACEHOLDERS = 5
"""Most unknown placeholders that the words of a refusal name. Known ones are suggested for these
only."""

_TOO_DEEP = re.compile(rf"^[ \t]*(?:>[ \t]*){{{QUOTES + 1}}}", re.MULTILINE)


class Format(enum.Enum):
    """Look of a campaign to its recipients."""

    MESSAGE = "message"
    """Text without a header."""

    IDEA = "idea"
    SUCCESS = "success"
    IMPORTANT = "important"
    CARD = "card"
    """An Adaptive Card: built from title, picture, text and buttons, or pasted as JSON."""
    SURVEY = "survey"
    """The questions of a survey, with a message above them."""


class Picture(msgspec.Struct, frozen=True):
    """A picture; none when its address is empty."""

    url: str = ""
    alt: str = ""
    """Description for people who can't see it."""


class Button(msgspec.Struct, frozen=True):
    """A button that opens a web page."""

    text: str = ""
    url: str = ""


class Content(msgspec.Struct, frozen=True):
    """A campaign's parts, before personalisation.

    A format shows some of them. The others are kept, so that changing the format loses nothing.
    """

    message: str = ""
    """Markdown as Teams renders it, with placeholders."""

    notification: str = ""
    """The line in the activity feed and on the phone; empty to make it from what is sent."""

    title: str = ""
    """Plain text. Only an Adaptive Card uses this field and the next four."""

    image: Picture = Picture()
    buttons: tuple[Button, ...] = ()
    card: str = ""
    """A pasted card's JSON. Only what Teams can show is kept here."""

    pasted: bool = False
    """True when the pasted card is sent instead of the parts above."""

    survey: Survey | None = None
    """Copy of the survey that is asked, so that a sent survey never changes."""


def is_pasted(content: Content, format: Format) -> bool:
    """Returns True when a pasted card is sent."""
    return format is Format.CARD and content.pasted


def is_empty(content: Content, format: Format) -> bool:
    """Returns True when there is nothing to send yet."""
    if is_pasted(content, format):
        return not content.card
    if format is Format.SURVEY:
        return content.survey is None
    if format is Format.CARD:
        return typed.is_blank(content.title + content.message) and not content.image.url
    return typed.is_blank(content.message)


def kept(content: Content) -> Content:
    """Returns the content in the form in which a draft keeps it: tidied, and with its mistakes.

    Raises Invalid when a part is too long, or quotes are nested too deeply.
    """
    tidy = msgspec.structs.replace(
        content,
        message=typed.paragraphs(content.message),
        notification=typed.one_line(content.notification),
        title=typed.one_line(content.title),
        image=Picture(content.image.url.strip(), typed.one_line(content.image.alt)),
        buttons=tuple(
            Button(typed.one_line(button.text), button.url.strip()) for button in content.buttons
        ),
    )
    refuse(dict(_too_long(tidy)))
    if _TOO_DEEP.search(tidy.message):
        raise Invalid("message", QuotesTooDeep(QUOTES))
    return tidy


def checked(content: Content, format: Format) -> Content:
    """Returns the content in the form in which it is sent, without empty buttons.

    Raises Invalid when a part is missing, too long, or can't be sent.
    """
    finished = kept(content)
    finished = msgspec.structs.replace(
        finished, buttons=tuple(button for button in finished.buttons if button.text or button.url)
    )
    refuse(dict(_mistakes(finished, format)))
    return finished


def texts(content: Content, format: Format) -> Iterator[str]:
    """Yields every text that is sent in this format and may have placeholders."""
    yield content.notification
    if is_pasted(content, format):
        yield content.card
        return
    yield content.message
    if format is Format.CARD:
        yield content.title
        yield content.image.alt
        yield content.image.url
        for button in content.buttons:
            yield button.text
            yield button.url


def placeholder_problem(text: str) -> Refusal | None:
    """Returns the first problem of the placeholders in a text; None when there is none."""
    unknown = placeholders.unknown(text)
    if unknown:
        named = unknown[:NAMED_PLACEHOLDERS]
        suggested = dict.fromkeys(filter(None, map(placeholders.meant, named)))
        return UnknownPlaceholders(tuple(unknown), tuple(suggested))
    if placeholders.has_nested(text):
        return TextRefusal.NESTED_PLACEHOLDER
    return None


def _too_long(content: Content) -> Iterator[tuple[str, Refusal]]:
    limited = [
        ("message", TextField.MESSAGE, content.message, MESSAGE_LIMIT),
        ("notification", TextField.NOTIFICATION, content.notification, NOTIFICATION_LIMIT),
        ("title", TextField.TITLE, content.title, TITLE_LIMIT),
        ("alt", TextField.DESCRIPTION, content.image.alt, ALT_LIMIT),
        ("image", TextField.ADDRESS, content.image.url, links.LIMIT),
    ]
    for number, button in enumerate(content.buttons, start=1):
        limited += [
            (f"button_{number}", TextField.BUTTON, button.text, BUTTON_LIMIT),
            (f"link_{number}", TextField.ADDRESS, button.url, links.LIMIT),
        ]
    for field, text_field, text, limit in limited:
        if len(text) > limit:
            yield field, TooLong(text_field, len(text), limit)


def _mistakes(content: Content, format: Format) -> Iterator[tuple[str, Refusal]]:
    yield from _wrong_text("notification", content.notification)
    if is_pasted(content, format):
        if not content.card:
            yield "card", AuthoringRefusal.NO_PASTED_CARD
        return
    if format is not Format.CARD:
        if format is Format.SURVEY:
            yield from _wrong_survey(content.survey)
        elif is_empty(content, format):
            yield "message", AuthoringRefusal.NO_MESSAGE
        yield from _wrong_text("message", content.message, markdown=True)
        return
    if is_empty(content, format):
        yield "title", AuthoringRefusal.EMPTY_CARD
    yield from _wrong_text("title", content.title)
    yield from _wrong_text("message", content.message, markdown=True)
    yield from _wrong_image(content.image)
    for number, button in enumerate(content.buttons, start=1):
        if typed.is_blank(button.text):
            yield f"button_{number}", AuthoringRefusal.BUTTON_WITHOUT_TEXT
        else:
            yield from _wrong_text(f"button_{number}", button.text)
        if not button.url:
            yield f"link_{number}", AuthoringRefusal.BUTTON_WITHOUT_ADDRESS
        else:
            yield from _wrong_address(f"link_{number}", button.url)


def _wrong_survey(survey: Survey | None) -> Iterator[tuple[str, Refusal]]:
    if survey is None:
        yield "survey", AuthoringRefusal.NO_SURVEY
    elif not survey.questions:
        yield "survey", AuthoringRefusal.SURVEY_WITHOUT_QUESTIONS


def _wrong_image(image: Picture) -> Iterator[tuple[str, Refusal]]:
    if not image.url:
        return
    yield from _wrong_address("image", image.url)
    if typed.is_blank(image.alt):
        yield "alt", AuthoringRefusal.PICTURE_WITHOUT_DESCRIPTION
    else:
        yield from _wrong_text("alt", image.alt)


def _wrong_text(field: str, text: str, *, markdown: bool = False) -> Iterator[tuple[str, Refusal]]:
    wrong = placeholder_problem(text) or (links.markdown_problem(text) if markdown else None)
    if wrong is not None:
        yield field, wrong


def _wrong_address(field: str, address: str) -> Iterator[tuple[str, Refusal]]:
    wrong = placeholder_problem(address) or links.problem(address)
    if wrong is not None:
        yield field, wrong
