"""What a campaign sends, before personalisation: what it may be, and what is checked."""

from __future__ import annotations

import enum

import msgspec

from campaigns import placeholders, typed
from campaigns.errors import Invalid

MESSAGE_LIMIT = 8_000
"""Characters.

A message to Teams may be 80 KB counted as UTF-16 (rate-limit docs); this leaves room for the card
around the text, for JSON's escapes and for the values that replace placeholders.
"""


class Format(enum.Enum):
    """How a campaign looks to its recipients."""

    MESSAGE = "message"
    """Plain text, no header."""

    IDEA = "idea"
    SUCCESS = "success"
    IMPORTANT = "important"


class Content(msgspec.Struct, frozen=True):
    """What is sent, before personalisation."""

    message: str = ""
    """Markdown as Teams renders it, with placeholders."""


def checked_message(message: str) -> str:
    """The message as it is kept.

    Raises Invalid when it is empty, too long, or has a placeholder that nobody fills.
    """
    kept = kept_message(message)
    if typed.is_blank(kept):
        raise Invalid("message", "Write the message that people will receive.")
    unknown = placeholders.unknown(kept)
    if unknown:
        raise Invalid("message", _about_unknown(unknown))
    return kept


def kept_message(message: str) -> str:
    """The message as far as it is written, mistakes and all.

    Raises Invalid when it is too long.
    """
    kept = typed.paragraphs(message)
    if len(kept) > MESSAGE_LIMIT:
        raise Invalid(
            "message",
            f"A message has at most {MESSAGE_LIMIT:,} characters; this one has {len(kept):,}.",
        )
    return kept


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
