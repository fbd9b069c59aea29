"""How big a card is to Teams."""

import json
from collections.abc import Mapping
from typing import Final

LIMIT: Final = 80 * 1024
"""Bytes, counted as UTF-16.

Teams refuses at about 100 KB and asks to keep to 80 (format-your-bot- messages); the message around
the card takes part of the rest.
"""

FIELD: Final = 60 * 1024
"""Bytes that the text in one field may take; the rest is for the card around it."""


def size_in_bytes(card: Mapping[str, object]) -> int:
    """Return the bytes of a card's compact JSON in UTF-16, as Teams counts: two per code unit."""
    compact = json.dumps(card, ensure_ascii=False, separators=(",", ":"))
    # A lone half of a surrogate pair, which JSON from outside can carry, counts as a unit too.
    return len(compact.encode("utf-16-le", errors="surrogatepass"))


def fits_field(text: str, *, of: int = 1) -> bool:
    """Whether a card can show this text in a field, or in one of so many."""
    return size_in_bytes({"value": text}) <= FIELD // of


def cut_to_field(text: str) -> str:
    """As much of the beginning of a text as a card can show in a field."""
    while not fits_field(text):
        text = text[: len(text) * 9 // 10]
    return text
