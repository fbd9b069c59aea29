"""The card that shows how sending goes, without anyone pressing a button."""

from __future__ import annotations

import asyncio

from campaigns.campaign import CardPlace, Status
from campaigns.outcome import Sent
from tests.support.engine_room import TENANT, Clock, Room, person, run

PLACE = CardPlace("admin", "card-1")


def test_the_card_follows_until_the_end_and_no_longer() -> None:
    async def story(clock: Clock) -> None:
        room = Room(clock, rate=10.0)
        await room.open(60)
        await room.store.users.put(person("admin"))
        await room.begin()
        campaign = await room.engine.send(await room.draft())
        await room.engine.follow(campaign.key, PLACE)
        await room.until_ended(campaign)
        await asyncio.sleep(10.0)
        shown = len(room.channel.updates)
        # Six seconds of sending, an update each second and a half, and one for the end.
        assert 3 <= shown <= 6
        assert set(room.channel.updates) == {"card-1"}
        await asyncio.sleep(600.0)
        assert len(room.channel.updates) == shown
        await room.close()

    run(story)


def test_nothing_is_updated_while_nothing_changes() -> None:
    async def story(clock: Clock) -> None:
        room = Room(clock)
        room.channel.answer = lambda _: (2.0, Sent("1"), True)
        await room.open(3)
        await room.store.users.put(person("admin"))
        await room.begin()
        campaign = await room.engine.send(await room.draft())
        await room.engine.follow(campaign.key, PLACE)
        await room.engine.pause(campaign.key)
        await asyncio.sleep(60.0)
        shown = len(room.channel.updates)
        await asyncio.sleep(600.0)
        assert len(room.channel.updates) == shown
        await room.engine.resume(campaign.key)
        ended = await room.until_ended(campaign)
        assert ended.status is Status.COMPLETED
        await asyncio.sleep(10.0)
        assert len(room.channel.updates) > shown
        await room.close()

    run(story)


def test_a_card_that_shows_something_else_now_is_left_alone() -> None:
    async def story(clock: Clock) -> None:
        room = Room(clock, rate=5.0)
        await room.open(50)
        await room.store.users.put(person("admin"))
        await room.begin()
        campaign = await room.engine.send(await room.draft())
        await room.engine.follow(campaign.key, PLACE)
        await asyncio.sleep(4.0)
        await room.engine.leave(TENANT, PLACE)
        shown = len(room.channel.updates)
        assert shown > 0
        await room.until_ended(campaign)
        assert len(room.channel.updates) == shown
        await room.close()

    run(story)


def test_after_a_restart_the_card_goes_on() -> None:
    async def story(clock: Clock) -> None:
        room = Room(clock, rate=5.0)
        await room.open(50)
        await room.store.users.put(person("admin"))
        await room.begin()
        campaign = await room.engine.send(await room.draft())
        await room.engine.follow(campaign.key, PLACE)
        await asyncio.sleep(4.0)
        await room.engine.stop()
        shown = len(room.channel.updates)
        await room.begin()
        await room.until_ended(campaign)
        await asyncio.sleep(10.0)
        assert len(room.channel.updates) > shown
        await room.close()

    run(story)
