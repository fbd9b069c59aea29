"""Damaged files are refused by name, and left as they are."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from campaigns.campaign import CampaignKey
from campaigns.report import Counts
from storage.errors import Damaged
from tests.support.examples import (
    CLAIM,
    KEY,
    NOW,
    TENANT,
    many,
    user,
)
from tests.support.stores.embedded import opened, shard_files


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
    assert len(await store.ledger.claim(KEY, CLAIM, now=NOW, limit=10)) == 4
    with pytest.raises(Damaged, match=r"29:00000/é.* is not understood") as caught:
        await store.ledger.claim(KEY, CLAIM, now=NOW, limit=10)
    assert caught.value.rows == {"29:00000/é"}
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
