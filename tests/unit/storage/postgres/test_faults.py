"""Faults on the way to the database."""

from __future__ import annotations

import asyncio
import contextlib

import asyncpg
import msgspec
import pytest

from campaigns.ledger import ledger as rows_of
from campaigns.report import Counts, Result
from storage.errors import StoreError, Unavailable
from storage.postgres.connection.database import Database
from storage.postgres.connection.rules import ConnectionRules
from storage.postgres.store import PostgresStore
from tests.support.examples import (
    CLAIM,
    KEY,
    NOW,
    TENANT,
    ended,
    many,
    pending,
    user,
)
from tests.support.stores.postgresql import Cable

HASTY = ConnectionRules(
    patience=0.3, pause=0.1, connect=1.0, statement=0.3, check=0.5, connections=2
)


async def test_a_database_that_is_not_there_is_waited_for_and_given_up(
    caplog: pytest.LogCaptureFixture,
) -> None:
    store = PostgresStore("postgresql://bot:secret@127.0.0.1:1/campaigns", HASTY)
    with pytest.raises(Unavailable, match=r"No database at 127.0.0.1:1/campaigns within 0 s"):
        await store.open()
    assert "waiting for the database at 127.0.0.1:1/campaigns" in caplog.text
    assert "secret" not in caplog.text


async def test_a_database_that_comes_late_is_used(url: str, wire: Cable) -> None:
    wire.cut()
    store = PostgresStore(wire.url, msgspec.structs.replace(HASTY, patience=20.0))
    opening = asyncio.create_task(store.open())
    await wire.tried.wait()
    wire.mend()
    await opening
    await store.check()
    await store.close()


async def test_a_database_that_does_not_exist_is_not_waited_for(url: str) -> None:
    store = PostgresStore(url.replace("/campaigns_test_", "/no_such_"))
    with pytest.raises(StoreError, match="does not exist") as caught:
        await store.open()
    assert not isinstance(caught.value, Unavailable)


async def test_a_store_that_is_not_open_says_so(url: str) -> None:
    store = PostgresStore(url)
    with pytest.raises(StoreError, match="not open"):
        await store.users.get(TENANT, "a")
    await store.close()


async def test_when_all_connections_are_busy_that_is_said(url: str) -> None:
    database = Database(url, msgspec.structs.replace(HASTY, connections=1, connect=0.2))
    await database.open()
    async with database.session():
        with pytest.raises(Unavailable, match=r"became free within 0 s"):
            async with database.session():
                pytest.fail("there is only one")
    await database.check()
    await database.close()


async def test_a_statement_that_takes_too_long_is_ended(url: str) -> None:
    store = PostgresStore(url, HASTY)
    await store.open()
    await store.ledger.freeze(KEY, many(1))
    connection = await asyncpg.connect(url)
    async with connection.transaction():
        await connection.execute("LOCK TABLE ledgers")
        with pytest.raises(Unavailable, match="timeout"):
            await store.ledger.counts(KEY)
    assert await store.ledger.counts(KEY) == Counts(ongoing=1)
    await connection.close()
    await store.close()


async def test_a_server_that_takes_no_writes_is_unavailable_until_it_does(url: str) -> None:
    store = PostgresStore(url, HASTY)
    await store.open()
    connection = await asyncpg.connect(url)
    name = await connection.fetchval("SELECT current_database()")
    await connection.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    await _end_others(connection)
    with pytest.raises(Unavailable):
        await store.check()
    assert await store.users.get(TENANT, "a") is None
    with pytest.raises(Unavailable, match="read-only"):
        await store.users.put(user("a"))
    await connection.execute("SET default_transaction_read_only = off")
    await connection.execute(f"ALTER DATABASE {name} RESET default_transaction_read_only")
    with contextlib.suppress(Unavailable):
        await store.check()  # may still meet a connection from before, and drops it then
    await store.check()
    await store.users.put(user("a"))
    await connection.close()
    await store.close()


async def test_after_the_server_ended_its_connections_new_ones_are_made(
    url: str, store: PostgresStore
) -> None:
    connection = await asyncpg.connect(url)
    await _end_others(connection)
    await connection.close()
    await store.users.put(user("a"))
    assert await store.users.get(TENANT, "a") == user("a")


async def test_a_connection_cut_while_writing_is_unavailable_and_then_made_anew(
    wire: Cable,
) -> None:
    store = PostgresStore(wire.url)
    await store.open()
    wire.cut_at("INSERT 0 1")
    with pytest.raises(Unavailable):
        await store.users.put(user("a"))
    with pytest.raises(Unavailable):
        await store.check()
    wire.mend()
    await store.check()
    await store.users.put(user("a"))
    await store.close()


@pytest.mark.parametrize("attempts", [0, 1])
async def test_settling_again_for_want_of_an_answer_does_not_undo_a_later_claim(
    wire: Cable, attempts: int
) -> None:
    store = PostgresStore(wire.url)
    await store.open()
    await store.ledger.freeze(KEY, [pending("a")])
    [row] = await store.ledger.claim(KEY, CLAIM, now=NOW, limit=1)
    result = msgspec.structs.replace(rows_of.released(row), attempts=attempts)
    wire.cut_at("UPDATE 1")
    with pytest.raises(Unavailable):
        await store.ledger.settle(KEY, [result])
    wire.mend()
    [again] = await store.ledger.claim(KEY, CLAIM, now=NOW, limit=1)
    await store.ledger.settle(KEY, [result])
    assert list(await store.ledger.claim(KEY, CLAIM, now=NOW, limit=1)) == []
    await store.ledger.settle(KEY, [ended(again)])
    assert await store.ledger.counts(KEY) == Counts(success=1)
    await store.close()


async def test_a_result_that_did_not_get_through_is_kept_at_the_next_try(wire: Cable) -> None:
    store = PostgresStore(wire.url)
    await store.open()
    await store.ledger.freeze(KEY, [pending("a")])
    [row] = await store.ledger.claim(KEY, CLAIM, now=NOW, limit=1)
    wire.cut()
    with pytest.raises(Unavailable):
        await store.ledger.settle(KEY, [ended(row)])
    wire.mend()
    await store.ledger.settle(KEY, [ended(row)])
    assert await store.ledger.counts(KEY) == Counts(success=1)
    await store.close()


async def test_a_freeze_that_was_cut_off_is_done_again_as_a_whole(wire: Cable) -> None:
    store = PostgresStore(wire.url)
    await store.open()
    wire.cut_at("INSERT 0 50")
    with pytest.raises(Unavailable):
        await store.ledger.freeze(KEY, many(50))
    wire.mend()
    assert await store.ledger.counts(KEY) == Counts()
    assert await store.ledger.freeze(KEY, many(50)) == 50
    await store.close()


@pytest.mark.parametrize("asked_first", ["claim", "next_due"])
async def test_what_was_claimed_without_an_answer_is_not_lost(
    wire: Cable, other: PostgresStore, asked_first: str
) -> None:
    store = PostgresStore(wire.url)
    await store.open()
    await store.ledger.freeze(KEY, many(5))
    await store.ledger.claim(KEY, CLAIM, now=NOW, limit=1)
    wire.cut_at("SELECT 3")
    with pytest.raises(Unavailable):
        await store.ledger.claim(KEY, CLAIM, now=NOW, limit=3)
    wire.mend()
    kept = (await other.ledger.page(KEY, Result.ONGOING, offset=0, limit=9)).items
    assert sum(row.claim is not None for row in kept) == 4
    if asked_first == "next_due":
        assert await store.ledger.next_due(KEY) == NOW
    assert len(await store.ledger.claim(KEY, CLAIM, now=NOW, limit=9)) == 4
    await store.close()


async def _end_others(connection: asyncpg.Connection[asyncpg.Record]) -> None:
    """Ends all other connections to this database, and waits for them to be gone."""
    await connection.fetch(
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
