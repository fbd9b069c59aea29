"""How big a card is to Teams."""

import json
from collections.abc import Mapping
from typing import Final

LIMIT: Final = 80 * 1024
"""Bytes, counted as UTF-16.

Teams refuses at about 100 KB and asks to keep to 80 (format-your-bot- messages); the message around
the card takes part of the rest.
"""


def size_in_bytes(card: Mapping[str, object]) -> int:
    """Return the bytes of a card's compact JSON in UTF-16, as Teams counts: two per code unit."""
    compact = json.dumps(card, ensure_ascii=False, separators=(",", ":"))
    # A lone half of a surrogate pair, which JSON from outside can carry, counts as a unit too.
    return len(compact.encode("utf-16-le", errors="surrogatepass"))
