"""What Teams shows of pictures on the web, and what was found at an address."""

from __future__ import annotations

import msgspec

from campaigns.errors import Refusal

LARGEST = 1024 * 1024
"""Bytes (cards-format docs)."""

WIDEST = 1024
"""Pixels, in either direction."""


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """What came of looking at a picture; a good one has neither."""

    wrong: Refusal | None = None
    """Why Teams would not show it."""

    unsure: Refusal | None = None
    """Why it could not be looked at."""
