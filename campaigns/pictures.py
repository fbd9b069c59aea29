"""Pictures on the web: the limits of Teams, and findings at an address."""

from __future__ import annotations

import msgspec

from campaigns.errors import Refusal

LARGEST = 1024 * 1024
"""Bytes (cards-format docs)."""

WIDEST = 1024
"""Pixels, in either direction."""


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """Result of looking at a picture; a good one has neither."""

    wrong: Refusal | None = None
    """Reason why Teams would not show it."""

    unsure: Refusal | None = None
    """Reason why it could not be looked at."""
