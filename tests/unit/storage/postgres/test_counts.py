"""The counts follow whatever people do to deliveries by hand."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TypeAlias

import asyncpg
import pytest

from campaigns.campaign import CampaignKey
from campaigns.ledger import ledger as rows_of
from campaigns.report import Counts, Result
from storage.postgres.connection.database import Database
from storage.postgres.migrations import FOLDER, migrate
from storage.postgres.store import PostgresStore
from tests.support.examples import CLAIM, KEY, NOW, TENANT, ended, many

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"

OLD = CampaignKey(TENANT, "old")
OLD_ROWS = 10


@pytest.fixture
async def connection(url: str) -> AsyncIterator[Connection]:
    connection = await asyncpg.connect(url)
    yield connection
    await connection.close()


def _copy_migrations(folder: Path, number: int) -> None:
    folder.mkdir()
    for path in sorted(FOLDER.glob("*.sql"))[:number]:
        shutil.copy(path, folder)


async def before_migration(url: str, number: int, folder: Path) -> None:
    """Sets up the database as it was before a migration."""
    _copy_migrations(folder, number - 1)
    database = Database(url)
    await database.open()
    await migrate(database, folder)
    await database.close()


@pytest.fixture
async def aged(url: str, connection: Connection, tmp_path: Path) -> AsyncIterator[PostgresStore]:
    """A store whose partition is older than migration 6: its columns have other numbers."""
    await before_migration(url, 6, tmp_path / "migrations")
    await connection.execute(f"""
        INSERT INTO ledgers (tenant_id, campaign_id, places) VALUES ('{TENANT}', 'old', {OLD_ROWS});
        SELECT open_partition(1);
        INSERT INTO deliveries (
            ledger_id, place, recipient_id, name, email, status, due_at, attempts, throttles,
            resends, activity_id
        )
        SELECT 1, n, 'x' || n, '', '', 'pending', '{NOW.isoformat()}', 0, 0, 0, ''
        FROM generate_series(1, {OLD_ROWS}) AS n;
    """)
    store = PostgresStore(url)
    await store.open()
    yield store
    await store.close()


async def require_true(store: PostgresStore, connection: Connection, key: CampaignKey) -> Counts:
    """Requires that the counts are those of the rows."""
    rows = await connection.fetch(
        "SELECT result, count(*) FROM deliveries JOIN ledgers ON ledgers.id = ledger_id"
        " WHERE tenant_id = $1 AND campaign_id = $2 GROUP BY result",
        key.tenant_id,
        key.campaign_id,
    )
    true = {str(result): int(number) for result, number in rows}
    counts = await store.ledger.counts(key)
    assert {result.value: counts.of(result) for result in Result if counts.of(result)} == true
    return counts


BY_HAND = {
    "one is deleted": "DELETE FROM {table} WHERE recipient_id = '{one}'",
    "all are deleted": "DELETE FROM {table}",
    "one is mended": (
        "UPDATE {table} SET status = 'failed', reason = 'too_late' WHERE recipient_id = '{one}'"
    ),
    "all wait": "UPDATE {table} SET status = 'pending', waiting = '{{}}'",
    "one is put in": (
        "INSERT INTO {table} (ledger_id, place, recipient_id, name, email, status, due_at,"
        " attempts, throttles, resends, activity_id)"
        " VALUES (1, 99, 'new', '', '', 'sent', now(), 1, 0, 0, '')"
    ),
}


@pytest.mark.parametrize("table", ["deliveries", "deliveries_0"])
@pytest.mark.parametrize("statement", BY_HAND.values(), ids=BY_HAND)
async def test_counts_follow_what_is_done_by_hand(
    store: PostgresStore, connection: Connection, statement: str, table: str
) -> None:
    await store.ledger.freeze(KEY, many(5))
    [first, second] = await store.ledger.claim(KEY, CLAIM, now=NOW, limit=2)
    await store.ledger.settle(KEY, [ended(first)])
    await connection.execute(statement.format(table=table, one=second.recipient_id))
    await require_true(store, connection, KEY)
    await store.ledger.cancel(KEY, NOW)
    await require_true(store, connection, KEY)


@pytest.mark.parametrize("table", ["deliveries", "deliveries_0"])
@pytest.mark.parametrize("statement", BY_HAND.values(), ids=BY_HAND)
async def test_also_in_a_partition_that_is_older_than_the_columns(
    aged: PostgresStore, connection: Connection, statement: str, table: str
) -> None:
    assert (await require_true(aged, connection, OLD)).ongoing == OLD_ROWS
    await aged.ledger.freeze(OLD, many(5))
    claimed = await aged.ledger.claim(OLD, CLAIM, now=NOW, limit=4)
    await aged.ledger.settle(OLD, [*map(ended, claimed[:2]), rows_of.released(claimed[2])])
    assert (await require_true(aged, connection, OLD)).success == 2
    await connection.execute(statement.format(table=table, one="x7"))
    await require_true(aged, connection, OLD)
    await aged.ledger.cancel(OLD, NOW)
    await require_true(aged, connection, OLD)


async def test_counts_that_had_drifted_are_put_right_by_the_migration(
    url: str, connection: Connection, tmp_path: Path
) -> None:
    await before_migration(url, 9, tmp_path / "migrations")
    await connection.execute(f"""
        INSERT INTO ledgers (tenant_id, campaign_id, places)
        VALUES ('{TENANT}', 'old', 3), ('{TENANT}', 'empty', 0);
        SELECT open_partition(1);
        INSERT INTO deliveries (
            ledger_id, place, recipient_id, name, email, status, due_at, attempts, throttles,
            resends, activity_id
        )
        SELECT 1, n, 'x' || n, '', '', 'sent', now(), 1, 0, 0, '' FROM generate_series(1, 3) AS n;
        DELETE FROM deliveries WHERE recipient_id = 'x2';
        UPDATE ledgers SET ongoing = 4 WHERE campaign_id = 'empty';
    """)
    store = PostgresStore(url)
    await store.open()
    assert await store.ledger.counts(OLD) == Counts(success=2)
    assert await store.ledger.counts(CampaignKey(TENANT, "empty")) == Counts()
    await store.close()


async def test_a_campaign_whose_last_open_row_is_deleted_by_hand_has_nothing_open(
    store: PostgresStore, connection: Connection
) -> None:
    await store.ledger.freeze(KEY, many(3))
    claimed = await store.ledger.claim(KEY, CLAIM, now=NOW, limit=2)
    await store.ledger.settle(KEY, [ended(row) for row in claimed])
    assert (await store.ledger.counts(KEY)).open == 1
    await connection.execute("DELETE FROM deliveries WHERE status = 'pending'")
    assert (await store.ledger.counts(KEY)).open == 0
