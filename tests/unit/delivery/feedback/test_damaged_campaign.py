"""A damaged campaign costs no other one what people do with its message."""

from __future__ import annotations

from pathlib import Path

import pytest

from campaigns.campaign import CampaignKey
from campaigns.feedback.events import EventKind
from delivery.feedback.receipts import Receipts
from storage.embedded.store import EmbeddedStore
from tests.support.engine_room import TENANT, Clock, Room, run
from tests.support.stores.damaging import Row, damage_row


class Noted:
    """A recorder that keeps what it was told."""

    def __init__(self) -> None:
        self.kinds: list[tuple[CampaignKey, EventKind]] = []

    def note(self, key: CampaignKey, event: object) -> None:
        self.kinds.append((key, event.kind))  # type: ignore[attr-defined]


@pytest.mark.parametrize("whole", [True, False], ids=["file", "row"])
def test_reads_and_reactions_of_the_others_are_recorded(tmp_path: Path, *, whole: bool) -> None:
    async def main(clock: Clock) -> None:
        room = Room(clock, store=EmbeddedStore(tmp_path))
        await room.open(people=1)
        engine = await room.begin()
        for name in ("older", "newer"):
            await room.until_ended(await engine.send(await room.draft(name), sender_id="author"))
        await room.close()

        def spoil(row: Row) -> None:
            row["name"] = 5

        [newer] = (tmp_path / "ledger").rglob("*newer*/*.json")
        damage_row(newer.parent, ".", "1", spoil)
        if whole:
            newer.write_bytes(b"")

        room.store = EmbeddedStore(tmp_path)
        await room.store.open()
        recorder = Noted()
        receipts = Receipts(room.store, recorder)  # type: ignore[arg-type]
        older = CampaignKey(TENANT, "older")
        delivery = await room.store.ledger.find(older, "1")
        assert delivery is not None
        activity_id = delivery.activity_id
        await receipts.reacted(TENANT, "1", activity_id, added=["like"], removed=[], at=clock.now())
        await receipts.read(TENANT, "1", activity_id, clock.now())
        assert recorder.kinds == [(older, EventKind.REACTED), (older, EventKind.READ)]
        await room.store.close()

    run(main)
