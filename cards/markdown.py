"""Escaping of foreign values for the Markdown of a card's text.

Adaptive Card hosts render text by CommonMark's rules (the JavaScript renderer with markdown-it),
where a backslash makes any ASCII punctuation mark literal. Only marks that can mean something are
escaped, so that a client with poorer Markdown shows few stray backslashes.
"""

import re
from typing import Final

from campaigns.text import placeholders

# Special anywhere: emphasis, code, links, strikethrough, HTML, entities, table cells, and braces
# (those of the cards' own {{DATE(...)}} function).
_INLINE: Final = re.compile(r"[\\`*_\[\]<>&~{}|]")
# Special at the start of a line: headings, lists, quotes (in _INLINE), rules and underlines of
# headings.
_LINE_START: Final = re.compile(r"^(?:[#+=:-]|\d{1,9}(?=[.)]))")
# Text without anything special, as most names and addresses are: it begins with a letter, and has
# only single punctuation marks between letters and digits.
_PLAIN: Final = re.compile(r"[^\W\d_][^\W_]*(?:[ .@'-][^\W_]+)*")
# Overrides of the writing direction: they would also reverse the words of the card after them.
_OVERRIDES: Final = re.compile(r"[\u202a-\u202e\u2066-\u2069]")
_SPACE: Final = re.compile(r"[\s\x00-\x1f\x7f\u2028\u2029]+")


def escape(text: str) -> str:
    r"""Returns Markdown that renders as ``text`` on one line, whatever it contains.

    Line breaks, tabs, control characters and runs of spaces become one space. Overrides of the
    writing direction are left out. One weakness remains: Teams itself turns bare web and e-mail
    addresses into links to what they show, and no escape prevents that.

    >>> escape("*Ann* [free](http://evil.example)")
    '\\*Ann\\* \\[free\\](http://evil.example)'
    """
    if _PLAIN.fullmatch(text):
        return text
    line = _SPACE.sub(" ", _OVERRIDES.sub("", text)).strip()
    return _LINE_START.sub(_escape_start, _INLINE.sub(r"\\\g<0>", line))


def escape_around_placeholders(text: str) -> str:
    """Returns Markdown that renders as ``text``. Its placeholders stay placeholders."""
    parts = placeholders.parse(text, placeholders.Place.PLAIN)
    return "".join(
        part.token if isinstance(part, placeholders.Slot) else _escape_part(part) for part in parts
    )


def _escape_part(part: str) -> str:
    """Escapes as :func:`escape` does, and keeps the space beside a placeholder."""
    before = " " if part[:1].isspace() else ""
    after = " " if part[-1:].isspace() and part.strip() else ""
    return f"{before}{escape(part)}{after}"


def _escape_start(match: re.Match[str]) -> str:
    # "1." is escaped as "1\.", and "#" as "\#".
    return match[0] + "\\" if match[0].isdigit() else "\\" + match[0]
