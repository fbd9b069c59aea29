from __future__ import annotations

import os
from pathlib import Path

import pytest

from storage.embedded.files import Disk
from tests.support.stores.disks import FaultyDisk


def test_a_file_is_replaced_whole_and_nothing_is_left_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "new" / "deep" / "rows.json"
    Disk().replace(path, b"first")
    Disk().replace(path, b"second")
    assert Disk().read(path) == b"second"
    assert Disk().names(path.parent) == ["rows.json"]


def test_the_old_file_is_never_written_to(tmp_path: Path) -> None:
    """A reader during the replacement, and a start after a crash, find all of the old file."""
    path = tmp_path / "rows.json"
    Disk().replace(path, b"the old content")
    with path.open("rb") as reading:
        Disk().replace(path, b"new")
        assert reading.read() == b"the old content"


def test_what_is_not_there_reads_as_nothing(tmp_path: Path) -> None:
    assert Disk().read(tmp_path / "rows.json") is None
    assert Disk().names(tmp_path / "folder") == []
    Disk().discard(tmp_path / "folder")


def test_a_write_that_does_not_fit_leaves_the_old_content_and_no_litter(tmp_path: Path) -> None:
    disk = FaultyDisk()
    path = tmp_path / "rows.json"
    disk.replace(path, b"old")
    disk.room = 5
    with pytest.raises(OSError, match="No space"):
        disk.replace(path, b"new content")
    assert disk.read(path) == b"old"
    assert disk.names(tmp_path) == ["rows.json"]


def test_a_rename_that_fails_leaves_the_target_and_no_litter(tmp_path: Path) -> None:
    in_the_way = tmp_path / "rows.json"
    (in_the_way / "inside").mkdir(parents=True)
    with pytest.raises(OSError, match=r"rows\.json"):
        Disk().replace(in_the_way, b"new")
    assert Disk().names(tmp_path) == ["rows.json"]
    assert Disk().names(in_the_way) == ["inside"]


def test_a_folder_is_discarded_with_all_that_is_in_it(tmp_path: Path) -> None:
    Disk().replace(tmp_path / "gone" / "deep" / "rows.json", b"x")
    Disk().replace(tmp_path / "kept.json", b"x")
    Disk().discard(tmp_path / "gone")
    assert Disk().names(tmp_path) == ["kept.json"]


def test_sweeping_removes_what_interruptions_left_and_nothing_else(tmp_path: Path) -> None:
    Disk().replace(tmp_path / "users" / "00000.json", b"kept")
    (tmp_path / "users" / "00000.json.tmp").write_bytes(b"ha")
    half_discarded = tmp_path / "ledger" / "t" / "c.discarded"
    half_discarded.mkdir(parents=True)
    (half_discarded / "00001.json").write_bytes(b"{}")
    (tmp_path / "notes.txt").write_text("mine")
    Disk().sweep(tmp_path)
    left = [Path(inside, name) for inside, _, names in os.walk(tmp_path) for name in names]
    assert sorted(left) == [tmp_path / "notes.txt", tmp_path / "users" / "00000.json"]
    assert not half_discarded.exists()
