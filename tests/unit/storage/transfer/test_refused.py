"""Moves that are refused, and copies that differ from the original."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import asyncpg
import pytest

from storage.embedded.store import EmbeddedStore
from storage.errors import StoreError
from storage.postgres.store import PostgresStore
from tests.support.examples import (
    KEY,
    NOW,
    TENANT,
    campaign,
    user,
)
from tests.support.stores.moves import COMMAND, LIKED, PEOPLE, moved, require_not_marked
from tests.support.stores.postgresql import empty_database


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
    # It may be moved again, to see that everything is there.
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
