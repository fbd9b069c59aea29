"""What PostgreSQL adds to the contract: several processes at once, and faults on the way to it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from datetime import datetime
from pathlib import Path

import asyncpg
import msgspec
import pytest

from campaigns.campaign import CampaignKey
from campaigns.delivery import Attempt, Claim, Delivery, DeliveryStatus
from campaigns.ledger import ledger as rows_of
from campaigns.outcome import Reason
from campaigns.report import Counts, Result, count
from campaigns.user import Profile
from storage.errors import StoreError, Unavailable
from storage.postgres.database import ConnectionRules, Database
from storage.postgres.migrations import migrate, read
from storage.postgres.store import PostgresStore
from tests.support.examples import (
    CLAIM,
    KEY,
    NOW,
    SECOND,
    TENANT,
    campaign,
    ended,
    every_row,
    ids,
    many,
    pending,
    user,
)
from tests.support.postgresql import Cable, cable, empty_database

LAPSED = CLAIM.until + SECOND
HASTY = ConnectionRules(
    patience=0.3, pause=0.1, connect=1.0, statement=0.3, check=0.5, connections=2
)


@pytest.fixture
async def url(postgresql: str) -> AsyncIterator[str]:
    async with empty_database(postgresql) as url:
        yield url


@pytest.fixture
async def store(url: str) -> AsyncIterator[PostgresStore]:
    store = PostgresStore(url)
    await store.open()
    yield store
    await store.close()


@pytest.fixture
async def other(url: str, store: PostgresStore) -> AsyncIterator[PostgresStore]:
    """Another process's store in the same database."""
    other = PostgresStore(url)
    await other.open()
    yield other
    await other.close()


@pytest.fixture
async def wire(url: str) -> AsyncIterator[Cable]:
    """The only way to the database, for whoever takes its URL; it can be cut."""
    async with cable(url) as wire:
        yield wire


# Several processes


async def test_a_claim_of_another_process_is_not_abandoned_before_its_time(
    store: PostgresStore, other: PostgresStore
) -> None:
    await store.ledger.freeze(KEY, many(3))
    claimed = await store.ledger.claim(KEY, CLAIM, now=NOW, limit=3)
    assert list(await other.ledger.abandoned(KEY, CLAIM.until - SECOND)) == []
    assert set(await other.ledger.abandoned(KEY, LAPSED)) == set(claimed)


async def test_who_comes_back_after_others_took_over_settles_nothing(
    store: PostgresStore, other: PostgresStore
) -> None:
    await store.ledger.freeze(KEY, many(2))
    claimed = await store.ledger.claim(KEY, CLAIM, now=NOW, limit=2)
    abandoned = await other.ledger.abandoned(KEY, LAPSED)
    await store.ledger.settle(KEY, [ended(row) for row in claimed])
    assert await store.ledger.counts(KEY) == Counts(ongoing=2)
    await other.ledger.settle(KEY, [ended(row, DeliveryStatus.IN_DOUBT) for row in abandoned])
    await store.ledger.settle(KEY, [ended(row) for row in claimed])
    assert await store.ledger.counts(KEY) == Counts(in_doubt=2)


async def test_what_is_taken_over_can_be_asked_for_again(
    store: PostgresStore, other: PostgresStore
) -> None:
    await store.ledger.freeze(KEY, many(2))
    await store.ledger.claim(KEY, CLAIM, now=NOW, limit=2)
    first = await other.ledger.abandoned(KEY, LAPSED)
    again = await other.ledger.abandoned(KEY, LAPSED)
    assert set(first) == set(again)
    await other.ledger.settle(KEY, [ended(row, DeliveryStatus.IN_DOUBT) for row in again])
    assert await store.ledger.counts(KEY) == Counts(in_doubt=2)


async def test_what_was_claimed_and_not_sent_can_be_given_back(store: PostgresStore) -> None:
    await store.ledger.freeze(KEY, [pending("a")])
    for _ in range(3):
        [row] = await store.ledger.claim(KEY, CLAIM, now=NOW, limit=1)
        await store.ledger.settle(KEY, [rows_of.released(row)])
    assert await store.ledger.counts(KEY) == Counts(ongoing=1)
    assert await store.ledger.next_due(KEY) == NOW


async def test_processes_that_claim_at_once_never_get_the_same_delivery(
    store: PostgresStore, other: PostgresStore
) -> None:
    await store.ledger.freeze(KEY, many(1_000))

    async def send(by: PostgresStore, owner: str) -> list[str]:
        sent: list[str] = []
        while got := await by.ledger.claim(KEY, Claim(owner, LAPSED), now=NOW, limit=30):
            sent += ids(got)
            await by.ledger.settle(KEY, [ended(row) for row in got])
        return sent

    lanes = [(store, "one"), (store, "one"), (other, "two"), (other, "two")]
    sent = await asyncio.gather(*(send(*lane) for lane in lanes))
    assert sorted(one for lane in sent for one in lane) == sorted(ids(many(1_000)))
    assert await store.ledger.counts(KEY) == Counts(success=1_000)


async def test_processes_that_start_at_once_set_up_one_schema(url: str) -> None:
    stores = [PostgresStore(url) for _ in range(3)]
    await asyncio.gather(*(store.open() for store in stores))
    await stores[0].campaigns.add(campaign("c"))
    assert await stores[2].campaigns.get(campaign("c").key) is not None
    await asyncio.gather(*(store.close() for store in stores))


async def test_campaigns_of_many_partitions_are_apart(store: PostgresStore) -> None:
    keys = [CampaignKey(TENANT, f"c{number}") for number in range(130)]
    for number, key in enumerate(keys):
        await store.ledger.freeze(key, many(1 + number % 3))
    assert [(await store.ledger.counts(key)).ongoing for key in keys] == [
        1 + number % 3 for number in range(130)
    ]
    await store.ledger.drop(keys[0])
    assert (await store.ledger.page(keys[1], Result.ONGOING, offset=0, limit=9)).total == 2


async def test_campaigns_that_start_at_once_are_all_frozen(
    store: PostgresStore, other: PostgresStore
) -> None:
    keys = [CampaignKey(TENANT, f"c{number}") for number in range(20)]
    added = await asyncio.gather(
        *((store, other)[number % 2].ledger.freeze(key, many(5)) for number, key in enumerate(keys))
    )
    assert added == [5] * 20


async def test_what_a_broken_off_drop_left_goes_with_the_next(
    url: str, store: PostgresStore
) -> None:
    await store.ledger.freeze(KEY, many(5))
    connection = await asyncpg.connect(url)
    await connection.execute("INSERT INTO dropped_ledgers SELECT id FROM ledgers")
    await connection.execute("DELETE FROM ledgers")
    await store.ledger.drop(CampaignKey(TENANT, "another"))
    async with asyncio.timeout(10):
        while await connection.fetchval("SELECT count(*) FROM dropped_ledgers, pg_sleep(0.02)"):
            pass
    assert await connection.fetchval("SELECT count(*) FROM deliveries") == 0
    await connection.close()


# Changes of all rows, which are written in SQL: held against the domain's, for rows of every kind


def rows_of_every_kind() -> list[Delivery]:
    return [
        pending(
            f"{status.value} {reason} {attempts} {resends}",
            status=status,
            reason=reason,
            attempts=attempts,
            throttles=attempts,
            resends=resends,
            trace=(Attempt(at=NOW, outcome="unknown"),) * attempts,
            settled_at=NOW if status.has_ended else None,
        )
        for status in DeliveryStatus
        if status is not DeliveryStatus.CLAIMED
        for reason in (None, Reason.BLOCKED, Reason.TOO_BIG)
        for attempts in (0, 1, 2)
        for resends in (0, 1, 2)
    ]


async def test_all_rows_change_as_the_domain_has_it(store: PostgresStore) -> None:
    ledger, before = store.ledger, rows_of_every_kind()

    def expected(of: DeliveryStatus, to: Callable[[Delivery, datetime], Delivery]) -> set[Delivery]:
        return {to(row, LAPSED) if row.status is of else row for row in before}

    await ledger.freeze(KEY, before)
    await ledger.cancel(KEY, LAPSED)
    assert set(await every_row(ledger)) == expected(DeliveryStatus.PENDING, rows_of.cancelled)
    await ledger.drop(KEY)
    await ledger.freeze(KEY, before)
    await ledger.resend_in_doubt(KEY, LAPSED)
    assert set(await every_row(ledger)) == expected(DeliveryStatus.IN_DOUBT, rows_of.resent)
    await ledger.drop(KEY)
    failed = [row for row in before if row.reason is not None]
    await ledger.freeze(KEY, failed)
    await ledger.retry_failed(KEY, {Reason.BLOCKED, Reason.TOO_BIG}, LAPSED)
    assert set(await every_row(ledger)) == {
        rows_of.retried(row, LAPSED) if row.status is DeliveryStatus.FAILED else row
        for row in failed
    }
    assert await ledger.counts(KEY) == count(await every_row(ledger))


# Schema


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


# Texts


async def test_nul_characters_keep_nothing_from_being_stored_or_found(store: PostgresStore) -> None:
    await store.users.put(user("a\0", profile=Profile(name="A\0B", email="a\0@example.com")))
    found = await store.users.get(TENANT, "a\0")
    assert found is not None
    assert found.profile.name == "A\ufffdB"
    assert await store.users.by_emails(TENANT, ["a\0@example.com"]) == {"a\0@example.com": found}
    await store.ledger.freeze(KEY, [pending("r\0", name="N\0")])
    [row] = await store.ledger.claim(KEY, CLAIM, now=NOW, limit=1)
    await store.ledger.settle(KEY, [ended(row)])
    assert await store.ledger.counts(KEY) == Counts(success=1)


# Faults


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
