"""A deletion that the disk or the end of the process cuts in two is completed later."""

from __future__ import annotations

import asyncio
import errno
import logging
import os
from pathlib import Path

import pytest

from storage.embedded import dropped
from storage.embedded.store import EmbeddedStore
from storage.errors import StoreError
from tests.support.engine_room import Clock, run
from tests.support.stores.belongings import KEY, OTHER, keep, require_nothing
from tests.support.stores.disks import FailingDisk

SECRETS = (b"Ann Smith", b"Bob Jones", b"What Ann has answered")


def people_in(folder: Path) -> set[bytes]:
    """Names and answers that are still in the files."""
    contents = [path.read_bytes() for path in folder.rglob("*") if path.is_file()]
    return {secret for secret in SECRETS if any(secret in content for content in contents)}


async def opened(folder: Path, disk: FailingDisk | None = None) -> EmbeddedStore:
    store = EmbeddedStore(folder, files=disk or FailingDisk())
    await store.open()
    return store


@pytest.mark.heavy
@pytest.mark.parametrize("lasting", [False, True], ids=["once", "for a while"])
@pytest.mark.parametrize("after", [False, True], ids=["before its effect", "after its effect"])
@pytest.mark.parametrize("then", ["pressed again", "restarted"])
async def test_cut_at_any_step_nobodys_data_stay(
    tmp_path: Path, lasting: bool, after: bool, then: str
) -> None:
    number = 0
    while True:
        folder = tmp_path / str(number)
        disk = FailingDisk()
        store = await opened(folder, disk)
        await keep(store, KEY)
        disk.fail(number, after=after, lasting=lasting)
        try:
            deleted = await store.campaigns.delete(KEY)
        except StoreError:
            deleted = False
        reached = disk.failed
        disk.heal()
        if then == "pressed again":
            there = await store.campaigns.get(KEY) is not None
            assert there != deleted, number
            assert await store.campaigns.delete(KEY) is there, number
        await store.close()
        store = await opened(folder)
        if deleted or then == "pressed again":
            await require_nothing(store, KEY)
            assert not people_in(folder), number
        else:
            # It was not deleted, and the person was told so; or the process ended before anybody
            # was told anything.
            there = await store.campaigns.get(KEY) is not None
            assert (await store.ledger.counts(KEY)).recipients == (2 if there else 0), number
            assert bool(people_in(folder)) is there, number
        await store.close()
        if not reached:
            break
        number += 1
    assert number > 10


async def test_a_deletion_that_did_not_take_place_takes_nothing_at_the_next_start(
    tmp_path: Path,
) -> None:
    """The note was written, and then the campaign could not be removed."""
    disk = FailingDisk()
    store = await opened(tmp_path, disk)
    await keep(store, KEY)
    disk.fail(0, after=False, lasting=False)
    with pytest.raises(StoreError):
        await store.campaigns.delete(KEY)
    disk.heal()
    await store.campaigns._dropped.note(KEY)
    await store.close()
    store = await opened(tmp_path)
    assert await store.campaigns.get(KEY) is not None
    assert (await store.ledger.counts(KEY)).recipients == 2
    assert await store.campaigns.delete(KEY) is True
    await require_nothing(store, KEY)
    await store.close()


def test_what_is_left_goes_a_minute_later_without_a_restart(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    class Stuck(FailingDisk):
        stuck = True

        def discard(self, folder: Path) -> None:
            if self.stuck:
                raise OSError(errno.EBUSY, os.strerror(errno.EBUSY))
            super().discard(folder)

    async def story(clock: Clock) -> None:
        disk = Stuck()
        store = await opened(tmp_path, disk)
        await keep(store, KEY)
        await keep(store, OTHER)
        assert await store.campaigns.delete(KEY) is True
        assert people_in(tmp_path)
        await asyncio.sleep(dropped._AGAIN + 1)
        disk.stuck = False
        await asyncio.sleep(dropped._AGAIN + 1)
        await require_nothing(store, KEY)
        await store.campaigns.delete(OTHER)
        assert not people_in(tmp_path)
        await store.close()

    with caplog.at_level(logging.WARNING):
        run(story)
    assert caplog.text.count("what was deleted is cleared away later") == 2
