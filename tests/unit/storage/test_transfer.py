"""Moving from the embedded store into a database: all of it, also in two goes, and only once."""

from __future__ import annotations

import asyncio
import contextlib
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path
from typing import Any

import asyncpg
import msgspec
import pytest

from campaigns.campaign import Status
from campaigns.delivery import DeliveryStatus, PresenceWait
from campaigns.feedback.events import Event, EventKind
from campaigns.lists import DistributionList
from campaigns.report import Counts, Result
from campaigns.surveys import results
from campaigns.surveys.answers import Answer, Response
from campaigns.surveys.survey import Survey
from campaigns.user import Profile
from storage.base import Recorded, Store
from storage.embedded.store import EmbeddedStore
from storage.errors import StoreError
from storage.postgres.store import PostgresStore
from storage.transfer import move
from tests.support.examples import (
    CLAIM,
    KEY,
    NOW,
    OTHER_TENANT,
    TENANT,
    campaign,
    ended,
    every_row,
    ids,
    many,
    people,
    template,
    user,
)
from tests.support.postgresql import cable, empty_database
from tests.support.tree import ROOT

COMMAND = [sys.executable, str(ROOT / "app.py"), "migrate-store"]
SENDING = campaign(KEY.campaign_id, status=Status.SENDING, started_at=NOW, recipients=1_203)
SENT = campaign("sent", OTHER_TENANT, status=Status.COMPLETED, started_at=NOW, recipients=3)
SIGNS = b"\x00 what signs the links \xff"
PEOPLE = ids(many(1_203))
LIKED, UNLIKED = PEOPLE[7], PEOPLE[700]
"""Who took a like back and gave it again, and who took it back for good."""


def did(who: str, kind: EventKind, detail: str = "") -> Event:
    return Event(kind=kind, at=NOW, recipient_id=who, detail=detail)


ASKED = Survey(
    tenant_id=TENANT, id="s", name="Asked", author_id="author", created_at=NOW, updated_at=NOW
)

EVENTS = [
    *(did(who, EventKind.CLICK, "link") for who in PEOPLE),
    *(did(who, EventKind.CLICK, "link") for who in PEOPLE),
    *(did(who, EventKind.REACTED, "like") for who in (LIKED, UNLIKED)),
    *(did(who, EventKind.UNREACTED, "like") for who in (LIKED, UNLIKED)),
    did(LIKED, EventKind.REACTED, "like"),
    *(did("", EventKind.CLICK, "link") for _ in range(7)),
]
"""2,418 of one campaign; all at the same moment, so that only their order tells what came first."""


@pytest.fixture
async def url(postgresql: str) -> AsyncIterator[str]:
    async with empty_database(postgresql) as url:
        yield url


@pytest.fixture
async def target(url: str) -> AsyncIterator[PostgresStore]:
    store = PostgresStore(url)
    await store.open()
    yield store
    await store.close()


@pytest.fixture
async def folder(tmp_path: Path) -> Path:
    """Of a bot that was killed while sending."""
    store = EmbeddedStore(tmp_path / "data")
    await store.open()
    for number in range(30):
        await store.users.put(user(f"u{number}", email=f"u{number}@example.com"))
    await store.users.put(user("nul", OTHER_TENANT, profile=Profile(name="A\0B \ud83d")))
    await store.users.put(user("gone", reachable=False))
    await store.lists.add(people("l"))
    await store.lists.save(await _first(store))
    await store.lists.add(people("m", OTHER_TENANT))
    await store.templates.add(template("t"))
    await store.templates.add(template("t", OTHER_TENANT, name="There"))
    await store.secrets.get_or_keep("links", SIGNS)
    await store.campaigns.add(SENDING)
    await store.campaigns.add(SENT)
    await store.campaigns.add(campaign("draft", OTHER_TENANT))
    await store.ledger.freeze(KEY, many(1_203))
    rows = await store.ledger.claim(KEY, CLAIM, now=NOW, limit=20)
    await store.ledger.settle(KEY, [ended(row) for row in rows[:10]])
    await store.ledger.settle(KEY, [ended(row, DeliveryStatus.IN_DOUBT) for row in rows[10:15]])
    looked_for = many(4, waiting=PresenceWait(absences=2, first_at=NOW))[3]
    await store.ledger.freeze(SENT.key, [*(ended(row) for row in many(3)), looked_for])
    assert await store.events.append(KEY, EVENTS) == len(EVENTS)
    await store.surveys.add(ASKED)
    for number, who in enumerate(PEOPLE[:20]):
        given = Response(f"r{number}", {"q1": Answer(number=number % 5, other="A\0é")})
        await store.responses.record(
            KEY, who, given, day=date(2026, 3, 1 + number % 2), change=True
        )
    await store.events.append(
        SENT.key, [did(PEOPLE[0], EventKind.READ), did("", EventKind.CLICK, "link")]
    )
    await store.close()
    return tmp_path / "data"


async def _first(store: EmbeddedStore) -> DistributionList:
    found = await store.lists.get(TENANT, "l")
    assert found is not None
    return found


async def moved(folder: Path, target: PostgresStore) -> list[str]:
    """What was told."""
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


async def test_everything_is_there_as_it_was(folder: Path, target: PostgresStore) -> None:
    assert await moved(folder, target) == TOLD
    assert await target.ledger.counts(KEY) == Counts(success=10, in_doubt=5, ongoing=1_188)
    kept = await target.campaigns.get(KEY)
    assert kept == msgspec.structs.replace(SENDING, revision=1)
    assert [one.revision for one in (await target.lists.page(TENANT, offset=0, limit=9)).items] == [
        2
    ]
    kept_template = await target.templates.get(OTHER_TENANT, "t")
    assert kept_template == msgspec.structs.replace(
        template("t", OTHER_TENANT, name="There"), revision=1
    )
    gone = await target.users.get(TENANT, "gone")
    assert gone is not None
    assert not gone.reachable
    # What was claimed when the process ended is in doubt for whoever goes on.
    await target.leases.beat("me", seconds=10.0, wanted=[], now=NOW)
    assert len(await target.ledger.abandoned(KEY, NOW, holder="me")) == 5


async def test_what_came_back_is_there_in_its_order(folder: Path, target: PostgresStore) -> None:
    await moved(folder, target)
    engagement = await target.events.engagement(KEY)
    assert (engagement.clicks, engagement.clicked) == (2 * 1_203 + 7, 1_203)
    assert engagement.reactions == {"like": 1}
    found = await target.events.of(KEY, [LIKED, UNLIKED])
    assert {who: list(own) for who, own in found.items()} == {
        who: [event for event in EVENTS if event.recipient_id == who] for who in (LIKED, UNLIKED)
    }
    assert (await target.events.engagement(SENT.key)).read == 1


async def test_who_has_answered_does_not_answer_again(folder: Path, target: PostgresStore) -> None:
    await moved(folder, target)
    again = await target.responses.record(
        KEY, PEOPLE[7], Response("another", {}), day=date(2026, 3, 5), change=True
    )
    assert again is Recorded.ELSEWHERE
    assert await target.surveys.get(TENANT, "s") == msgspec.structs.replace(ASKED, revision=1)


async def test_links_that_people_have_stay_good(folder: Path, target: PostgresStore) -> None:
    await target.secrets.get_or_keep("links", b"of a bot that was only started")
    await moved(folder, target)
    assert await target.secrets.get_or_keep("links", b"another") == SIGNS


async def test_a_folder_without_a_key_leaves_no_key_of_a_bot_that_was_only_started(
    tmp_path: Path, target: PostgresStore
) -> None:
    source = EmbeddedStore(tmp_path / "data")
    await source.open()
    await source.users.put(user("u1"))
    await source.close()
    await target.secrets.get_or_keep("links", b"of a bot that was only started")
    await moved(tmp_path / "data", target)
    assert await target.secrets.everything() == {}
    assert await target.users.get(TENANT, "u1") == user("u1")


async def test_links_that_people_have_from_the_database_stay_good_too(
    folder: Path, target: PostgresStore
) -> None:
    await target.secrets.get_or_keep("links", b"of a bot that has sent")
    await target.campaigns.add(campaign("another"))
    with pytest.raises(StoreError, match="another key"):
        await moved(folder, target)
    assert await target.secrets.get_or_keep("links", b"") == b"of a bot that has sent"
    assert await target.users.get(TENANT, "u1") is None
    await require_not_marked(folder)


class Watched(EmbeddedStore):
    """Knows what it was asked for."""

    def __init__(self, folder: Path) -> None:
        self.asked_for: set[str] = set()
        super().__init__(folder, moving_out=True)

    def __getattribute__(self, name: str) -> Any:
        asked_for: set[str] = super().__getattribute__("__dict__").get("asked_for", set())
        asked_for.add(name)
        return super().__getattribute__(name)


async def test_nothing_that_a_store_keeps_is_forgotten(folder: Path, target: PostgresStore) -> None:
    source = Watched(folder)
    await source.open()
    source.asked_for.clear()
    await move(source, target, lambda _: None)
    asked_for = frozenset(source.asked_for)
    await source.close()
    keeps = {name for name, of in vars(Store).items() if isinstance(of, property)}
    # Who sends for whom, and what is being answered just now: it ends with the processes.
    assert keeps - asked_for == {"leases", "inbox"}


@contextlib.asynccontextmanager
async def refusing(url: str, table: str, rows: int) -> AsyncIterator[None]:
    """Meanwhile the database takes no more into this table, once it has so many rows."""
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(
            f"""
            CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                IF (SELECT count(*) FROM {table}) >= {rows} THEN RAISE 'enough'; END IF;
                RETURN NULL;
            END $$;
            CREATE TRIGGER refuse BEFORE INSERT ON {table} EXECUTE FUNCTION refuse();
            """
        )
        yield
        await connection.execute(f"DROP TRIGGER refuse ON {table}; DROP FUNCTION refuse")
    finally:
        await connection.close()


async def require_not_marked(folder: Path) -> None:
    """The folder is as it was, and a bot can go on with it."""
    store = EmbeddedStore(folder)
    await store.open()
    await store.close()


async def require_all(target: PostgresStore) -> None:
    """Nothing is missing, and nothing is there twice."""
    assert (await target.ledger.counts(KEY)).recipients == 1_203
    ongoing = await target.ledger.page(KEY, Result.ONGOING, offset=0, limit=2_000)
    assert [row.recipient_id for row in ongoing.items] == PEOPLE[15:]
    kept = [event async for chunk in target.events.rows(KEY) for event in chunk]
    assert len(kept) == len(EVENTS)
    assert (await target.events.engagement(KEY)).reactions == {"like": 1}
    assert results.responses(await target.responses.tally(KEY)) == 20
    assert await target.responses.answered(KEY, PEOPLE) == set(PEOPLE[:20])
    assert await target.responses.days(KEY) == {date(2026, 3, 1): 10, date(2026, 3, 2): 10}


@pytest.mark.parametrize(
    ("table", "rows"),
    [
        ("secrets", 0),
        ("users", 0),
        ("users", 9),
        ("lists", 1),
        ("templates", 1),
        ("deliveries", 0),
        ("deliveries", 1_000),
        ("deliveries", 1_203),  # between two campaigns
        ("events", 0),
        ("events", 500),
        ("events", 2_411),  # before those that are nobody's
        ("surveys", 0),
        ("responses", 7),
        ("answered", 0),
        ("answered_days", 1),
        ("campaigns", 0),  # all of one is there but itself
        ("campaigns", 2),
    ],
)
async def test_a_move_that_was_cut_off_goes_on(
    folder: Path, url: str, target: PostgresStore, table: str, rows: int
) -> None:
    async with refusing(url, table, rows):
        with pytest.raises(StoreError, match="enough"):
            await moved(folder, target)
    await require_not_marked(folder)
    assert await moved(folder, target) == TOLD
    await require_all(target)


@pytest.mark.parametrize("rows", [179, 358, 7])
async def test_what_was_written_without_our_knowing_is_not_there_twice(
    folder: Path, url: str, target: PostgresStore, rows: int
) -> None:
    async with cable(url) as way:
        beyond = PostgresStore(way.url)
        await beyond.open()
        way.cut_at(f"INSERT 0 {rows}")
        with pytest.raises(StoreError):
            await moved(folder, beyond)
        await beyond.close()
    assert await moved(folder, target) == TOLD
    await require_all(target)


async def test_a_move_that_was_killed_goes_on(
    folder: Path, url: str, target: PostgresStore
) -> None:
    """Killed while it writes events, which arrive when it is gone."""
    connection = await asyncpg.connect(url)
    await connection.execute(
        """
        CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            IF (SELECT count(*) FROM events) > 500 THEN PERFORM pg_advisory_xact_lock(1); END IF;
            RETURN NULL;
        END $$;
        CREATE TRIGGER wait BEFORE INSERT ON events EXECUTE FUNCTION wait();
        SELECT pg_advisory_lock(1);
        """
    )
    process = await asyncio.create_subprocess_exec(
        *COMMAND, env={"PATH": os.environ["PATH"], "STORE": url}, cwd=folder.parent
    )
    waiting = (
        "SELECT count(*) FROM pg_locks JOIN pg_database ON pg_database.oid = database"
        " WHERE datname = current_database() AND locktype = 'advisory' AND NOT granted"
    )
    async with asyncio.timeout(60):
        while not await connection.fetchval(waiting):
            assert process.returncode is None
            await asyncio.sleep(0.05)
    process.kill()
    await process.wait()
    await connection.execute("SELECT pg_advisory_unlock(1)")
    assert await moved(folder, target) == TOLD
    await require_all(target)
    await connection.close()


async def test_moving_again_changes_nothing(folder: Path, target: PostgresStore) -> None:
    await moved(folder, target)
    before = await every_row(target.ledger)
    assert await moved(folder, target) == TOLD
    assert await every_row(target.ledger) == before
    await require_all(target)


@pytest.mark.parametrize(
    ("what", "change"),
    [
        ("secrets", "INSERT INTO secrets VALUES ('other', 'x')"),
        ("users", "UPDATE users SET tenant_id = 't' WHERE id = 'u1'"),
        ("lists", "UPDATE lists SET tenant_id = 't' WHERE id = 'm'"),
        ("templates", "UPDATE templates SET id = 'other' WHERE name = 'there'"),
        ("surveys", "UPDATE surveys SET tenant_id = 't'"),
        ("campaigns", "UPDATE campaigns SET campaign = jsonb_set(campaign, '{name}', '\"X\"')"),
        ("deliveries", "DELETE FROM deliveries WHERE place = 2"),
        ("deliveries", "UPDATE deliveries SET status = 'pending' WHERE status = 'claimed'"),
        ("deliveries", "UPDATE ledgers SET campaign_id = 'another' WHERE campaign_id = 'sent'"),
        ("events", "DELETE FROM events WHERE kind = 'read'"),
        ("events", "DELETE FROM events WHERE recipient_id = '' AND number % 3 = 0"),
        ("events", "INSERT INTO events (ledger_id, recipient_id, kind, detail, at)"
         " SELECT ledger_id, recipient_id, kind, detail, at FROM events LIMIT 1"),
        ("events", "UPDATE events SET recipient_id = '' WHERE kind = 'read'"),
        ("responses", "UPDATE responses SET answers = '{}' WHERE id = 'r7'"),
        ("people who have answered", "UPDATE answered SET recipient_id = 'x' WHERE recipient_id ="
         f" '{PEOPLE[7]}'"),
        ("days of answers", "UPDATE answered_days SET number = 11"),
        # The same events, but that the like was taken back last.
        ("events", "UPDATE events SET kind = CASE kind WHEN 'reacted' THEN 'unreacted'"
         f" ELSE 'reacted' END WHERE recipient_id = '{LIKED}' AND detail = 'like' AND number >"
         f" (SELECT min(number) FROM events WHERE recipient_id = '{LIKED}' AND detail = 'like')"),
    ],
)  # fmt: skip
async def test_a_copy_that_is_not_like_the_original_is_noticed(
    folder: Path, url: str, target: PostgresStore, what: str, change: str
) -> None:
    connection = await asyncpg.connect(url)
    await moved(folder, target)
    await connection.execute(change)
    with pytest.raises(StoreError, match=f"The {what} in the database are not those"):
        await moved(folder, target)
    await connection.close()


async def test_what_the_database_had_before_is_noticed(folder: Path, target: PostgresStore) -> None:
    await target.campaigns.add(campaign("another"))
    with pytest.raises(StoreError, match="The campaigns in the database are not those"):
        await moved(folder, target)
    await require_not_marked(folder)


async def test_a_folder_that_was_moved_is_not_gone_on_with(
    folder: Path, target: PostgresStore
) -> None:
    await moved(folder, target)
    with pytest.raises(StoreError, match="was moved to a database"):
        await EmbeddedStore(folder).open()


async def test_a_folder_is_not_moved_to_a_second_database(
    folder: Path, target: PostgresStore, postgresql: str
) -> None:
    await moved(folder, target)
    # To see that it is all there, it may be moved again.
    await moved(folder, target)
    async with empty_database(postgresql) as url:
        other = PostgresStore(url)
        await other.open()
        with pytest.raises(StoreError, match="was moved before, to another database"):
            await moved(folder, other)
        assert await other.users.get(TENANT, "u1") is None
        await other.close()


async def test_nothing_is_moved_into_a_database_in_use(folder: Path, target: PostgresStore) -> None:
    await target.leases.beat("a bot", seconds=10.0, wanted=[], now=NOW)
    with pytest.raises(StoreError, match="Stop them first"):
        await moved(folder, target)
    assert await target.campaigns.get(KEY) is None
    await require_not_marked(folder)


async def test_nothing_newer_that_bots_have_kept_since_is_written_over(
    folder: Path, target: PostgresStore
) -> None:
    await moved(folder, target)
    await target.leases.beat("a bot", seconds=10.0, wanted=[], now=NOW)
    newer = user("u1", email="new@example.com")
    await target.users.put(newer)
    await target.leases.leave("a bot")
    with pytest.raises(StoreError, match="Bots have worked with this database"):
        await moved(folder, target)
    assert await target.users.get(TENANT, "u1") == newer


async def test_on_the_command_line(folder: Path, url: str, target: PostgresStore) -> None:
    def run(*arguments: str, store: str = url) -> subprocess.CompletedProcess[str]:
        environment = {"PATH": os.environ["PATH"], "STORE": store}
        return subprocess.run(
            [*COMMAND, *arguments],
            env=environment,
            capture_output=True,
            text=True,
            cwd=folder.parent,
        )

    assert run("nothing").returncode == 2
    assert "STORE has to be the database" in run(store="tinydb:other").stderr
    done = run()
    assert done.returncode == 0, done.stderr
    assert "Moved." in done.stdout
    assert (await target.ledger.counts(KEY)).recipients == 1_203
