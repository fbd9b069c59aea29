"""What the embedded store promises beside the contract: durability, its lock, its format."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from campaigns.campaign import CampaignKey
from campaigns.delivery import Claim, DeliveryStatus
from campaigns.report import Counts, Result, count
from storage.embedded.ledger.files import SIZE
from storage.embedded.store import EmbeddedStore
from storage.errors import Damaged, InUse, StoreError
from tests.support.disks import FaultyDisk
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
    people,
    user,
)
from tests.support.tree import ROOT


async def opened(folder: Path, disk: FaultyDisk | None = None) -> EmbeddedStore:
    store = EmbeddedStore(folder, files=disk)
    await store.open()
    return store


def shard_files(folder: Path, campaign: str) -> list[Path]:
    return sorted(folder.glob(f"ledger/*/*{campaign}*/*.json"))


async def test_everything_is_there_after_reopening(tmp_path: Path) -> None:
    store = await opened(tmp_path)
    await store.users.put(user("a", email="adele@example.com"))
    kept = await store.campaigns.add(campaign("c"))
    await store.lists.add(people("l"))
    await store.lists.add(people("m"))
    await store.lists.delete(TENANT, "l")
    await store.ledger.freeze(KEY, many(1_500))
    claimed = await store.ledger.claim(KEY, CLAIM, now=NOW, limit=10)
    await store.ledger.settle(KEY, [ended(row) for row in claimed])
    await store.close()

    store = await opened(tmp_path)
    assert await store.users.by_emails(TENANT, ["adele@example.com"]) == {
        "adele@example.com": user("a", email="adele@example.com")
    }
    assert await store.users.count_reachable(TENANT) == 1
    assert await store.campaigns.get(kept.key) == kept
    assert [
        kept_list.id for kept_list in (await store.lists.page(TENANT, offset=0, limit=9)).items
    ] == ["m"]
    assert await store.ledger.counts(KEY) == Counts(success=10, ongoing=1_490)
    assert await store.ledger.next_due(KEY) == NOW
    assert await store.ledger.freeze(KEY, many(1_600)) == 100
    assert set(ids(await every_row(store.ledger))) == set(ids(many(1_600)))
    await store.close()


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


async def test_a_claim_that_an_unsure_disk_kept_is_not_handed_out_twice(tmp_path: Path) -> None:
    disk = FaultyDisk()
    store = await opened(tmp_path, disk)
    await store.ledger.freeze(KEY, many(5))
    disk.fails_after_rename = True
    with pytest.raises(StoreError):
        await store.ledger.claim(KEY, CLAIM, now=NOW, limit=2)
    disk.fails_after_rename = False
    assert len(await store.ledger.claim(KEY, CLAIM, now=NOW, limit=9)) == 3
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
    await store.ledger.settle(KEY, [ended(row) for row in many(2)])
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


async def test_a_damaged_campaign_is_refused_by_name_and_others_go_on(tmp_path: Path) -> None:
    other = CampaignKey(TENANT, "other")
    store = await opened(tmp_path)
    await store.ledger.freeze(KEY, many(5))
    await store.ledger.freeze(other, many(5))
    await store.close()
    [path] = shard_files(tmp_path, "spring")
    half = path.read_bytes()[:100]
    path.write_bytes(half)

    store = await opened(tmp_path)
    for _ in range(2):
        with pytest.raises(Damaged, match=r"00000\.json"):
            await store.ledger.counts(KEY)
    with pytest.raises(Damaged, match=r"00000\.json"):
        await store.ledger.freeze(KEY, many(5))
    assert await store.ledger.counts(other) == Counts(ongoing=5)
    assert path.read_bytes() == half
    await store.close()


async def test_once_damage_was_met_the_store_is_not_ready_and_says_which_file(
    tmp_path: Path,
) -> None:
    store = await opened(tmp_path)
    await store.ledger.freeze(KEY, many(5))
    await store.close()
    [path] = shard_files(tmp_path, "spring")
    whole = path.read_bytes()
    path.write_bytes(whole[:100])

    store = await opened(tmp_path)
    await store.check()  # nobody has looked yet
    with pytest.raises(Damaged):
        await store.ledger.counts(KEY)
    for _ in range(2):
        with pytest.raises(Damaged, match=r"00000\.json"):
            await store.check()
    await store.close()

    path.write_bytes(whole)
    store = await opened(tmp_path)
    assert await store.ledger.counts(KEY) == Counts(ongoing=5)
    await store.check()
    await store.close()


async def test_a_row_that_is_not_understood_is_damage_too(tmp_path: Path) -> None:
    store = await opened(tmp_path)
    await store.ledger.freeze(KEY, many(5))
    await store.close()
    [path] = shard_files(tmp_path, "spring")
    rows = msgspec.json.decode(path.read_bytes())
    next(iter(rows["rows"].values()))["attempts"] = 1.5
    path.write_bytes(msgspec.json.encode(rows))

    store = await opened(tmp_path)
    await store.ledger.counts(KEY)
    await store.check()  # the sums need no more than they have
    with pytest.raises(Damaged, match="not understood"):
        await store.ledger.claim(KEY, CLAIM, now=NOW, limit=10)
    with pytest.raises(Damaged, match=r"00000\.json"):
        await store.check()
    await store.close()


async def test_a_damaged_file_of_users_stops_the_start_and_frees_the_folder(tmp_path: Path) -> None:
    store = await opened(tmp_path)
    await store.users.put(user("a"))
    await store.close()
    path = tmp_path / "users" / "00000.json"
    path.write_bytes(b"")
    for _ in range(2):  # the lock was let go
        with pytest.raises(Damaged, match=r"00000\.json"):
            await opened(tmp_path)
    assert path.read_bytes() == b""


async def test_leftovers_of_a_killed_process_are_swept_at_the_start(tmp_path: Path) -> None:
    store = await opened(tmp_path)
    await store.users.put(user("a"))
    await store.close()
    leftover = tmp_path / "users" / "00000.json.tmp"
    leftover.write_bytes(b'{"rows": {"half')
    store = await opened(tmp_path)
    assert not leftover.exists()
    assert await store.users.get(TENANT, "a") == user("a")
    await store.close()


async def test_a_folder_of_a_newer_format_is_refused(tmp_path: Path) -> None:
    await (await opened(tmp_path)).close()
    marker = tmp_path / "format.json"
    marker.write_bytes(b'{"format": 2}')
    with pytest.raises(StoreError, match=r"newer version .*format 2"):
        await opened(tmp_path)
    assert marker.read_bytes() == b'{"format": 2}'


async def test_a_folder_belongs_to_one_process(tmp_path: Path) -> None:
    holder = subprocess.Popen(  # noqa: ASYNC220  # the test waits for it anyway
        [sys.executable, "-c", HOLD, str(tmp_path)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    with holder:
        assert holder.stdin is not None
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"open\n"
        with pytest.raises(InUse, match="Another process") as refusal:
            await opened(tmp_path)
        assert str(tmp_path) in str(refusal.value)
        assert "\n" not in str(refusal.value)
        holder.kill()  # a killed process lets go as well
    await (await opened(tmp_path)).close()


HOLD = """
import asyncio, sys
from pathlib import Path
from storage.embedded.store import EmbeddedStore

async def main():
    store = EmbeddedStore(Path(sys.argv[1]))
    await store.open()
    print("open", flush=True)
    sys.stdin.read()

asyncio.run(main())
"""


@pytest.mark.parametrize("lines", [1, 7, 40])
async def test_what_was_acknowledged_survives_a_kill(tmp_path: Path, lines: int) -> None:
    writer = subprocess.Popen(  # noqa: ASYNC220  # the test waits for it anyway
        [sys.executable, "-c", WRITE, str(tmp_path)], cwd=ROOT, stdout=subprocess.PIPE
    )
    with writer:
        assert writer.stdout is not None
        acknowledged = [writer.stdout.readline() for _ in range(lines)]
        writer.kill()
        acknowledged += writer.stdout.read().splitlines(keepends=True)
    settled = {line.decode().strip() for line in acknowledged if line.endswith(b"\n")}
    assert len(settled) >= lines

    store = await opened(tmp_path)
    success = await store.ledger.page(KEY, Result.SUCCESS, offset=0, limit=10_000)
    assert settled <= set(ids(success.items))
    assert await store.ledger.counts(KEY) == count(await every_row(store.ledger))
    assert (await store.ledger.counts(KEY)).recipients == 2_000
    left = await store.ledger.abandoned(KEY, NOW)
    again = await store.ledger.claim(KEY, Claim("next", NOW + SECOND), now=NOW, limit=2_000)
    assert len(success.items) + len(left) + len(again) == 2_000
    await store.close()


WRITE = """
import asyncio, sys
from pathlib import Path
from storage.embedded.store import EmbeddedStore
from tests.support.examples import CLAIM, KEY, NOW, ended, many

async def main():
    store = EmbeddedStore(Path(sys.argv[1]))
    await store.open()
    await store.ledger.freeze(KEY, many(2_000))

    async def settle(row):
        await store.ledger.settle(KEY, [ended(row)])
        print(row.recipient_id, flush=True)

    while claimed := await store.ledger.claim(KEY, CLAIM, now=NOW, limit=20):
        await asyncio.gather(*map(settle, claimed))

asyncio.run(main())
"""


async def test_a_store_that_is_not_open_says_so(tmp_path: Path) -> None:
    store = EmbeddedStore(tmp_path)
    with pytest.raises(StoreError, match="not open"):
        await store.check()
    await store.open()
    with pytest.raises(StoreError, match="open already"):
        await store.open()
    await store.close()
    await store.close()
    with pytest.raises(StoreError, match="not open"):
        await store.users.get(TENANT, "a")


async def test_a_folder_that_can_not_be_made_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StoreError, match="can't be used"):
        await opened(tmp_path / "file" / "data")


async def test_rows_take_little_room_on_disk(tmp_path: Path) -> None:
    store = await opened(tmp_path)
    await store.ledger.freeze(KEY, many(SIZE))
    await store.close()
    [path] = shard_files(tmp_path, "spring")
    keys = set(msgspec.json.decode(path.read_bytes())["rows"]["29:00000/é"])
    assert keys == {"recipient_id", "due_at"}
