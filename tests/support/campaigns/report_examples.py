"""A campaign to report on, and a card as text."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from campaigns import drafting
from campaigns.audience import AllUsers, FrozenAudience
from campaigns.campaign import Campaign, Status, with_run
from campaigns.content import Content, Format
from tests.support.examples import changed

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
ZONE = ZoneInfo("Europe/Paris")
WIDE = 100_000
"""People in a large audience."""


def sent_campaign(status: Status = Status.COMPLETED, **changes: Any) -> Campaign:
    draft = drafting.draft("t", "c", name="News", format=Format.IMPORTANT, author_id="a", now=NOW)
    started = msgspec.structs.replace(
        with_run(
            draft,
            audience=FrozenAudience(),
            recipients=1,
            started_at=NOW,
            ended_at=NOW + timedelta(minutes=30) if status is Status.COMPLETED else None,
        ),
        content=Content("[a](https://example.com)"),
        audience=AllUsers(),
        status=status,
        acknowledge=True,
    )
    return changed(started, **changes)


def as_text(card: dict[str, Any]) -> str:
    return msgspec.json.encode(card).decode()
