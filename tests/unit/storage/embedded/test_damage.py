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
