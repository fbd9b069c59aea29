"""What is asked of the engine at the wrong moment changes nothing."""

from __future__ import annotations

import asyncio

import pytest

from campaigns.campaign import Fault, Status
from campaigns.errors import NotPossible
from campaigns.outcome import Reason, Rejected, Sent
from tests.unit.engine_room import Clock, Room, run


def test_a_fault_pauses_once_and_what_is_not_tried_yet_stays_so() -> None:
    async def story(clock: Clock) -> None:
        room = Room(clock, rate=5.0)
        room.channel.answer = lambda _: (0.0, Rejected(Reason.BAD_REQUEST), False)
        await room.open(40)
        await room.begin()
        started = await room.engine.send(await room.draft(), audience_name="All users")
        await asyncio.sleep(20.0)
        paused = await room.store.campaigns.get(started.key)
        assert paused is not None
        assert (paused.status, paused.fault) == (Status.PAUSED, Fault.REFUSED)
        assert 5 <= room.channel.tried.total() <= 10

        room.channel.answer = lambda _: (0.0, Sent("1"), True)
        await room.engine.resume(started.key)
        ended = await room.until_ended(started)
        assert (ended.status, ended.fault) == (Status.COMPLETED, None)
        assert room.channel.arrived.total() == len(room.channel.arrived) == 40
        await room.close()

    run(story)


def test_resuming_what_was_stopped_after_a_fault_is_refused_and_opens_nothing() -> None:
    async def story(clock: Clock) -> None:
        room = Room(clock, rate=5.0)
        room.channel.answer = lambda _: (0.0, Rejected(Reason.BAD_REQUEST), False)
        await room.open(40)
        await room.begin()
        started = await room.engine.send(await room.draft(), audience_name="All users")
        await asyncio.sleep(20.0)
        await room.engine.end(started.key)
        await room.until_ended(started)
        before = await room.store.ledger.counts(started.key)
        assert before.error
        assert before.error + before.cancelled == 40
        with pytest.raises(NotPossible):
            await room.engine.resume(started.key)
        assert await room.store.ledger.counts(started.key) == before
        await room.close()

    run(story)
