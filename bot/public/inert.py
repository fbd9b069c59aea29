"""Texts that no table program runs as a formula, wherever it splits them.

A file of commas is opened with semicolons where the comma is the decimal sign. Then a text is cut
in the middle, quotes or not, and what stands after the semicolon begins a cell. So a formula is
made a text after everything that can end a cell: a separator, a quote, a line break.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

MARK: Final = "'"
"""Stands before a character that would begin a formula, and makes a text of it."""

BEGINNERS: Final = "".join(
    character
    for character in map(chr, range(0x80, 0x10000))
    if unicodedata.normalize("NFKC", character)[:1] in tuple("=+-@\u2212")
)
"""Other forms of ``=``, ``+``, ``-`` and ``@``: full-width, small, raised, lowered, the minus sign.
Programs turn full-width forms into plain ones where people write in them."""

_BEGINS = rf"[=+\-@{re.escape(BEGINNERS)}]"
_ENDS_A_CELL = (
    r",;|\t\uff0c\uff1b\uff5c"  # separators, and their full-width forms
    r"\n\v\f\r\x1c-\x1e\x85\u2028\u2029"  # line breaks
    "\"'`\u2018-\u201f\uff02\uff07"  # quotes
)
# Space of other kinds, control characters, and what nobody sees: programs leave them out. None of
# them ends a cell, so that the search takes linear time.
_UNSEEN = (
    r" \x00-\x08\x0e-\x1b\x1f\x7f-\x84\x86-\xa0\xad\u061c\u1680\u180e\u2000-\u200f\u202a-\u202f"
    r"\u205f-\u206f\u3000\ufeff"
)
_ANY = re.compile(_BEGINS)
_BEGINNING = rf"(?:^|(?<=[{_ENDS_A_CELL}]))[{_UNSEEN}]*"
_FORMULA = re.compile(rf"({_BEGINNING})(?={_BEGINS})")
_MARKED = re.compile(rf"({_BEGINNING}){MARK}(?={_BEGINS})")


def inert(text: str) -> str:
    """Returns the text with a mark before each character that could begin a formula.

    :func:`as_written` is the way back.
    """
    if _ANY.search(text) is None:
        # Most texts.
        return text
    return _FORMULA.sub(rf"\1{MARK}", text)


def as_written(text: str) -> str:
    """Returns the text that :func:`inert` made this one of."""
    return _MARKED.sub(r"\1", text)
