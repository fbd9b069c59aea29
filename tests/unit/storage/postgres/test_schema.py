"""The schema's version."""

from __future__ import annotations

from pathlib import Path

import asyncpg
import pytest

from storage.errors import StoreError
from storage.postgres.connection.database import Database
from storage.postgres.migrations import migrate, read
from storage.postgres.store import PostgresStore


async def test_the_schema_of_a_newer_version_is_refused(url: str, store: PostgresStore) -> None:
    connection = await asyncpg.connect(url)
    await connection.execute("INSERT INTO migrations (number) VALUES (999)")
    await connection.close()
    with pytest.raises(StoreError, match="newer version \\(schema 999; this one knows"):
        await PostgresStore(url).open()


async def test_a_migration_is_applied_wholly_or_not_at_all(url: str, tmp_path: Path) -> None:
    database = Database(url)
    await database.open()
    (tmp_path / "0001_first.sql").write_text("CREATE TABLE first (id integer)")
    second = tmp_path / "0002_second.sql"
    second.write_text("CREATE TABLE second (id integer); CREATE TABLE first (id integer)")
    with pytest.raises(StoreError, match="already exists"):
        await migrate(database, tmp_path)
    second.write_text("CREATE TABLE second (id integer)")
    await migrate(database, tmp_path)
    await migrate(database, tmp_path)
    async with database.session() as session:
        assert await session.value("schema_version") == 2
    await database.close()


def test_a_missing_migration_is_noticed(tmp_path: Path) -> None:
    for name in ("0001_first.sql", "0003_third.sql"):
        (tmp_path / name).touch()
    with pytest.raises(ValueError, match=r"0003_third\.sql should be number 0002"):
        read(tmp_path)
