from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest

from storage.embedded.documents import AtomicFile, Documents, Rows, decoder
from storage.embedded.edit import Edit
from storage.embedded.shard import Shard
from storage.embedded.shards import Shards
from storage.embedded.volume import Volume
from storage.errors import Conflict, Damaged, StoreError
from tests.support.stores.disks import FaultyDisk


@pytest.fixture
def disk() -> FaultyDisk:
    return FaultyDisk()


@pytest.fixture
async def volume(tmp_path: Path, disk: FaultyDisk) -> AsyncIterator[Volume]:
    volume = Volume(tmp_path, disk, loaded=4)
    yield volume
    await volume.close()


def shard_in(volume: Volume, name: str = "00000.json", *, known: bool = False) -> Shard[int]:
    return Shard(volume, "things", name, len, known=known)


async def put(shard: Shard[int], row_id: str, value: int = 0) -> None:
    await shard.change(lambda edit: edit.put(row_id, {"value": value}))


# One file


def documents(path: Path, disk: FaultyDisk) -> Documents:
    return Documents(AtomicFile(disk, path, known=False))


def test_documents_are_kept_in_order_under_any_string_id(tmp_path: Path, disk: FaultyDisk) -> None:
    path = tmp_path / "rows.json"
    ids = ["29:b/é\n", "1", "a", '"']
    documents(path, disk).change({row_id: {"of": row_id} for row_id in ids})
    documents(path, disk).change({"1": {"of": "changed"}, "a": None, "absent": None})
    rows = documents(path, disk).rows()
    assert list(rows) == ["29:b/é\n", "1", '"']
    assert rows["1"] == {"of": "changed"}


def test_rows_that_were_read_do_not_change_when_others_are_written(
    tmp_path: Path, disk: FaultyDisk
) -> None:
    table = documents(tmp_path / "rows.json", disk)
    table.change({"a": {"value": 1}})
    before = table.rows()
    table.change({"a": {"value": 2}, "b": {}})
    assert before == {"a": {"value": 1}}


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b'{"rows": {"a": {"value": 1}',
        b"\x00" * 100,
        b'{"rows": {"a": "\xff"}}',
        b"[]",
        b'{"rows": [1, 2]}',
        b"{}",
        b'{"_default": {"1": {"by": "another program"}}}',
    ],
)
def test_a_file_that_is_not_as_written_is_refused_by_name_and_left(
    content: bytes, tmp_path: Path, disk: FaultyDisk
) -> None:
    path = tmp_path / "rows.json"
    path.write_bytes(content)
    table = documents(path, disk)
    with pytest.raises(Damaged, match=r"rows\.json.* Restore it from a backup"):
        table.rows()
    with pytest.raises(Damaged):
        table.change({"b": {}})
    assert path.read_bytes() == content


def test_a_file_that_has_vanished_is_not_taken_for_an_empty_one(
    tmp_path: Path, disk: FaultyDisk
) -> None:
    with pytest.raises(Damaged, match="vanished"):
        Documents(AtomicFile(disk, tmp_path / "rows.json", known=True)).rows()


# Group commit


async def test_many_writers_share_one_write(volume: Volume, disk: FaultyDisk) -> None:
    shard = shard_in(volume)
    await asyncio.gather(*(put(shard, f"r{number}") for number in range(500)))
    assert len(disk.replaced) == 1
    assert len(await shard.rows()) == await shard.summary() == 500


async def test_writers_who_come_during_a_write_share_the_next(
    volume: Volume, disk: FaultyDisk
) -> None:
    shard = shard_in(volume)
    disk.may_write.clear()
    first = asyncio.create_task(put(shard, "first"))
    await asyncio.to_thread(disk.writing.wait)
    rest = [asyncio.create_task(put(shard, f"r{number}")) for number in range(100)]
    await asyncio.sleep(0)  # lets each of them ask
    disk.may_write.set()
    await asyncio.gather(first, *rest)
    assert len(disk.replaced) == 2


async def test_a_read_during_a_write_sees_the_durable_rows_and_does_not_touch_the_disk(
    volume: Volume, disk: FaultyDisk
) -> None:
    shard = shard_in(volume)
    await put(shard, "a")
    reads = disk.reads
    disk.writing.clear()
    disk.may_write.clear()
    writer = asyncio.create_task(put(shard, "b"))
    await asyncio.to_thread(disk.writing.wait)
    assert set(await shard.rows()) == {"a"}
    disk.may_write.set()
    await writer
    assert set(await shard.rows()) == {"a", "b"}
    assert disk.reads == reads


async def test_a_change_sees_those_before_it_in_the_same_write(
    volume: Volume, disk: FaultyDisk
) -> None:
    shard = shard_in(volume)

    def count_up(edit: Edit) -> int:
        value: int = (edit.get("n") or {"value": 0})["value"] + 1
        edit.put("n", {"value": value})
        return value

    results = await asyncio.gather(*(shard.change(count_up) for _ in range(50)))
    assert results == list(range(1, 51))
    assert len(disk.replaced) == 1


async def test_a_refusal_reaches_only_the_one_who_caused_it(volume: Volume) -> None:
    shard = shard_in(volume)

    def refuse(edit: Edit) -> None:
        raise Conflict("stale")

    results = await asyncio.gather(
        put(shard, "a"), shard.change(refuse), put(shard, "b"), return_exceptions=True
    )
    assert [type(result) for result in results] == [type(None), Conflict, type(None)]
    assert set(await shard.rows()) == {"a", "b"}


async def test_a_change_that_changes_nothing_writes_nothing(
    volume: Volume, disk: FaultyDisk
) -> None:
    shard = shard_in(volume)
    assert await shard.change(lambda edit: edit.remove("absent")) is False
    assert disk.replaced == []


async def test_a_change_goes_through_when_its_caller_is_cancelled(volume: Volume) -> None:
    shard = shard_in(volume)
    caller = asyncio.create_task(put(shard, "a"))
    await asyncio.sleep(0)
    caller.cancel()
    with pytest.raises(asyncio.CancelledError):
        await caller
    await put(shard, "b")
    assert set(await shard.rows()) == {"a", "b"}


async def test_closing_finishes_what_was_begun_and_refuses_what_comes_after(
    tmp_path: Path, disk: FaultyDisk
) -> None:
    volume = Volume(tmp_path, disk, loaded=4)
    shard = shard_in(volume)
    writer = asyncio.create_task(put(shard, "a"))
    await asyncio.sleep(0)
    await volume.close()
    await writer
    assert set(documents(tmp_path / "things" / "00000.json", disk).rows()) == {"a"}
    with pytest.raises(StoreError, match="closed"):
        await put(shard, "b")


# A disk that refuses


async def test_a_full_disk_is_told_to_every_writer_and_nobody_sees_the_change(
    volume: Volume, disk: FaultyDisk
) -> None:
    shard = shard_in(volume)
    await put(shard, "kept")
    disk.room = 10
    results = await asyncio.gather(
        *(put(shard, f"r{number}") for number in range(20)), return_exceptions=True
    )
    assert all(isinstance(result, StoreError) for result in results)
    assert "No space left" in str(results[0])
    assert "00000.json" in str(results[0])
    assert set(await shard.rows()) == {"kept"}
    assert await shard.summary() == 1


async def test_a_shard_works_again_when_there_is_room_again(
    volume: Volume, disk: FaultyDisk, tmp_path: Path
) -> None:
    shard = shard_in(volume)
    disk.room = 10
    with pytest.raises(StoreError):
        await put(shard, "lost")
    disk.room = None
    await put(shard, "kept")
    assert set(await shard.rows()) == {"kept"}
    assert set(documents(tmp_path / "things" / "00000.json", disk).rows()) == {"kept"}


async def test_what_an_unsure_disk_kept_all_the_same_is_taken_back(
    volume: Volume, disk: FaultyDisk, tmp_path: Path
) -> None:
    """The last step, syncing the folder, failed: the file is there, and nobody was told so."""
    path = tmp_path / "things" / "00000.json"
    shard = shard_in(volume)
    await put(shard, "before")
    disk.fails_once_after_rename = True
    with pytest.raises(StoreError):
        await put(shard, "unsure")
    assert set(await shard.rows()) == set(documents(path, disk).rows()) == {"before"}
    assert await shard.summary() == 1
    assert shard.idle


@pytest.mark.parametrize("then", ["change", "take back", "close"])
async def test_what_can_not_be_taken_back_at_once_is_taken_back_later(
    volume: Volume, disk: FaultyDisk, tmp_path: Path, then: str
) -> None:
    path = tmp_path / "things" / "00000.json"
    shard = shard_in(volume)
    await put(shard, "before")
    disk.fails_once_after_rename = True
    disk.unreadable = True
    with pytest.raises(StoreError):
        await put(shard, "unsure")
    disk.unreadable = False
    for number in range(9):  # more than stay in memory
        await put(shard_in(volume, f"{number + 1:05d}.json"), "other")
    assert set(documents(path, disk).rows()) == {"before", "unsure"}
    assert set(await shard.rows()) == {"before"}
    match then:
        case "change":
            await put(shard, "after")
        case "take back":
            await volume.take_back()
        case "close":
            await volume.close()
    left = {"before", "after"} if then == "change" else {"before"}
    assert set(documents(path, disk).rows()) == left


async def test_rows_and_their_summary_change_together(volume: Volume, disk: FaultyDisk) -> None:
    summarised = threading.Event()
    may_go_on = threading.Event()
    may_go_on.set()

    def slow(rows: Rows) -> int:
        summarised.set()
        may_go_on.wait()
        return len(rows)

    shard = Shard(volume, "things", "00000.json", slow, known=False)
    await put(shard, "a")
    summarised.clear()
    may_go_on.clear()
    writer = asyncio.create_task(put(shard, "b"))
    await asyncio.to_thread(summarised.wait)  # the new rows are on the disk by now
    assert len(await shard.rows()) == await shard.summary() == 1
    may_go_on.set()
    await writer
    assert len(await shard.rows()) == await shard.summary() == 2


async def test_a_dropped_collection_takes_nothing_more(volume: Volume, tmp_path: Path) -> None:
    things = Shards(volume, "things", len, size=1)
    await things.load()
    await put(things.place("a"), "a")
    await things.drop()
    with pytest.raises(StoreError, match="has been removed"):
        things.place("late")
    with pytest.raises(StoreError, match="has been removed"):
        await things.load()
    assert not (tmp_path / "things").exists()


async def test_a_failed_rename_leaves_the_old_rows(volume: Volume, disk: FaultyDisk) -> None:
    shard = shard_in(volume)
    await put(shard, "a", 1)
    disk.fails_at_rename = True
    with pytest.raises(StoreError):
        await put(shard, "a", 2)
    assert await shard.rows() == {"a": {"value": 1}}


async def test_a_row_that_is_not_understood_is_set_aside_and_refused_with_the_files_name(
    volume: Volume, tmp_path: Path
) -> None:
    path = tmp_path / "things" / "00000.json"
    path.parent.mkdir()
    path.write_bytes(b'{"rows": {"a": {"unexpected": 1}, "b": {"value": 2}}}')

    def total(rows: Rows) -> int:
        return sum(row["value"] for row in rows.values())

    shards = Shards(volume, "things", total, size=3)
    await shards.load()
    assert await shards.summaries() == [2]
    with pytest.raises(Damaged, match=r"00000\.json.* the row 'a'"):
        await shards.get("a", thing)
    for change in (lambda edit: edit.put("a", {"value": 1}), lambda edit: edit.remove("a")):
        with pytest.raises(Damaged, match=r"00000\.json.* the row 'a'"):
            await shards.place("a").change(change)
    await put(shards.place("c"), "c", 3)
    assert await shards.summaries() == [5]
    kept = msgspec.json.decode(path.read_bytes())["rows"]
    assert kept == {"a": {"unexpected": 1}, "b": {"value": 2}, "c": {"value": 3}}


# Many shards


class Thing(msgspec.Struct):
    value: int


thing = decoder(Thing)


async def test_rows_fill_one_shard_after_the_other_and_are_found_after_reopening(
    volume: Volume, disk: FaultyDisk, tmp_path: Path
) -> None:
    things = Shards(volume, "things", len, size=10)
    await things.load()
    for number in range(95):
        await put(things.place(f"r{number}"), f"r{number}", number)
    assert await things.summaries() == [10] * 9 + [5]

    again = Shards(volume, "things", len, size=10)
    await again.load()
    assert await again.get("r42", thing) == Thing(42)
    assert await again.get("absent", thing) is None
    await put(again.place("r95"), "r95", 95)
    assert await again.summaries() == [10] * 9 + [6]


async def test_a_bounded_number_of_shards_stays_in_memory(volume: Volume, disk: FaultyDisk) -> None:
    things = Shards(volume, "things", len, size=10)
    await things.load()
    await asyncio.gather(
        *(put(things.place(f"r{number}"), f"r{number}", number) for number in range(500))
    )
    found = await things.get_many([f"r{number}" for number in range(500)], thing)
    assert [found[f"r{number}"].value for number in range(500)] == list(range(500))
    assert sum(shard.loaded for shard in things.all) <= 4


async def test_a_failed_write_leaves_no_row_behind_and_its_place_can_be_used(
    volume: Volume, disk: FaultyDisk
) -> None:
    things = Shards(volume, "things", len, size=1)
    await things.load()
    disk.room = 0
    with pytest.raises(StoreError):
        await put(things.place("a"), "a")
    disk.room = None
    assert await things.get("a", thing) is None
    await put(things.place("b"), "b", 2)
    await put(things.place("a"), "a", 1)
    assert await things.get_many(["a", "b"], thing) == {"a": Thing(1), "b": Thing(2)}
