"""The size of a card as Teams counts it."""

import json
from collections.abc import Mapping
from typing import Final

LIMIT: Final = 80 * 1024
"""Most bytes of a card, counted as UTF-16.

Teams refuses messages of about 100 KB and asks to keep to 80 (format-your-bot-messages). The
message around the card takes part of the rest.
"""

ADMIN_ROOM: Final = 14 * 1024
"""Bytes kept free for an admin's card around a recipient's card that it shows."""

FIELD_LIMIT: Final = 60 * 1024
"""Most bytes of the text in a card's fields; the rest is for the card around them."""


def size_in_bytes(card: Mapping[str, object]) -> int:
    """Returns the bytes of a card's compact JSON in UTF-16, as Teams counts: two per code unit."""
    compact = json.dumps(card, ensure_ascii=False, separators=(",", ":"))
    # A lone half of a surrogate pair, which JSON from outside can carry, counts as a unit too.
    return len(compact.encode("utf-16-le", errors="surrogatepass"))


def fits_field(text: str, *, fields: int = 1) -> bool:
    """Returns True when a card can show this text in a field.

    :param fields: how many such fields the card has, with equal room for each.
    """
    return size_in_bytes({"value": text}) <= FIELD_LIMIT // fields


def cut_to_field(text: str) -> str:
    """Returns the text, or its beginning when it is too long to show in a card's field."""
    while not fits_field(text):
        text = text[: len(text) * 9 // 10]
    return text
