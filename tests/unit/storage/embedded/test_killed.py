"""A process that is killed loses nothing that it has acknowledged."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from campaigns.delivery import Claim
from campaigns.report import Result, count
from tests.support.examples import (
    KEY,
    NOW,
    SECOND,
    TENANT,
    every_row,
    ids,
    user,
)
from tests.support.stores.embedded import opened
from tests.support.tree import ROOT


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
