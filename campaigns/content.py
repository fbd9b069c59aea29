"""What a campaign sends, before personalisation: what it may be, and what is checked."""

from __future__ import annotations

import enum
import re
from collections.abc import Iterator

import msgspec

from campaigns.errors import Invalid
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
"""Teams may hide any further ones."""


QUOTES = 5
"""Levels of quotes in quotes; each is a container in a container of the card."""

_DEEP = re.compile(rf"^[ \t]*(?:>[ \t]*){{{QUOTES + 1}}}", re.MULTILINE)


class Format(enum.Enum):
    """How a campaign looks to its recipients."""

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
    """A picture; without an address there is none."""

    url: str = ""
    alt: str = ""
    """What it shows, for those who can't see it."""


class Button(msgspec.Struct, frozen=True):
    """A button that opens a web page."""

    text: str = ""
    url: str = ""


class Content(msgspec.Struct, frozen=True):
    """What is sent, before personalisation.

    A format shows a part of it; the rest is kept, so that changing the format loses nothing.
    """

    message: str = ""
    """Markdown as Teams renders it, with placeholders."""

    notification: str = ""
    """The line in the activity feed and on the phone; empty: made from what is sent."""

    title: str = ""
    """Plain text. Like all that follows: of an Adaptive Card."""

    image: Picture = Picture()
    buttons: tuple[Button, ...] = ()
    card: str = ""
    """A pasted card's JSON. Only what Teams can show is kept here."""

    pasted: bool = False
    """Whether the pasted card is sent, and not what is built from the parts above."""

    survey: Survey | None = None
    """A copy of the survey that is asked; what was sent stays as it was."""


def is_pasted(content: Content, format: Format) -> bool:
    """Whether a pasted card is what is sent."""
    return format is Format.CARD and content.pasted


def is_empty(content: Content, format: Format) -> bool:
    """Whether there is nothing to send yet."""
    if is_pasted(content, format):
        return not content.card
    if format is Format.SURVEY:
        return content.survey is None
    if format is Format.CARD:
        return typed.is_blank(content.title + content.message) and not content.image.url
    return typed.is_blank(content.message)


def kept(content: Content) -> Content:
    """The content as far as it is written, mistakes and all.

    Raises Invalid for what is too long.
    """
    kept = msgspec.structs.replace(
        content,
        message=typed.paragraphs(content.message),
        notification=typed.one_line(content.notification),
        title=typed.one_line(content.title),
        image=Picture(content.image.url.strip(), typed.one_line(content.image.alt)),
        buttons=tuple(Button(typed.one_line(of.text), of.url.strip()) for of in content.buttons),
    )
    _refuse(dict(_too_long(kept)))
    if _DEEP.search(kept.message):
        raise Invalid("message", f"A quote can be in a quote, {QUOTES} deep at most.")
    return kept


def checked(content: Content, format: Format) -> Content:
    """The content as it is kept when it is finished.

    Raises Invalid for what is missing, too long, or can't be sent.
    """
    finished = kept(content)
    finished = msgspec.structs.replace(
        finished, buttons=tuple(of for of in finished.buttons if of.text or of.url)
    )
    _refuse(dict(_mistakes(finished, format)))
    return finished


def texts(content: Content, format: Format) -> Iterator[str]:
    """Every text of it that may have placeholders and is sent in this format."""
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


def about_placeholders(text: str) -> str | None:
    """What is wrong with the placeholders in a text, in a sentence; None when nothing is."""
    unknown = placeholders.unknown(text)
    if unknown:
        return _about_unknown(unknown)
    if placeholders.has_nested(text):
        return "What stands after the | of a placeholder can't have brackets in it."
    return None


def _too_long(content: Content) -> Iterator[tuple[str, str]]:
    limited = [
        ("message", "A message", content.message, MESSAGE_LIMIT),
        ("notification", "A notification text", content.notification, NOTIFICATION_LIMIT),
        ("title", "A title", content.title, TITLE_LIMIT),
        ("alt", "A description", content.image.alt, ALT_LIMIT),
        ("image", "An address", content.image.url, links.LIMIT),
    ]
    for number, button in enumerate(content.buttons, start=1):
        limited += [
            (f"button_{number}", "The text of a button", button.text, BUTTON_LIMIT),
            (f"link_{number}", "An address", button.url, links.LIMIT),
        ]
    for field, what, text, limit in limited:
        if len(text) > limit:
            yield field, typed.too_long(what, text, limit)


def _mistakes(content: Content, format: Format) -> Iterator[tuple[str, str]]:
    yield from _wrong_text("notification", content.notification)
    if is_pasted(content, format):
        if not content.card:
            yield "card", "Paste the JSON of the card that people will receive."
        return
    if format is not Format.CARD:
        if format is Format.SURVEY:
            yield from _wrong_survey(content.survey)
        elif is_empty(content, format):
            yield "message", "Write the message that people will receive."
        yield from _wrong_text("message", content.message, markdown=True)
        return
    if is_empty(content, format):
        yield "title", "Give the card a title, a picture or a text."
    yield from _wrong_text("title", content.title)
    yield from _wrong_text("message", content.message, markdown=True)
    yield from _wrong_image(content.image)
    for number, button in enumerate(content.buttons, start=1):
        if typed.is_blank(button.text):
            yield f"button_{number}", "Give the button a text."
        else:
            yield from _wrong_text(f"button_{number}", button.text)
        if not button.url:
            yield f"link_{number}", "Where does the button lead? Give its web address."
        else:
            yield from _wrong_address(f"link_{number}", button.url)


def _wrong_survey(survey: Survey | None) -> Iterator[tuple[str, str]]:
    if survey is None:
        yield "survey", "Choose the survey that people will answer."
    elif not survey.questions:
        yield "survey", "This survey has no questions yet. Add some, or choose another one."


def _wrong_image(image: Picture) -> Iterator[tuple[str, str]]:
    if not image.url:
        return
    yield from _wrong_address("image", image.url)
    if typed.is_blank(image.alt):
        yield "alt", "Say what the picture shows, for those who can't see it."
    else:
        yield from _wrong_text("alt", image.alt)


def _wrong_text(field: str, text: str, *, markdown: bool = False) -> Iterator[tuple[str, str]]:
    wrong = about_placeholders(text) or (links.in_markdown(text) if markdown else None)
    if wrong is not None:
        yield field, wrong


def _wrong_address(field: str, address: str) -> Iterator[tuple[str, str]]:
    wrong = about_placeholders(address) or links.problem(address)
    if wrong is not None:
        yield field, wrong


def _refuse(mistakes: dict[str, str]) -> None:
    if mistakes:
        [(field, message), *others] = mistakes.items()
        raise Invalid(field, message, dict(others))


def _about_unknown(unknown: list[str]) -> str:
    named = unknown[:5]
    what = "is not a placeholder" if len(unknown) == 1 else "are not placeholders"
    more = f" and {len(unknown) - len(named)} more" if len(unknown) > len(named) else ""
    meant = dict.fromkeys(filter(None, map(placeholders.meant, named)))
    return " ".join(
        (
            f"{', '.join(named)}{more} {what}.",
            *((f"Did you mean {' or '.join(meant)}?",) if meant else ()),
            f"You can use {', '.join(placeholders.TOKENS)}.",
        )
    )
