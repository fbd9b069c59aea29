"""Points in time: always with a zone, so that comparing two of them never fails or misleads."""

from __future__ import annotations

from datetime import datetime


def require_aware(*moments: datetime | None) -> None:
    """Raises ValueError for a datetime without a zone: a bug in the caller, never somebody's input.

    None is accepted.
    """
    for moment in moments:
        if moment is not None and moment.tzinfo is None:
            raise ValueError(f"a datetime without a time zone: {moment.isoformat()}")
