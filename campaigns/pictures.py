"""Pictures on the web: the limits of Teams, and the result of looking at one."""

from __future__ import annotations

import msgspec

from campaigns.errors import Refusal

LARGEST = 1024 * 1024
"""Most bytes of a picture (cards-format docs)."""

WIDEST = 1024
"""Most pixels of a picture, in width and in height."""


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """Result of looking at a picture. Both fields are None for one that Teams can show."""

    wrong: Refusal | None = None
    """Reason why Teams would not show it."""

    unsure: Refusal | None = None
    """Reason why it could not be looked at."""
