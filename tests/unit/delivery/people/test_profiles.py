"""The sweep that fetches profiles ahead of their being needed."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from typing import Any, cast

import msgspec
import pytest

from campaigns.outcome import Outcome, Reason, Transient, Unreachable
from campaigns.user import Profile, User
from delivery.people.profiles import BATCH, PAUSE_AFTER_FAILURE
from storage.base import Store, Users
from storage.embedded.store import EmbeddedStore
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


class CountingStore:
    """Counts the users that are read to find those without a profile."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.read = 0

    def __getattr__(self, name: str) -> Any:
        part = getattr(self._store, name)
        return _CountingUsers(part, self) if name == "users" else part


class _CountingUsers:
    def __init__(self, users: Users, store: CountingStore) -> None:
        self._users = users
        self._store = store

    def __getattr__(self, name: str) -> Any:
        return getattr(self._users, name)

    async def without_profile(
        self, limit: int, tenant_ids: Collection[str] | None = None
    ) -> Sequence[User]:
        found = await self._users.without_profile(limit, tenant_ids)
        self._store.read += len(found)
        return found


@pytest.mark.parametrize(
    ("failure", "every"),
    [(Unreachable(Reason.NOT_INSTALLED), 1), (Transient(Reason.SERVER_ERROR), 2)],
    ids=["nobody is a member", "every second look-up fails"],
)
def test_people_whose_look_up_fails_are_not_read_again_for_each_of_the_others(
    failure: Outcome, every: int
) -> None:
    people = 2_000

    async def story(clock: Clock) -> None:
        store = CountingStore(EmbeddedStore(None))
        room = Room(clock, store=cast(Store, store), rate=1_000_000.0)

        def profiles(who: str) -> Profile | Outcome:
            return Profile(name="Somebody") if int(who) % every else failure

        room.channel.profiles = profiles
        await room.open(0)
        for number in range(people):
            await room.store.users.put(person(str(number), **UNKNOWN))
        await room.begin()
        await asyncio.sleep(PAUSE_AFTER_FAILURE / 2)
        assert len(room.channel.looked_up) == people
        assert store.read <= 8 * people
        await room.close()

    run(story)


def test_while_everybodys_look_up_fails_the_sweep_rests() -> None:
    async def story(clock: Clock) -> None:
        room = Room(clock)
        answers: list[Outcome] = [Transient(Reason.SERVER_ERROR)]
        room.channel.profiles = lambda _: answers[0] if answers else Profile(name="Somebody")
        await room.open(0)
        for number in range(1_000):
            await room.store.users.put(person(f"new {number}", **UNKNOWN))
        await room.begin()
        await asyncio.sleep(4.5 * PAUSE_AFTER_FAILURE)
        assert len(room.channel.looked_up) == 5 * BATCH
        # Those who were not tried yet come first.
        assert len(set(room.channel.looked_up)) == 5 * BATCH
        answers.clear()
        await asyncio.sleep(100 * PAUSE_AFTER_FAILURE)
        assert not await room.store.users.without_profile(1)
        await room.close()

    run(story)
