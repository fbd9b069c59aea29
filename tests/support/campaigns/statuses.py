"""A campaign in each status."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec

from campaigns import drafting
from campaigns.audience import FrozenAudience, ListAudience
from campaigns.campaign import Campaign, Run, Status
from campaigns.content import Content, Format

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)


def draft(name: str = "Spring news") -> Campaign:
    return drafting.draft("t", "c", name=name, format=Format.IDEA, author_id="u", now=NOW)


def in_status(status: Status) -> Campaign:
    """A complete campaign in this status, with everything that belongs to it."""
    started = status.has_started
    return msgspec.structs.replace(
        draft(),
        content=Content("Hello [FIRSTNAME]"),
        audience=ListAudience("l"),
        status=status,
        run=Run(
            audience=FrozenAudience(name="Sales" if started else ""),
            recipients=7 if started else None,
            started_at=NOW if started else None,
            ended_at=NOW if status.has_ended else None,
        ),
    )
