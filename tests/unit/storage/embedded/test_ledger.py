"""Promises of the embedded ledger beside the contract: durable claims, few writes."""

from __future__ import annotations

import asyncio
from pathlib import Path

import msgspec
import pytest

from campaigns.delivery import DeliveryStatus
from campaigns.ledger import ledger as rows_of
from campaigns.report import Counts, count
from storage.embedded.ledger.files import SIZE
from storage.errors import StoreError
from tests.support.examples import (
    CLAIM,
    KEY,
    NOW,
    ended,
    every_row,
    ids,
    many,
)
from tests.support.stores.disks import FaultyDisk
from tests.support.stores.embedded import opened, shard_files


async def test_claims_of_a_former_process_are_abandoned_and_not_handed_out(tmp_path: Path) -> None:
    store = await opened(tmp_path)
    await store.ledger.freeze(KEY, many(3))
    before = await store.ledger.claim(KEY, CLAIM, now=NOW, limit=1)
    await store.close()

    store = await opened(tmp_path)
    # The new process may well call itself the same: its own claims are not abandoned.
    own = await store.ledger.claim(KEY, CLAIM, now=NOW, limit=9)
    assert len(own) == 2
    assert list(await store.ledger.abandoned(KEY, NOW)) == list(before)
    await store.ledger.settle(KEY, [ended(row, DeliveryStatus.IN_DOUBT) for row in before])
    assert list(await store.ledger.abandoned(KEY, NOW)) == []
    assert set(await store.ledger.abandoned(KEY, CLAIM.until)) == set(own)
    await store.close()


async def test_a_claim_that_could_not_be_written_is_not_handed_out(tmp_path: Path) -> None:
    disk = FaultyDisk()
    store = await opened(tmp_path, disk)
    await store.ledger.freeze(KEY, many(5))
    disk.room = 5
    with pytest.raises(StoreError, match="No space left"):
        await store.ledger.claim(KEY, CLAIM, now=NOW, limit=5)
    with pytest.raises(StoreError, match="No space left"):
        await store.check()
    assert await store.ledger.counts(KEY) == Counts(ongoing=5)
    disk.room = None
    await asyncio.gather(*(store.check() for _ in range(10)))
    assert len(await store.ledger.claim(KEY, CLAIM, now=NOW, limit=9)) == 5
    await store.close()


async def test_a_claim_that_an_unsure_disk_kept_is_given_back(tmp_path: Path) -> None:
    disk = FaultyDisk()
    store = await opened(tmp_path, disk)
    await store.ledger.freeze(KEY, many(5))
    disk.fails_after_rename = True
    with pytest.raises(StoreError):
        await store.ledger.claim(KEY, CLAIM, now=NOW, limit=2)
    disk.fails_after_rename = False
    assert len(await store.ledger.claim(KEY, CLAIM, now=NOW, limit=9)) == 5
    assert len(await store.ledger.abandoned(KEY, CLAIM.until)) == 5
    await store.close()


async def test_a_claim_that_fails_on_its_way_hands_out_what_is_already_claimed(
    tmp_path: Path,
) -> None:
    class FailsLater(FaultyDisk):
        def replace(self, path: Path, content: bytes) -> None:
            self.room = 0 if path.name == "00001.json" and b"claimed" in content else None
            super().replace(path, content)

    store = await opened(tmp_path, FailsLater())
    await store.ledger.freeze(KEY, many(SIZE + 500))
    assert len(await store.ledger.claim(KEY, CLAIM, now=NOW, limit=SIZE + 200)) == SIZE
    with pytest.raises(StoreError):
        await store.ledger.claim(KEY, CLAIM, now=NOW, limit=SIZE + 200)
    assert await store.ledger.counts(KEY) == count(await every_row(store.ledger))
    await store.close()


async def test_freezing_goes_on_where_a_full_disk_stopped_it(tmp_path: Path) -> None:
    disk = FaultyDisk()
    store = await opened(tmp_path, disk)
    await store.ledger.freeze(KEY, many(700))
    disk.room = 10_000
    with pytest.raises(StoreError):
        await store.ledger.freeze(KEY, many(2_500))
    disk.room = None
    await store.ledger.freeze(KEY, many(2_500))
    assert sorted(ids(await every_row(store.ledger))) == sorted(ids(many(2_500)))
    await store.close()
    store = await opened(tmp_path)
    assert (await store.ledger.counts(KEY)).recipients == 2_500
    await store.close()


async def test_settling_does_not_bring_in_a_row_that_was_never_frozen(tmp_path: Path) -> None:
    disk = FaultyDisk()
    store = await opened(tmp_path, disk)
    await store.ledger.freeze(KEY, many(1))
    disk.room = 5
    with pytest.raises(StoreError):
        await store.ledger.freeze(KEY, many(2))
    disk.room = None
    await store.ledger.claim(KEY, CLAIM, now=NOW, limit=9)
    results = [ended(rows_of.claimed(row, CLAIM)) for row in many(2)]
    assert await store.ledger.settle(KEY, results) == {many(1)[0].recipient_id}
    assert await store.ledger.counts(KEY) == Counts(success=1)
    await store.close()


async def test_settles_at_the_same_time_share_a_write(tmp_path: Path) -> None:
    disk = FaultyDisk()
    store = await opened(tmp_path, disk)
    await store.ledger.freeze(KEY, many(2 * SIZE))
    claimed = await store.ledger.claim(KEY, CLAIM, now=NOW, limit=SIZE + 200)
    disk.replaced.clear()
    await asyncio.gather(*(store.ledger.settle(KEY, [ended(row)]) for row in claimed))
    assert len(disk.replaced) == 2
    await store.close()


async def test_rows_take_little_room_on_disk(tmp_path: Path) -> None:
    store = await opened(tmp_path)
    await store.ledger.freeze(KEY, many(SIZE))
    await store.close()
    [path] = shard_files(tmp_path, "spring")
    keys = set(msgspec.json.decode(path.read_bytes())["rows"]["29:00000/é"])
    assert keys == {"recipient_id", "due_at"}
