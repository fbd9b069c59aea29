"""The sweep that fetches profiles ahead of their being needed."""

from __future__ import annotations

import asyncio

import msgspec

from campaigns.outcome import Outcome, Reason, Transient
from campaigns.user import Profile
from delivery.people.profiles import PAUSE_AFTER_FAILURE
from tests.support.engine_room import TENANT, Clock, Room, person, run

UNKNOWN = {"profile": Profile(), "profile_known": False}


def test_newcomers_are_looked_up_once_each_and_at_the_allowed_rate() -> None:
    async def story(clock: Clock) -> None:
        room = Room(clock, rate=10.0)
        await room.open(0)
        for number in range(60):
            await room.store.users.put(person(f"new {number}", **UNKNOWN))
        await room.begin()
        await asyncio.sleep(3.0)
        assert 20 <= len(room.channel.looked_up) <= 34
        await asyncio.sleep(10.0)
        assert sorted(room.channel.looked_up) == sorted(f"new {number}" for number in range(60))
        assert not await room.store.users.without_profile(1)
        await room.close()

    run(story)


def test_a_look_up_that_failed_is_tried_again_later_and_holds_up_nobody() -> None:
    async def story(clock: Clock) -> None:
        room = Room(clock)

        def profiles(who: str) -> Profile | Outcome:
            first = room.channel.looked_up.count(who) == 1
            if who == "a" and first:
                return Transient(Reason.NOT_CONNECTED)
            return Profile(name="Somebody")

        room.channel.profiles = profiles
        await room.open(0)
        for who in ("a", "b"):
            await room.store.users.put(person(who, **UNKNOWN))
        await room.begin()
        await asyncio.sleep(PAUSE_AFTER_FAILURE / 2)
        assert sorted(room.channel.looked_up) == ["a", "b"]
        await asyncio.sleep(PAUSE_AFTER_FAILURE)
        assert sorted(room.channel.looked_up) == ["a", "a", "b"]
        user = await room.store.users.get(TENANT, "a")
        assert user is not None
        assert user.profile_known
        await room.close()

    run(story)


def test_who_comes_while_the_sweep_rests_is_looked_up_at_once() -> None:
    async def story(clock: Clock) -> None:
        room = Room(clock)
        await room.open(0)
        await room.begin()
        await asyncio.sleep(1.0)
        await room.store.users.put(msgspec.structs.replace(person("late"), profile_known=False))
        room.contacts.newcomers_in.add(TENANT)
        room.contacts.newcomers.set()
        await asyncio.sleep(1.0)
        assert room.channel.looked_up == ["late"]
        await room.close()

    run(story)
