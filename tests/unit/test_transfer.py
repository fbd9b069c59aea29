"""Moving from the embedded store into a database: all of it, also in two goes, and only once."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest

from campaigns.campaign import Status
from campaigns.delivery import DeliveryStatus
from campaigns.lists import DistributionList
from campaigns.report import Counts
from campaigns.user import Profile
from storage.embedded import EmbeddedStore
from storage.errors import StoreError
from storage.postgres_store import PostgresStore
from storage.transfer import move
from tests.contract.examples import (
    CLAIM,
    KEY,
    NOW,
    OTHER_TENANT,
    TENANT,
    campaign,
    ended,
    every_row,
    many,
    people,
    user,
)
from tests.postgresql import empty_database

ROOT = Path(__file__).parents[2]
SENDING = campaign(KEY.campaign_id, status=Status.SENDING, started_at=NOW, recipients=1_203)


@pytest.fixture
async def url() -> AsyncIterator[str]:
    async with empty_database() as url:
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
    await store.campaigns.add(SENDING)
    await store.campaigns.add(campaign("draft", OTHER_TENANT))
    await store.ledger.freeze(KEY, many(1_203))
    rows = await store.ledger.claim(KEY, CLAIM, now=NOW, limit=20)
    await store.ledger.settle(KEY, [ended(row) for row in rows[:10]])
    await store.ledger.settle(KEY, [ended(row, DeliveryStatus.IN_DOUBT) for row in rows[10:15]])
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


async def test_everything_is_there_as_it_was(folder: Path, target: PostgresStore) -> None:
    told = await moved(folder, target)
    assert "users: 32 in the folder, 32 in the database" in told
    assert "deliveries: 1,203 in the folder, 1,203 in the database" in told
    assert await target.ledger.counts(KEY) == Counts(success=10, in_doubt=5, ongoing=1_188)
    kept = await target.campaigns.get(KEY)
    assert kept == msgspec.structs.replace(SENDING, revision=1)
    assert [one.revision for one in (await target.lists.page(TENANT, offset=0, limit=9)).items] == [
        2
    ]
    gone = await target.users.get(TENANT, "gone")
    assert gone is not None
    assert not gone.reachable
    # What was claimed when the process ended is in doubt for whoever goes on.
    await target.leases.beat("me", seconds=10.0, wanted=[], now=NOW)
    assert len(await target.ledger.abandoned(KEY, NOW, holder="me")) == 5


async def test_a_move_that_was_cut_off_goes_on(folder: Path, target: PostgresStore) -> None:
    await target.users.put(user("u1", email="u1@example.com"))
    await target.ledger.freeze(KEY, many(1_000)[500:])
    await moved(folder, target)
    assert (await target.ledger.counts(KEY)).recipients == 1_203
    before = await every_row(target.ledger)
    await moved(folder, target)
    assert await every_row(target.ledger) == before


async def test_what_the_database_had_before_is_noticed(folder: Path, target: PostgresStore) -> None:
    await target.ledger.freeze(KEY, many(3))  # pending here, and sent there
    with pytest.raises(StoreError, match="deliveries"):
        await moved(folder, target)
    store = EmbeddedStore(folder)
    await store.open()  # and the folder is as it was
    await store.close()


async def test_a_folder_that_was_moved_is_not_gone_on_with(
    folder: Path, target: PostgresStore
) -> None:
    await moved(folder, target)
    with pytest.raises(StoreError, match="was moved to a database"):
        await EmbeddedStore(folder).open()


async def test_nothing_is_moved_into_a_database_in_use(folder: Path, target: PostgresStore) -> None:
    await target.leases.beat("a bot", seconds=10.0, wanted=[], now=NOW)
    with pytest.raises(StoreError, match="Stop them first"):
        await moved(folder, target)
    assert await target.campaigns.get(KEY) is None
    store = EmbeddedStore(folder)
    await store.open()
    await store.close()


async def test_on_the_command_line(folder: Path, url: str, target: PostgresStore) -> None:
    def run(*arguments: str, store: str = url) -> subprocess.CompletedProcess[str]:
        environment = {"PATH": os.environ["PATH"], "STORE": store}
        command = [sys.executable, str(ROOT / "app.py"), "migrate-store", *arguments]
        return subprocess.run(
            command, env=environment, capture_output=True, text=True, cwd=folder.parent
        )

    assert run("nothing").returncode == 2
    assert "STORE has to be the database" in run(store="tinydb:other").stderr
    done = run()
    assert done.returncode == 0, done.stderr
    assert "Moved." in done.stdout
    assert (await target.ledger.counts(KEY)).recipients == 1_203
