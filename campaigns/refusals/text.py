"""Reasons to refuse a text: its length, its placeholders, its links."""

from __future__ import annotations

import enum

from campaigns.errors import Refusal, RefusalDetails, RefusalKey


class TextField(enum.Enum):
    """Texts that have a limit."""

    NAME = "name"
    MESSAGE = "message"
    NOTIFICATION = "notification"
    TITLE = "title"
    DESCRIPTION = "description"
    ADDRESS = "address"
    BUTTON = "button"
    INTRODUCTION = "introduction"
    THANKS = "thanks"
    QUESTION = "question"
    HELP = "help"
    CHOICE = "choice"
    ANSWER = "answer"


class TooLong(RefusalDetails, frozen=True):
    """A text has more characters than it may have."""

    text: TextField
    length: int
    limit: int


class QuotesTooDeep(RefusalDetails, frozen=True):
    """Quotes are nested more deeply than ``limit``."""

    limit: int


class UnknownPlaceholders(RefusalDetails, frozen=True):
    """Words in brackets look like placeholders, but nothing fills them."""

    placeholders: tuple[str, ...]
    meant: tuple[str, ...]
    """Placeholders that may have been meant."""


class WrongLink(RefusalDetails, frozen=True):
    """A link in a text has an address that can't be used."""

    address: str
    problem: Refusal


class AddressStart(RefusalDetails, frozen=True):
    """An address begins with none of the allowed schemes."""

    schemes: tuple[str, ...]


class TextRefusal(RefusalKey):
    """Mistakes in a text that have no values."""

    NESTED_PLACEHOLDER = "nested_placeholder"
    ADDRESS_WITH_SPACES = "address_with_spaces"
    ADDRESS_INCOMPLETE = "address_incomplete"
    PLACEHOLDER_IN_HOST = "placeholder_in_host"
