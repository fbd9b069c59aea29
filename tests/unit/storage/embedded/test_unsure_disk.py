"""A campaign over a disk whose last step fails: nobody gets it twice, and nothing is stuck."""

from __future__ import annotations

import asyncio
from collections import Counter
from pathlib import Path

import pytest

from campaigns.outcome import Outcome, Sent, Stale
from campaigns.report import Counts
from storage.embedded.store import EmbeddedStore
from tests.support.engine_room import Clock, Room, run
from tests.support.stores.disks import FaultyDisk


class LedgerDisk(FaultyDisk):
    """Fails once after the rename, when a row of the ledger with these words is written."""

    words = b""

    def replace(self, path: Path, content: bytes) -> None:
        if self.words and "ledger" in path.parts and self.words in content:
            self.words = b""
            self.fails_once_after_rename = True
        super().replace(path, content)


@pytest.mark.parametrize("unreadable", [False, True], ids=["taken back at once", "later"])
def test_a_result_whose_write_was_in_doubt_undoes_nothing_that_came_after_it(
    tmp_path: Path, unreadable: bool
) -> None:
    async def story(clock: Clock) -> None:
        disk = LedgerDisk()
        room = Room(clock, store=EmbeddedStore(tmp_path, files=disk))
        await room.open(2)
        await room.begin()
        tries: list[float] = []

        def answer(who: str) -> tuple[float, Outcome, bool]:
            if who == "2":
                return 0.3, Sent("other"), True  # its result wakes the dispatcher meanwhile
            tries.append(clock.seconds)
            disk.unreadable = False
            if len(tries) > 1:
                return 0.0, Sent("message"), True
            disk.words = b"stale"
            disk.unreadable = unreadable
            return 0.0, Stale(), False

        async def serves_again() -> None:
            await asyncio.sleep(5)
            disk.unreadable = False

        room.channel.answer = answer
        again = asyncio.create_task(serves_again())
        campaign = await room.engine.send(await room.draft())
        await room.until_ended(campaign)
        await again
        assert room.channel.arrived == Counter({"1": 1, "2": 1})
        assert await room.store.ledger.counts(campaign.key) == Counts(success=2)
        await room.close()

    run(story)


def test_claims_whose_write_was_in_doubt_are_not_stuck(tmp_path: Path) -> None:
    async def story(clock: Clock) -> None:
        disk = LedgerDisk()
        room = Room(clock, store=EmbeddedStore(tmp_path, files=disk))
        await room.open(40)
        await room.begin()
        disk.words = b"claimed"
        campaign = await room.engine.send(await room.draft())
        await room.until_ended(campaign, seconds=60)
        assert not disk.words
        assert await room.store.ledger.counts(campaign.key) == Counts(success=40)
        assert set(room.channel.arrived.values()) == {1}
        await room.close()

    run(story)
