"""Requests to the engine at the wrong moment change nothing."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import Any, cast

import pytest

from campaigns import lists
from campaigns.audience import ListAudience
from campaigns.campaign import CampaignKey, Fault, Status
from campaigns.errors import NotPossible
from campaigns.outcome import Reason, Rejected, Sent
from campaigns.schedule.schedule import Schedule
from campaigns.schedule.windows import Window, starts_at
from storage.base import Ledger, Store
from storage.embedded.store import EmbeddedStore
from tests.support.engine_room import TENANT, Clock, Room, run


def test_a_fault_pauses_once_and_what_is_not_tried_yet_stays_so() -> None:
    async def story(clock: Clock) -> None:
        room = Room(clock, rate=5.0)
        room.channel.answer = lambda _: (0.0, Rejected(Reason.BAD_REQUEST), False)
        await room.open(40)
        await room.begin()
        started = await room.engine.send(await room.draft())
        await asyncio.sleep(20.0)
        paused = await room.store.campaigns.get(started.key)
        assert paused is not None
        assert (paused.status, paused.run.fault) == (Status.PAUSED, Fault.REFUSED)
        assert 36 <= room.channel.tried.total() < 40  # nearly everybody

        room.channel.answer = lambda _: (0.0, Sent("1"), True)
        await room.engine.resume(started.key)
        ended = await room.until_ended(started)
        assert (ended.status, ended.run.fault) == (Status.COMPLETED, None)
        assert room.channel.arrived.total() == len(room.channel.arrived) == 40
        await room.close()

    run(story)


def test_resuming_what_was_stopped_after_a_fault_is_refused_and_opens_nothing() -> None:
    async def story(clock: Clock) -> None:
        room = Room(clock, rate=5.0)
        room.channel.answer = lambda _: (0.0, Rejected(Reason.BAD_REQUEST), False)
        await room.open(40)
        await room.begin()
        started = await room.engine.send(await room.draft())
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


class _SlowLedger:
    """A ledger that takes a moment to say what is due next, as one on a server does."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def __getattr__(self, name: str) -> Any:
        return getattr(self._ledger, name)

    async def next_due(self, key: CampaignKey) -> datetime | None:
        await asyncio.sleep(0.01)
        return await self._ledger.next_due(key)


class _SlowStore:
    def __init__(self) -> None:
        self._store = EmbeddedStore(None)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    @property
    def ledger(self) -> Any:
        return _SlowLedger(self._store.ledger)


def test_campaigns_that_start_while_it_is_asked_what_is_due_are_sent() -> None:
    async def story(clock: Clock) -> None:
        room = Room(clock, store=cast(Store, _SlowStore()))
        await room.open(2)
        await room.begin()
        # One that is being sent, and has nothing due just now.
        tomorrow = clock.now().date() + timedelta(days=1)
        window = Window(first_day=tomorrow, days=1, zone="UTC")
        start = starts_at(window, clock.now())
        spread = await room.draft("spread", ListAudience("list"))
        await room.store.lists.add(
            lists.create(
                TENANT,
                "list",
                name="One",
                addresses=["1@example.com"],
                author_id="author",
                now=clock.now(),
            )
        )
        await room.engine.schedule(spread, Schedule(at=start, zone="UTC", seed="s", window=window))
        await asyncio.sleep((start - clock.now()).total_seconds() + 5.0)
        assert not room.channel.arrived
        started = []
        for number in range(60):
            draft = await room.draft(f"news-{number}")
            started.append(await room.engine.send(draft))
            await asyncio.sleep(0.15 + number * 0.0015)
        for campaign in (*started, spread):
            await room.until_ended(campaign, seconds=86_400.0)
        assert room.channel.arrived.total() == 120 + 1
        await room.close()

    run(story)
