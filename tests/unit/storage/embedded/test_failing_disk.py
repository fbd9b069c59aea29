"""Each writing verb, with a disk that fails at each of its steps.

Done again, it ends as if the disk had served at once: in the running process, and after a restart.
When the process ends after the failure, the next one finds all of the change or nothing of it.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from storage.embedded.store import EmbeddedStore
from storage.errors import StoreError
from tests.support.stores.disks import FailingDisk
from tests.support.stores.verbs import VERBS, everything

pytestmark = pytest.mark.heavy


async def opened(folder: Path, disk: FailingDisk) -> EmbeddedStore:
    store = EmbeddedStore(folder, files=disk)
    await store.open()
    return store


@pytest.fixture
async def before(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A folder as it is before the verb."""
    store = await opened(tmp_path / "before", FailingDisk())
    await VERBS[request.node.callspec.params["verb"]][0](store)
    await store.close()
    return tmp_path / "before"


@pytest.mark.parametrize("after", [False, True], ids=["before its effect", "after its effect"])
@pytest.mark.parametrize("lasting", [False, True], ids=["once", "for a while"])
@pytest.mark.parametrize("verb", VERBS)
async def test_a_verb_that_failed_at_any_step_ends_the_same_when_it_is_done_again(
    tmp_path: Path, before: Path, verb: str, after: bool, lasting: bool
) -> None:
    _, work = VERBS[verb]
    there = await _state(before)
    reference = shutil.copytree(before, tmp_path / "reference")
    store = await opened(reference, FailingDisk())
    await work(store)
    wanted = await everything(store)
    await store.close()
    number = 0
    while True:
        folder = shutil.copytree(before, tmp_path / "folder")
        disk = FailingDisk()
        store = await opened(folder, disk)
        disk.fail(number, after=after, lasting=lasting)
        try:
            await work(store)
        except StoreError:
            if verb in WHOLE and not lasting:
                assert await _state(folder) in (there, wanted), (number, disk.steps)
            failed = True
        else:
            failed = False
        reached, steps = disk.failed, disk.steps
        disk.heal()
        if failed:
            await work(store)
        if not verb.startswith("delete a campaign"):
            # Its files may go a minute later.
            assert await everything(store) == wanted, (number, steps)
        await store.close()
        assert await _state(folder) == wanted, (number, steps)
        shutil.rmtree(folder)
        if not reached:
            break
        number += 1
    assert number > 1 or verb == "check"


WHOLE = VERBS.keys() - {
    # These take several writes. A crash between two leaves what the same verb completes.
    "freeze",
    "append events",
    "record a response",
    "drop events",
    "drop responses",
}


async def _state(folder: Path) -> Any:
    """Everything that the next process finds in the folder, which stays as it is."""
    copy = shutil.copytree(folder, folder.with_name("copy"))
    store = await opened(copy, FailingDisk())
    state = await everything(store)
    await store.close()
    shutil.rmtree(copy)
    return state
