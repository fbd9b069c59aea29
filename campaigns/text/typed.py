"""Text that a person typed or pasted, or that another system sent, made fit to keep.

Unseen characters come along when people paste: control characters, zero-width spaces, overrides of
the writing direction. They can make two names look alike, or reverse the words beside them.
"""

from __future__ import annotations

import re
import unicodedata

from campaigns.errors import Invalid, Refusal
from campaigns.refusals.text import TextField, TooLong

# Control characters but tabs and line breaks; and halves of surrogate pairs, which can't be written
# as UTF-8, so that storing or sending them would fail.
_CONTROLS = r"\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\ud800-\udfff"
# Soft hyphen, marks and overrides of the writing direction, zero-width space, byte-order mark, ...
# The joiners U+200C and U+200D are not here: Persian and composed emoji need them.
_ZERO_WIDTH = r"\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"

_UNPRINTED = re.compile(f"[{_CONTROLS}]")
_UNSEEN = re.compile(f"[{_CONTROLS}{_ZERO_WIDTH}]")

# Unicode counts these as letters or symbols, and shows nothing for them.
_EMPTY_LETTERS = frozenset("\u115f\u1160\u2800\u3164\uffa0")
_WITHOUT_INK = frozenset({"Cc", "Cf", "Cs", "Zs", "Zl", "Zp", "Mn", "Mc", "Me"})


def is_blank(text: str) -> bool:
    """Returns True when the text has no visible character, or is empty."""
    return all(
        unicodedata.category(character) in _WITHOUT_INK or character in _EMPTY_LETTERS
        for character in text
    )


def is_right_to_left(text: str) -> bool:
    """Returns True for text from right to left: its first letter decides, as in Unicode."""
    for character in text:
        match unicodedata.bidirectional(character):
            case "R" | "AL":
                return True
            case "L":
                return False
    return False


def without_unseen(text: str) -> str:
    """Returns the text without characters that nobody sees and no script needs."""
    return _UNSEEN.sub("", text)


def one_line(text: str) -> str:
    """Returns the text on one line, with single spaces and no unseen characters."""
    if text.isprintable() and "  " not in text:
        # Most texts. Unseen characters do not count as printable, nor do unusual spaces.
        return text.strip()
    return " ".join(without_unseen(text).split())


def from_outside(text: str | None, limit: int) -> str:
    """Returns a text about a person from another system, such as a name, made fit to keep.

    The result is one line without unseen characters, cut at ``limit`` characters. It is empty when
    no visible character is left.
    """
    kept = one_line(text or "")[:limit].rstrip()
    return "" if is_blank(kept) else kept


def paragraphs(text: str) -> str:
    """Returns the text with ``\\n`` as its only line break.

    Control characters and space around it are removed. Zero-width characters stay: Khmer and Thai
    break lines at them, Arabic and Hebrew need marks of direction.
    """
    return _UNPRINTED.sub("", "\n".join(text.splitlines())).strip()


def checked_name(text: str, *, limit: int, missing: Refusal) -> str:
    """Returns a name as it is kept: one line, no space around it.

    Raises Invalid with ``missing`` when no visible character is left, and with TooLong when it is
    longer than ``limit`` characters.
    """
    kept = one_line(text)
    if is_blank(kept):
        raise Invalid("name", missing)
    if len(kept) > limit:
        raise Invalid("name", TooLong(TextField.NAME, len(kept), limit))
    return kept
