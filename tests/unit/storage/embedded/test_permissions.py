"""The data folder is the bot's own user's alone."""

from __future__ import annotations

import logging
import os
import stat
from pathlib import Path

import pytest

from storage.embedded.store import EmbeddedStore
from storage.errors import StoreError
from tests.support.examples import user
from tests.support.stores.belongings import KEY, keep
from tests.support.stores.disks import FailingDisk

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows has other permissions")


def modes(folder: Path) -> dict[str, int]:
    """The permissions of the folder and of everything in it."""
    found = {".": stat.S_IMODE(folder.stat().st_mode)}
    for path in folder.rglob("*"):
        found[str(path.relative_to(folder))] = stat.S_IMODE(path.stat().st_mode)
    return found


def require_private(folder: Path) -> None:
    found = modes(folder)
    assert len(found) > 8
    for name, mode in found.items():
        assert mode == (0o700 if (folder / name).is_dir() else 0o600), (name, oct(mode))


@pytest.fixture(params=[0o000, 0o022, 0o077, 0o177, 0o777], ids=oct)
def mask(request: pytest.FixtureRequest) -> object:
    before = os.umask(request.param)
    yield request.param
    os.umask(before)


async def fill(folder: Path) -> None:
    store = EmbeddedStore(folder)
    await store.open()
    await keep(store, KEY)
    await store.users.put(user("a"))
    await store.secrets.get_or_keep("links", b"secret")
    await store.check()
    await store.close()


async def test_nobody_else_may_read_a_new_data_folder_whatever_the_mask(
    tmp_path: Path, mask: int, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        await fill(tmp_path / "data")
    require_private(tmp_path / "data")
    assert "permissions" not in caplog.text
    assert "other users" not in caplog.text


async def test_a_folder_of_an_earlier_version_is_made_private_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    await fill(tmp_path)
    mine = tmp_path / "notes.txt"
    mine.write_text("mine")
    open_up(tmp_path)
    with caplog.at_level(logging.INFO):
        await fill_again(tmp_path)
        await fill_again(tmp_path)
    assert caplog.text.count("could be read by other users of this machine") == 1
    assert stat.S_IMODE(mine.stat().st_mode) == 0o644  # not the bot's
    mine.unlink()
    require_private(tmp_path)


def open_up(folder: Path) -> None:
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)


async def fill_again(folder: Path) -> None:
    store = EmbeddedStore(folder)
    await store.open()
    await store.users.put(user("b"))
    await store.close()


async def test_what_an_interrupted_write_left_does_not_stay_readable(tmp_path: Path) -> None:
    await fill(tmp_path)
    left = tmp_path / "users" / "00000.json.tmp"
    left.write_bytes(b"half")
    left.chmod(0o644)
    store = EmbeddedStore(tmp_path)
    await store.open()
    await store.users.put(user("b"))
    await store.close()
    require_private(tmp_path)


async def test_where_permissions_can_not_be_changed_that_is_said_and_the_bot_works(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    class Foreign(FailingDisk):
        def protect(self, folder: Path, names: object) -> int:
            raise PermissionError(1, "Operation not permitted", str(folder))

    store = EmbeddedStore(tmp_path, files=Foreign())
    await store.open()
    await store.users.put(user("a"))
    await store.close()
    [line] = [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]
    assert str(tmp_path) in line
    assert "permissions can't be changed" in line


async def test_a_folder_that_can_not_be_used_is_refused_as_before(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="can't be used"):
        await EmbeddedStore(tmp_path / "file" / "data").open()
