"""The line in the activity feed and on the phone, before its placeholders are filled."""

from __future__ import annotations

import re

from campaigns.content import Content, Format, is_pasted
from campaigns.text import placeholders, typed
from campaigns.text.placeholders import Place
from cards.message import card_json, pasted

_LONGEST = 100
"""Most characters of a line that is made from the message; the activity feed shows about as many.
"""

_ENOUGH = 40
"""Characters from which on no further paragraph is added."""

_WITHOUT_WORDS = "A new message for you"

# Characters that format a card's Markdown and mean nothing in a notification.
_LINE_START = re.compile(
    r"^[ \t]*(?:#{1,6}[ \t]+|>[ \t]?|(?:[-*+]|\d{1,9}[.)])[ \t]+|```\w*)", re.MULTILINE
)
_BLANK_LINES = re.compile(r"\n[ \t]*\n\s*")
_HEADING = re.compile(r"#{1,6}[ \t]+\S")
# Also matches a link without an end, which is no link. So no part of a text is read twice, whatever
# repeats in it.
_LINK = re.compile(rf"!?\[((?:{placeholders.TOKEN_PATTERN}|[^\[\]\n])*+)\]\([^)\n]*+(?P<end>\))?")
_TOKEN_LINK = re.compile(rf"({placeholders.TOKEN_PATTERN})\([^)\s]*+(?P<end>\))?")
_EMPHASIS = re.compile(
    r"(?<!\\)(?:\*{1,3}(?=\S)|(?<=\S)\*{1,3}|~~|`+|(?<!\w)_{1,3}(?=\S)|(?<=\S)_{1,3}(?!\w))"
)
_ESCAPED = re.compile(r"\\([^\w\s\[])")


def notification(content: Content, format: Format) -> str:
    """Returns the author's notification, or else the title or the first words of the message."""
    if content.notification:
        return content.notification
    if is_pasted(content, format):
        return _from_card(content.card) or _WITHOUT_WORDS
    if format is Format.CARD:
        title = typed.one_line(content.title)
        return title or _from_message(content.message) or content.image.alt or _WITHOUT_WORDS
    words = _from_message(content.message)
    if not words and format is Format.SURVEY and content.survey is not None:
        words = placeholders.removed(content.survey.name)
    return words or _WITHOUT_WORDS


def _from_message(message: str) -> str:
    """Returns the heading at the message's beginning, or else its first words.

    The words are whole paragraphs, until there are enough.
    """
    first, _, _ = message.partition("\n")
    if _HEADING.match(first):
        return _beginning(_plain(first))
    words = ""
    for paragraph in _BLANK_LINES.split(message):
        lines = paragraph.split("\n")
        heading = next(
            (index for index, line in enumerate(lines) if _HEADING.match(line.lstrip())), None
        )
        before = _plain("\n".join(lines[:heading]))
        words = typed.one_line(f"{words} {before}")
        if heading is not None and len(words) < _ENOUGH:
            # The heading is a sentence of its own, apart from the words before and after it.
            apart = " \u2013 " if words and words[-1].isalnum() else " "
            return _beginning(typed.one_line(f"{words}{apart}{_plain(lines[heading].lstrip())}"))
        if heading is not None or len(words) >= _ENOUGH:
            break
    return _beginning(words)


def _from_card(card: str) -> str:
    if not card:
        return ""
    for _, place, text in card_json.texts(pasted.load(card)):
        if place is Place.ADDRESS:
            continue
        words = _plain(text) if place is Place.MARKDOWN else typed.one_line(text)
        if not typed.is_blank(words):
            return _beginning(words)
    return ""


def _plain(markdown: str) -> str:
    """Returns the words of a text on one line, without their formatting."""
    text = _LINE_START.sub("", markdown)
    text = _LINK.sub(_label, _TOKEN_LINK.sub(_label, text))
    return typed.one_line(_ESCAPED.sub(r"\1", _EMPHASIS.sub("", text)))


def _label(link: re.Match[str]) -> str:
    return link[1] if link["end"] else link[0]


def _beginning(text: str) -> str:
    """Returns a text's beginning, cut after a word and never within a placeholder."""
    if typed.is_blank(text):
        return ""
    kept = ""
    for part in placeholders.parse(text, Place.PLAIN):
        piece = part if isinstance(part, str) else part.token
        room = _LONGEST - len(kept)
        if len(piece) > room:
            if isinstance(part, str):
                cut = piece[: room + 1]
                kept += cut[: cut.rfind(" ")] if " " in cut else cut[:room]
            return f"{kept.rstrip()}…"
        kept += piece
    return kept
