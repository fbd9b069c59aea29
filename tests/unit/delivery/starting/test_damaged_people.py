"""A damaged record of one person keeps no audience from being frozen."""

from __future__ import annotations

from pathlib import Path

import pytest

from campaigns.audience import (
    AllUsers,
    Audience,
    NewcomersAudience,
    ReceivedAudience,
    UnansweredAudience,
    WaitingAudience,
)
from campaigns.feedback.events import Event, EventKind
from campaigns.report import Counts
from storage.embedded.store import EmbeddedStore
from tests.support.engine_room import Clock, Room, run
from tests.support.stores.damaging import Row, damage_row

AUDIENCES = [
    AllUsers(),
    ReceivedAudience("news"),
    NewcomersAudience("news"),
    UnansweredAudience("news"),
    WaitingAudience("news"),
]


def spoil_name(row: Row) -> None:
    row.get("profile", row)["name"] = 5


def spoil_event(row: Row) -> None:
    row["events"][0]["kind"] = 5


DAMAGE = {"users": (":2", spoil_name), "ledger": ("2", spoil_name), "events": ("2", spoil_event)}


@pytest.mark.parametrize("collection", list(DAMAGE))
@pytest.mark.parametrize("audience", AUDIENCES, ids=lambda audience: type(audience).__name__)
def test_everybody_else_gets_it(tmp_path: Path, audience: Audience, collection: str) -> None:
    async def main(clock: Clock) -> None:
        room = Room(clock, store=EmbeddedStore(tmp_path))
        await room.open(people=3)
        engine = await room.begin()
        first = await engine.send(await room.draft("news"), sender_id="author")
        await room.until_ended(first)
        read = Event(kind=EventKind.READ, at=clock.now(), recipient_id="2")
        await room.store.events.append(first.key, [read])
        await room.close()
        damage_row(tmp_path, collection, *DAMAGE[collection])

        room.store = EmbeddedStore(tmp_path)
        await room.store.open()
        engine = await room.begin()
        room.channel.arrived.clear()
        draft = await room.draft("again", audience)
        again = await room.until_ended(await engine.send(draft, sender_id="author"))
        counts = await room.store.ledger.counts(again.key)
        if isinstance(audience, NewcomersAudience):
            # All have had it, or may have.
            assert counts == Counts()
        else:
            assert {"1", "3"} <= set(room.channel.arrived)
            if collection == "users":
                assert "2" not in room.channel.arrived
                # The person is accounted for where a delivery can be made, else in the log.
                assert counts.error == (not isinstance(audience, AllUsers))
        await room.close()

    run(main)
