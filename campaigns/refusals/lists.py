"""Reasons to refuse a distribution list."""

from __future__ import annotations

from campaigns.errors import RefusalDetails, RefusalKey


class ListRefusal(RefusalKey):
    """Parts that are missing in a list."""

    NO_NAME = "no_name"
    NO_ADDRESS = "no_address"


class TooManyAddresses(RefusalDetails, frozen=True):
    """A list has more addresses than it may have."""

    number: int
    limit: int


class NotAddresses(RefusalDetails, frozen=True):
    """The text that was typed has no address in it."""

    pieces: tuple[str, ...]
    """The pieces of that text."""
