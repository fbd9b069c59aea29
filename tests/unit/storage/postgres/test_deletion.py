"""Deleting a campaign over a connection that is cut: all of it goes, or nothing."""

from __future__ import annotations

import asyncio

import asyncpg
import pytest

from storage.errors import Unavailable
from storage.postgres.store import PostgresStore
from tests.support.stores.belongings import KEY, keep, require_nothing
from tests.support.stores.postgresql import Cable

ANSWERS = {
    "the campaign": "DELETE 1",
    "its ledger": "INSERT 0 1",
    "the transaction": "COMMIT",
}
"""Where the connection is cut: at the answer to a statement."""


@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS)
async def test_cut_at_any_statement_nobodys_data_stay(url: str, wire: Cable, answer: str) -> None:
    store = PostgresStore(wire.url)
    await store.open()
    await keep(store, KEY)
    wire.cut_at(answer)
    with pytest.raises(Unavailable):
        await store.campaigns.delete(KEY)
    wire.mend()
    there = await store.campaigns.get(KEY) is not None
    assert there is (answer != "COMMIT")
    assert (await store.ledger.counts(KEY)).recipients == (2 if there else 0)
    assert await store.campaigns.delete(KEY) is there
    await require_nothing(store, KEY)
    connection = await asyncpg.connect(url)
    async with asyncio.timeout(10):
        while await connection.fetchval("SELECT count(*) FROM dropped_ledgers, pg_sleep(0.02)"):
            pass
    for table in ("deliveries", "events", "responses", "answered", "answered_days"):
        assert await connection.fetchval(f"SELECT count(*) FROM {table}") == 0
    await connection.close()
    await store.close()
