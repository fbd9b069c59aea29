"""A data folder to move into a database, the move, and checks of the result."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path

from campaigns.campaign import Status
from campaigns.feedback.events import Event, EventKind
from campaigns.report import Result
from campaigns.surveys import results
from campaigns.surveys.survey import Survey
from storage.embedded.store import EmbeddedStore
from storage.postgres.store import PostgresStore
from storage.transfer import move
from tests.support.examples import (
    KEY,
    NOW,
    OTHER_TENANT,
    TENANT,
    campaign,
    ids,
    many,
)
from tests.support.tree import ROOT

COMMAND = [sys.executable, str(ROOT / "app.py"), "migrate-store"]
SENDING = campaign(KEY.campaign_id, status=Status.SENDING, started_at=NOW, recipients=1_203)
SENT = campaign("sent", OTHER_TENANT, status=Status.COMPLETED, started_at=NOW, recipients=3)
SIGNS = b"\x00 what signs the links \xff"
PEOPLE = ids(many(1_203))
LIKED, UNLIKED = PEOPLE[7], PEOPLE[700]
"""A person who took a like back and gave it again, and one who took it back for good."""


def event(person: str, kind: EventKind, detail: str = "") -> Event:
    return Event(kind=kind, at=NOW, recipient_id=person, detail=detail)


ASKED = Survey(
    tenant_id=TENANT, id="s", name="Asked", author_id="author", created_at=NOW, updated_at=NOW
)

EVENTS = [
    *(event(person, EventKind.CLICK, "link") for person in PEOPLE),
    *(event(person, EventKind.CLICK, "link") for person in PEOPLE),
    *(event(person, EventKind.REACTED, "like") for person in (LIKED, UNLIKED)),
    *(event(person, EventKind.UNREACTED, "like") for person in (LIKED, UNLIKED)),
    event(LIKED, EventKind.REACTED, "like"),
    *(event("", EventKind.CLICK, "link") for _ in range(7)),
]
"""2,418 events of one campaign at the same moment: only their order tells which came first."""


async def moved(folder: Path, target: PostgresStore) -> list[str]:
    """Moves the folder; returns the lines that were told."""
    source = EmbeddedStore(folder, moving_out=True)
    await source.open()
    told: list[str] = []
    try:
        await move(source, target, told.append)
    finally:
        await source.close()
    return told


TOLD = [
    "campaign 1 of 3",
    "campaign 2 of 3",
    "campaign 3 of 3",
    "secrets: 1 in the folder, 1 in the database",
    "users: 32 in the folder, 32 in the database",
    "lists: 2 in the folder, 2 in the database",
    "templates: 2 in the folder, 2 in the database",
    "surveys: 1 in the folder, 1 in the database",
    "campaigns: 3 in the folder, 3 in the database",
    "deliveries: 1,207 in the folder, 1,207 in the database",
    "events: 2,420 in the folder, 2,420 in the database",
    "responses: 20 in the folder, 20 in the database",
    "people who have answered: 20 in the folder, 20 in the database",
    "days of answers: 2 in the folder, 2 in the database",
]


async def require_not_marked(folder: Path) -> None:
    """Requires that the folder is not marked as moved: a bot can go on with it."""
    store = EmbeddedStore(folder)
    await store.open()
    await store.close()


async def require_all(target: PostgresStore) -> None:
    """Requires that nothing is missing, and nothing is there twice."""
    assert (await target.ledger.counts(KEY)).recipients == 1_203
    ongoing = await target.ledger.page(KEY, Result.ONGOING, offset=0, limit=2_000)
    assert [row.recipient_id for row in ongoing.items] == PEOPLE[15:]
    kept = [event async for chunk in target.events.rows(KEY) for event in chunk]
    assert len(kept) == len(EVENTS)
    assert (await target.events.engagement(KEY)).reactions == {"like": 1}
    assert results.responses(await target.responses.tally(KEY)) == 20
    assert await target.responses.answered(KEY, PEOPLE) == set(PEOPLE[:20])
    assert await target.responses.days(KEY) == {date(2026, 3, 1): 10, date(2026, 3, 2): 10}
