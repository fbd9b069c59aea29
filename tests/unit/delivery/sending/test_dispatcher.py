"""The dispatcher where the scenarios can't see: a full disk, faults of ours, and the end."""

from __future__ import annotations

import asyncio
import functools
import logging
from datetime import datetime
from pathlib import Path
from typing import Any, cast

import pytest

from campaigns.audience import AllUsers
from campaigns.campaign import Campaign, CampaignKey, InDoubtPolicy, Status
from campaigns.delivery import DeliveryStatus
from campaigns.drafting import when_in_doubt
from campaigns.message import Message
from campaigns.outcome import Outcome, Reason, Sent, Throttled, Unknown, Unreachable
from campaigns.user import User
from cards.message.personal import Personal
from storage.base import Ledger, Store
from storage.embedded.store import EmbeddedStore
from storage.errors import Unavailable
from tests.support.engine_room import Clock, Room, run
from tests.support.examples import every_row
from tests.support.stores.disks import FaultyDisk


class Clumsy(Personal):
    """A renderer with a fault: it trips over one recipient."""

    def message(self, user: User) -> Message:
        if user.id == "2":
            raise KeyError("a fault of ours")
        return super().message(user)


async def everyones(room: Room, people: int = 3) -> Campaign:
    await room.open(people)
    await room.begin()
    return await room.engine.send(await room.draft(audience=AllUsers()))


async def statuses(room: Room, campaign: Campaign) -> dict[str, DeliveryStatus]:
    return {
        row.recipient_id: row.status for row in await every_row(room.store.ledger, campaign.key)
    }


def test_a_fault_of_ours_before_anything_leaves_ends_as_an_error_and_holds_up_nobody(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def story(clock: Clock) -> None:
        room = Room(clock, renderer=Clumsy)
        campaign = await everyones(room)
        ended = await room.until_ended(campaign)
        assert ended.status is Status.COMPLETED
        rows = {row.recipient_id: row for row in await every_row(room.store.ledger, campaign.key)}
        failed = rows.pop("2")
        assert (failed.status, failed.reason) == (DeliveryStatus.FAILED, Reason.NOT_PREPARED)
        assert {row.status for row in rows.values()} == {DeliveryStatus.SENT}
        await room.close()

    run(story)
    [error] = [record for record in caplog.records if record.levelname == "ERROR"]
    assert "delivery to 2" in error.getMessage()
    assert error.exc_info is not None
    assert error.exc_info[0] is KeyError


def test_results_wait_for_a_full_disk_and_are_kept_when_there_is_room_again(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def story(clock: Clock) -> None:
        disk = FaultyDisk()
        room = Room(clock, store=EmbeddedStore(tmp_path / "store", files=disk))
        answers = asyncio.Event()

        def fills_the_disk(_: str) -> tuple[float, Outcome, bool]:
            disk.room = 0
            answers.set()
            return 0.5, Sent("1"), True

        room.channel.answer = fills_the_disk
        campaign = await everyones(room)
        await answers.wait()
        await asyncio.sleep(30.0)
        assert set((await statuses(room, campaign)).values()) == {DeliveryStatus.CLAIMED}
        assert room.channel.tried == {"1": 1, "2": 1, "3": 1}

        disk.room = None
        await room.until_ended(campaign)
        assert set((await statuses(room, campaign)).values()) == {DeliveryStatus.SENT}
        assert room.channel.arrived == {"1": 1, "2": 1, "3": 1}
        await room.close()

    with caplog.at_level(logging.INFO, "delivery"):
        run(story)
    # Of half a minute, with a try every second.
    waited = [line for line in caplog.messages if "results wait for the store" in line]
    assert len(waited) == 1
    assert any(line.startswith("results: the store serves again") for line in caplog.messages)


def test_nothing_is_sent_while_a_claim_can_not_be_written(tmp_path: Path) -> None:
    async def story(clock: Clock) -> None:
        disk = FaultyDisk()
        room = Room(clock, store=EmbeddedStore(tmp_path / "store", files=disk))
        await room.open(3)
        await room.begin()
        draft = await room.draft()
        # Frozen, and held before anything is claimed.
        started = await room.engine.send(draft)
        await room.engine.pause(started.key)
        await asyncio.sleep(1.0)
        assert (await room.store.ledger.counts(started.key)).ongoing == 3
        await room.engine.resume(started.key)
        disk.room = 0
        await asyncio.sleep(30.0)
        assert not room.channel.tried
        disk.room = None
        await room.until_ended(started)
        assert room.channel.arrived == {"1": 1, "2": 1, "3": 1}
        await room.close()

    run(story)


def test_a_refusal_stays_one_when_the_person_can_not_be_marked(tmp_path: Path) -> None:
    """It was settled before; what is known of it does not become unknown again."""

    class FullForPeople(FaultyDisk):
        full = False

        def _write(self, path: Path, content: bytes) -> None:
            self.room = 0 if self.full and path.parent.name == "users" else None
            super()._write(path, content)

    async def story(clock: Clock) -> None:
        disk = FullForPeople()
        room = Room(clock, store=EmbeddedStore(tmp_path / "store", files=disk))
        room.channel.answer = lambda who: (0.0, Unreachable(Reason.BLOCKED), False)
        await room.open(3)
        disk.full = True
        await room.begin()
        started = await room.engine.send(await room.draft())
        await room.until_ended(started)
        await asyncio.sleep(10.0)
        rows = await every_row(room.store.ledger, started.key)
        assert {(row.status, row.reason) for row in rows} == {
            (DeliveryStatus.FAILED, Reason.BLOCKED)
        }
        await room.close()

    run(story)


def test_the_end_waits_for_what_is_in_flight_and_claims_nothing_more() -> None:
    async def story(clock: Clock) -> None:
        room = Room(clock, rate=1.0)
        room.channel.answer = lambda _: (5.0, Sent("1"), True)
        campaign = await everyones(room, 20)
        await asyncio.sleep(3.0)
        tried = room.channel.tried.total()
        assert 0 < tried < 20
        began = clock.seconds
        await room.engine.stop()
        assert clock.seconds - began < 10.0
        counts = await room.store.ledger.counts(campaign.key)
        assert counts.success == room.channel.tried.total() <= tried + 1
        assert counts.ongoing == 20 - counts.success
        await room.close()

    run(story)


def test_what_takes_longer_than_the_grace_is_left_in_doubt_for_the_next_process() -> None:
    async def story(clock: Clock) -> None:
        room = Room(clock)
        room.channel.answer = lambda who: (60.0 if who == "2" else 0.0, Sent("1"), True)
        campaign = await everyones(room)
        await asyncio.sleep(1.0)
        began = clock.seconds
        await room.engine.stop()
        assert clock.seconds - began < 10.0
        await room.crash()
        await room.begin()
        ended = await room.until_ended(campaign)
        assert ended.status is Status.COMPLETED
        found = await statuses(room, campaign)
        assert found.pop("2") is DeliveryStatus.IN_DOUBT
        assert set(found.values()) == {DeliveryStatus.SENT}
        assert room.channel.arrived == {"1": 1, "2": 1, "3": 1}
        await room.close()

    run(story)


def test_a_throttled_recipient_is_asked_for_again_when_told_and_not_earlier() -> None:
    async def story(clock: Clock) -> None:
        room = Room(clock)
        times: list[float] = []

        def throttles_one(who: str) -> tuple[float, Outcome, bool]:
            if who != "2":
                return 0.0, Sent("1"), True
            times.append(clock.seconds)
            return (0.0, Throttled(90.0), False) if len(times) < 3 else (0.0, Sent("1"), True)

        room.channel.answer = throttles_one
        campaign = await everyones(room)
        await room.until_ended(campaign)
        first, second, third = times
        assert second - first >= 90.0
        assert third - second >= 90.0
        assert third - first < 185.0
        await room.close()

    run(story)


class _TroubledLedger:
    """A ledger that fails every second time when it is asked what is due next."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._asked = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._ledger, name)

    async def next_due(self, key: CampaignKey) -> datetime | None:
        self._asked += 1
        if self._asked % 2 == 0:
            raise Unavailable("no connection")
        return await self._ledger.next_due(key)


class _TroubledStore:
    def __init__(self) -> None:
        self._store = EmbeddedStore(None)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    @functools.cached_property
    def ledger(self) -> Any:
        return _TroubledLedger(self._store.ledger)


def test_sending_goes_on_whenever_the_store_fails_to_say_what_is_due() -> None:
    async def story(clock: Clock) -> None:
        room = Room(clock, store=cast(Store, _TroubledStore()))

        def throttles_once(recipient_id: str) -> tuple[float, Outcome, bool]:
            if room.channel.tried[recipient_id] == 1:
                return 0.0, Throttled(60.0), False
            return 0.0, Sent("1"), True

        room.channel.answer = throttles_once
        campaign = await everyones(room)
        ended = await room.until_ended(campaign)
        assert ended.status is Status.COMPLETED
        assert room.channel.arrived == {"1": 1, "2": 1, "3": 1}
        await room.close()

    run(story)


def test_what_is_in_doubt_is_resent_by_itself_at_most_once() -> None:
    async def story(clock: Clock) -> None:
        room = Room(clock)
        room.channel.answer = lambda _: (0.0, Unknown(Reason.NO_ANSWER), True)
        await room.open(3)
        await room.begin()
        draft = when_in_doubt(await room.draft(), InDoubtPolicy.RESEND)
        campaign = await room.engine.send(draft)
        await room.until_ended(campaign)
        assert set((await statuses(room, campaign)).values()) == {DeliveryStatus.IN_DOUBT}
        assert room.channel.tried == {"1": 2, "2": 2, "3": 2}
        await room.close()

    run(story)
