"""Words for mistakes in a text: its length, its placeholders, its links."""

from __future__ import annotations

from collections.abc import Mapping

from campaigns.content import NAMED_PLACEHOLDERS
from campaigns.errors import Refusal
from campaigns.refusals.text import (
    AddressStart,
    QuotesTooDeep,
    TextField,
    TextRefusal,
    TooLong,
    UnknownPlaceholders,
    WrongLink,
)
from campaigns.text import typed
from campaigns.text.placeholders import TOKENS
from cards.refusals.base import Words, worded

FIELDS: Mapping[TextField, str] = {
    TextField.NAME: "A name",
    TextField.MESSAGE: "A message",
    TextField.NOTIFICATION: "A notification text",
    TextField.TITLE: "A title",
    TextField.DESCRIPTION: "A description",
    TextField.ADDRESS: "An address",
    TextField.BUTTON: "The text of a button",
    TextField.INTRODUCTION: "An introduction",
    TextField.THANKS: "This text",
    TextField.QUESTION: "A question",
    TextField.HELP: "A help line",
    TextField.CHOICE: "A choice",
    TextField.ANSWER: "An answer",
}

_LINK_SHOWN = 60
"""Characters of a link that are shown."""


def in_words(refusal: Refusal) -> str:
    """Returns the sentence for a reason of this module."""
    return worded(WORDS, refusal)


def _too_long(reason: TooLong) -> str:
    return (
        f"{FIELDS[reason.text]} has at most {reason.limit:,} characters; "
        f"this one has {reason.length:,}."
    )


def _unknown(reason: UnknownPlaceholders) -> str:
    unknown, named = reason.placeholders, reason.placeholders[:NAMED_PLACEHOLDERS]
    what = "is not a placeholder" if len(unknown) == 1 else "are not placeholders"
    more = f" and {len(unknown) - len(named)} more" if len(unknown) > len(named) else ""
    return " ".join(
        (
            f"{', '.join(named)}{more} {what}.",
            *((f"Did you mean {' or '.join(reason.meant)}?",) if reason.meant else ()),
            f"You can use {', '.join(TOKENS)}.",
        )
    )


def _wrong_link(reason: WrongLink) -> str:
    shown = typed.one_line(reason.address)
    cut = f"{shown[:_LINK_SHOWN]}…" if len(shown) > _LINK_SHOWN else shown
    return f"The link to “{cut}” can't be used. {in_words(reason.problem)}"


def _address_start(reason: AddressStart) -> str:
    shown = [
        f"{scheme}://" if scheme.startswith("http") else f"{scheme}:" for scheme in reason.schemes
    ]
    either = f"{', '.join(shown[:-1])} or {shown[-1]}" if len(shown) > 1 else shown[0]
    return f"An address starts with {either}."


WORDS: Words = {
    TooLong: _too_long,
    QuotesTooDeep: "A quote can be in a quote, {limit} deep at most.",
    UnknownPlaceholders: _unknown,
    WrongLink: _wrong_link,
    AddressStart: _address_start,
    TextRefusal.NESTED_PLACEHOLDER: (
        "What stands after the | of a placeholder can't have brackets in it."
    ),
    TextRefusal.ADDRESS_WITH_SPACES: "An address has no spaces in it.",
    TextRefusal.ADDRESS_INCOMPLETE: ("This is no whole address, such as https://example.com/page."),
    TextRefusal.PLACEHOLDER_IN_HOST: (
        "A placeholder can't stand in the name of the site; only after it."
    ),
}
