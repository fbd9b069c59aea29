"""Promises of the embedded store beside the contract: reopening, its lock, its format."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from campaigns.report import Counts
from storage.embedded.store import EmbeddedStore
from storage.errors import InUse, StoreError
from tests.support.examples import (
    CLAIM,
    KEY,
    NOW,
    TENANT,
    campaign,
    ended,
    every_row,
    ids,
    many,
    people,
    user,
)
from tests.support.stores.embedded import opened
from tests.support.tree import ROOT


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


async def test_a_folder_of_a_newer_format_is_refused(tmp_path: Path) -> None:
    await (await opened(tmp_path)).close()
    marker = tmp_path / "format.json"
    marker.write_bytes(b'{"format": 3}')
    with pytest.raises(StoreError, match=r"newer version .*format 3"):
        await opened(tmp_path)
    assert marker.read_bytes() == b'{"format": 3}'


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


@pytest.mark.skipif(sys.platform == "win32", reason="an open file can't be removed there")
async def test_a_folder_belongs_to_one_process_also_when_its_lock_file_was_removed(
    tmp_path: Path,
) -> None:
    store = await opened(tmp_path)
    (tmp_path / "lock").unlink()
    for _ in range(2):
        with pytest.raises(InUse, match="Another process"):
            await opened(tmp_path)
    await store.close()
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
