"""A campaign whose record turns out to be damaged while it is sent holds up no other one."""

from __future__ import annotations

import asyncio
from pathlib import Path

import msgspec
import pytest

from campaigns.campaign import Status
from storage.embedded.store import EmbeddedStore
from storage.errors import Damaged
from tests.support.engine_room import Clock, Room, run
from tests.support.stores.damaging import Row, damage_row


def test_damage_that_is_met_while_sending_stops_that_campaign_alone(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def story(clock: Clock) -> None:
        room = Room(clock, store=EmbeddedStore(tmp_path), rate=5.0)
        await room.open(40)
        await room.begin()
        first = await room.engine.send(await room.draft("first"))
        await asyncio.sleep(4.0)
        await room.close()
        _spoil_rows_that_wait(tmp_path)
        sent = room.channel.arrived.total()
        assert 0 < sent < 40

        room.store = EmbeddedStore(tmp_path)
        await room.store.open()
        await room.begin()
        second = await room.engine.send(await room.draft("second"))
        ended = await room.until_ended(second)
        assert ended.status is Status.COMPLETED
        assert room.channel.arrived.total() == sent + 40
        now = await room.store.campaigns.get(first.key)
        assert now is not None
        assert now.status is Status.SENDING
        with pytest.raises(Damaged, match=r"00000\.json"):
            await room.store.check()
        await room.close()

    run(story)
    lines = [record.getMessage() for record in caplog.records if record.levelname == "ERROR"]
    [line] = lines
    assert line.startswith("sending of campaign first of tenant-1 stands still")


def _spoil_rows_that_wait(folder: Path) -> None:
    """Damages rows so that they can still be counted, but not claimed."""
    [path] = folder.glob("ledger/*/first*/00000.json")
    content = msgspec.json.decode(path.read_bytes())
    for row in content["rows"].values():
        if row.get("status", "pending") == "pending":
            row["attempts"] = 0.5
    path.write_bytes(msgspec.json.encode(content))


@pytest.mark.parametrize("field", ["status", "due_at", "name"])
@pytest.mark.parametrize("stopped", [False, True], ids=["sent", "stopped"])
def test_a_damaged_delivery_is_all_that_is_left_and_goes_on_when_repaired(
    tmp_path: Path, field: str, *, stopped: bool
) -> None:
    async def story(clock: Clock) -> None:
        room = Room(clock, store=EmbeddedStore(tmp_path), rate=1.0)
        await room.open(6)
        campaign = await (await room.begin()).send(await room.draft("first"))
        await asyncio.sleep(1.5)
        await room.engine.pause(campaign.key)
        await asyncio.sleep(5.0)
        await room.close()
        before = damage_row(tmp_path, "ledger", "6", lambda row: None).read_bytes()
        whole = msgspec.json.decode(before)["rows"]["6"]

        def repair(row: Row) -> None:
            row.clear()
            row.update(whole)

        damage_row(tmp_path, "ledger", "6", lambda row: row.update({field: 5}))

        room.store = EmbeddedStore(tmp_path)
        await room.store.open()
        engine = await room.begin()
        await (engine.end(campaign.key) if stopped else engine.resume(campaign.key))
        await asyncio.sleep(100.0)
        counts = await room.store.ledger.counts(campaign.key)
        assert (counts.open, counts.recipients) == (1, 6)
        now = await room.store.campaigns.get(campaign.key)
        assert now is not None
        assert now.run.ended_at is None
        assert "6" not in room.channel.arrived
        await room.close()

        damage_row(tmp_path, "ledger", "6", repair)
        room.store = EmbeddedStore(tmp_path)
        await room.store.open()
        await room.begin()
        await room.until_ended(campaign)
        counts = await room.store.ledger.counts(campaign.key)
        assert counts.recipients == 6
        assert max(room.channel.arrived.values()) == 1
        assert room.channel.arrived.total() == counts.success
        assert counts.success == 6 or stopped
        await room.close()

    run(story)
