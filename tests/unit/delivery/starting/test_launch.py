"""Launch: everyone who was meant is frozen once, however often it is begun or cut off."""

from __future__ import annotations

import asyncio
import math
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec

from campaigns import followup, lists
from campaigns.audience import AllUsers, ListAudience
from campaigns.campaign import Status, with_run
from campaigns.delivery import Delivery, DeliveryStatus
from campaigns.outcome import Reason
from campaigns.report import Counts
from delivery.starting.audiences import CHUNK, Reach, reach
from delivery.starting.launch import freeze
from storage.embedded.files import Disk
from storage.embedded.store import EmbeddedStore
from tests.support.engine_room import TENANT, Clock, Room, person, run
from tests.support.examples import every_row
from tests.support.stores.disks import FaultyDisk

SENT, IN_DOUBT = DeliveryStatus.SENT, DeliveryStatus.IN_DOUBT


async def keep_list(room: Room, *addresses: str) -> ListAudience:
    kept = lists.create(
        TENANT,
        "list",
        name="Some",
        addresses=list(addresses),
        author_id="author",
        now=room.clock.now(),
    )
    await room.store.lists.add(kept)
    return ListAudience("list")


def test_a_list_is_frozen_with_those_who_can_not_be_reached_and_why() -> None:
    async def story(clock: Clock) -> None:
        room = Room(clock)
        await room.open(2)
        blocked = person("3", reachable=False, unreachable_because=Reason.BLOCKED)
        await room.store.users.put(blocked)
        audience = await keep_list(
            room, "1@example.com", "3@example.com", "nobody@example.com", "author@example.com"
        )
        assert await reach(room.store, TENANT, audience, clock.now()) == Reach(
            4, 1, {Reason.BLOCKED: 1, Reason.NOT_INSTALLED: 2}
        )
        campaign = await room.draft(audience=audience)
        assert await freeze(room.store, campaign, clock.now()) == 4
        rows = {row.recipient_id: row for row in await every_row(room.store.ledger, campaign.key)}
        assert {name: (row.status, row.reason) for name, row in rows.items()} == {
            "1": (DeliveryStatus.PENDING, None),
            "3": (DeliveryStatus.SKIPPED, Reason.BLOCKED),
            "author": (DeliveryStatus.SKIPPED, Reason.NOT_INSTALLED),
            "mailto:nobody@example.com": (DeliveryStatus.SKIPPED, Reason.NOT_INSTALLED),
        }
        await room.store.close()

    run(story)


def test_two_addresses_of_one_person_are_one_recipient() -> None:
    async def story(clock: Clock) -> None:
        room = Room(clock)
        await room.open(1)
        known = person("2")
        profile = msgspec.structs.replace(known.profile, upn="two@example.com")
        await room.store.users.put(msgspec.structs.replace(known, profile=profile))
        audience = await keep_list(room, "2@example.com", "two@example.com")
        assert await reach(room.store, TENANT, audience, clock.now()) == Reach(1, 1)
        campaign = await room.draft(audience=audience)
        assert await freeze(room.store, campaign, clock.now()) == 1
        await room.store.close()

    run(story)


def test_freezing_again_adds_nobody_twice_and_forgets_nobody() -> None:
    async def story(clock: Clock) -> None:
        room = Room(clock)
        await room.open(5)
        campaign = await room.draft(audience=AllUsers())
        assert await freeze(room.store, campaign, clock.now()) == 5
        # Somebody has left meanwhile, and somebody has come.
        gone = person("1", reachable=False, unreachable_because=Reason.NOT_INSTALLED)
        await room.store.users.put(gone)
        await room.store.users.put(person("6"))
        assert await freeze(room.store, campaign, clock.now()) == 6
        ids = [row.recipient_id for row in await every_row(room.store.ledger, campaign.key)]
        assert sorted(ids) == ["1", "2", "3", "4", "5", "6"]
        await room.store.close()

    run(story)


def test_a_list_that_is_gone_has_nobody_on_it() -> None:
    async def story(clock: Clock) -> None:
        room = Room(clock)
        await room.open(1)
        audience = ListAudience("deleted")
        assert await reach(room.store, TENANT, audience, clock.now()) == Reach(0, 0)
        campaign = await room.draft(audience=audience)
        await room.begin()
        started = await room.engine.send(campaign)
        ended = await room.until_ended(started)
        assert (ended.status, ended.run.recipients) == (Status.COMPLETED, 0)
        await room.close()

    run(story)


class SlowToFreeze(FaultyDisk):
    """Waits before it writes the ledger's second file."""

    def _write(self, path: Path, content: bytes) -> None:
        if "ledger" in path.parts and path.name.startswith("00001"):
            self.writing.set()
            self.may_write.wait(10)
        super()._write(path, content)

    def replace(self, path: Path, content: bytes) -> None:
        # Without the waits of the base, which are for every file.
        Disk.replace(self, path, content)


def test_stop_while_the_audience_is_being_frozen_is_answered_at_once_and_cancels_all(
    tmp_path: Path,
) -> None:
    async def story(clock: Clock) -> None:
        disk = SlowToFreeze()
        disk.writing.clear()
        disk.may_write.clear()
        room = Room(clock, store=EmbeddedStore(tmp_path / "store", files=disk))
        await room.open(CHUNK + 500)
        await room.begin()
        started = await room.engine.send(await room.draft())
        with ThreadPoolExecutor(1) as thread:
            loop = asyncio.get_running_loop()
            assert await loop.run_in_executor(thread, disk.writing.wait, 10)
        stopped = await room.engine.end(started.key)
        assert stopped is not None
        assert (stopped.status, stopped.run.recipients) == (Status.STOPPED, None)
        disk.may_write.set()
        ended = await room.until_ended(started)
        assert (ended.status, ended.run.recipients) == (Status.STOPPED, CHUNK + 500)
        counts = await room.store.ledger.counts(started.key)
        assert counts == Counts(cancelled=CHUNK + 500)
        assert not room.channel.tried
        await room.close()

    run(story)


def test_a_launch_cut_in_half_by_a_full_disk_is_completed_when_there_is_room(
    tmp_path: Path,
) -> None:
    async def story(clock: Clock) -> None:
        class FullForTheSecondFile(FaultyDisk):
            full = True

            def _write(self, path: Path, content: bytes) -> None:
                second = "ledger" in path.parts and path.name.startswith("00001")
                self.room = 0 if self.full and second else None
                super()._write(path, content)

        disk = FullForTheSecondFile()
        store = EmbeddedStore(tmp_path / "store", files=disk)
        room = Room(clock, store=store, rate=math.inf)
        await room.open(CHUNK + 200)
        await room.begin()
        started = await room.engine.send(await room.draft())
        await asyncio.sleep(5.0)
        assert not room.channel.tried
        disk.full = False
        ended = await room.until_ended(started)
        assert (ended.status, ended.run.recipients) == (Status.COMPLETED, CHUNK + 200)
        assert room.channel.arrived.total() == len(room.channel.arrived) == CHUNK + 200
        await room.close()

    run(story)


def test_who_has_a_message_is_frozen_with_it_and_who_may_have_it_is_named() -> None:
    async def story(clock: Clock) -> None:
        room = Room(clock)
        await room.open(0)
        original = await room.draft(audience=AllUsers())
        rows = [
            Delivery(recipient_id="has it", due_at=clock.now(), status=SENT, activity_id="17"),
            Delivery(recipient_id="no id", due_at=clock.now(), status=SENT),
            Delivery(recipient_id="may have it", due_at=clock.now(), status=IN_DOUBT),
            Delivery(recipient_id="failed", due_at=clock.now(), status=DeliveryStatus.FAILED),
            Delivery(recipient_id="skipped", due_at=clock.now(), status=DeliveryStatus.SKIPPED),
        ]
        await room.store.ledger.freeze(original.key, rows)
        ended = msgspec.structs.replace(
            with_run(original, ended_at=clock.now(), recipients=5), status=Status.COMPLETED
        )
        recall = followup.recall(ended, "recall", author_id="author", now=clock.now())
        assert await freeze(room.store, recall, clock.now()) == 3
        assert await freeze(room.store, recall, clock.now()) == 3
        frozen = {row.recipient_id: row for row in await every_row(room.store.ledger, recall.key)}
        assert {name: (row.status, row.target_id, row.reason) for name, row in frozen.items()} == {
            "has it": (DeliveryStatus.PENDING, "17", None),
            "no id": (DeliveryStatus.SKIPPED, "", Reason.NO_MESSAGE_ID),
            "may have it": (DeliveryStatus.SKIPPED, "", Reason.NO_MESSAGE_ID),
        }
        await room.store.close()

    run(story)
