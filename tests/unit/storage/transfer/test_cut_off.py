"""A move that was cut off goes on, and one that is done may be repeated."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest

from storage.errors import StoreError
from storage.postgres.store import PostgresStore
from tests.support.examples import (
    every_row,
)
from tests.support.stores.moves import COMMAND, TOLD, moved, require_all, require_not_marked
from tests.support.stores.postgresql import cable


@contextlib.asynccontextmanager
async def refusing(url: str, table: str, rows: int) -> AsyncIterator[None]:
    """Lets the database refuse inserts into a table once it has so many rows."""
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
    """The process is killed while it writes events, which arrive after its end."""
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
