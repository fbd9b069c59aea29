"""The users that can be reached, when several things about one person happen at the same time."""

from __future__ import annotations

import asyncio

import msgspec

from campaigns.outcome import Outcome, Reason, Transient
from campaigns.user import Profile, User
from delivery.people.contacts import Sighting
from tests.support.engine_room import TENANT, Clock, Room, person, run

NEW_PLACE = msgspec.structs.replace(person("1").reference, conversation_id="a:new")


def sighting(room: Room, **changes: object) -> Sighting:
    seen = Sighting(
        tenant_id=TENANT, user_id="1", reference=person("1").reference, at=room.clock.now()
    )
    return msgspec.structs.replace(seen, **changes)


async def known(room: Room) -> User:
    user = await room.store.users.get(TENANT, "1")
    assert user is not None
    return user


def test_who_comes_back_is_reachable_again_and_still_known() -> None:
    async def story(clock: Clock) -> None:
        room = Room(clock)
        await room.open(1)
        await room.begin()
        before = await known(room)
        await room.contacts.uninstalled(TENANT, "1", clock.now())
        gone = await known(room)
        assert (gone.reachable, gone.unreachable_because) == (False, Reason.NOT_INSTALLED)
        assert gone.profile == before.profile
        await room.contacts.installed(sighting(room, reference=NEW_PLACE))
        back = await known(room)
        assert (back.reachable, back.unreachable_because) == (True, None)
        assert (back.profile, back.profile_known) == (before.profile, True)
        assert back.reference == NEW_PLACE
        await room.close()

    run(story)


def test_a_refusal_of_the_old_chat_does_not_undo_what_the_person_did_since() -> None:
    async def story(clock: Clock) -> None:
        room = Room(clock)
        await room.open(1)
        await room.begin()
        when_sent = await known(room)
        await room.contacts.installed(sighting(room, reference=NEW_PLACE))
        await room.contacts.unreachable(when_sent, Reason.BLOCKED)
        assert (await known(room)).reachable
        moved = msgspec.structs.replace(when_sent.reference, conversation_id="a:other")
        assert (await room.contacts.moved(when_sent, moved)).reference == NEW_PLACE
        assert (await known(room)).reference == NEW_PLACE
        await room.close()

    run(story)


def test_what_happens_at_the_same_time_is_all_kept() -> None:
    async def story(clock: Clock) -> None:
        room = Room(clock)
        room.channel.profiles = lambda _: Profile(name="Adele Vance", given_name="Adele")
        await room.open(0)
        await room.store.users.put(person("1", profile=Profile(), profile_known=False))
        await room.begin()
        await asyncio.gather(
            room.contacts.complete(await known(room)),
            room.contacts.seen(sighting(room, locale="de-DE")),
            room.contacts.seen(sighting(room, time_zone="Europe/Berlin")),
            room.contacts.moved(await known(room), NEW_PLACE),
        )
        user = await known(room)
        assert user.profile.given_name == "Adele"
        assert (user.locale, user.time_zone) == ("de-DE", "Europe/Berlin")
        await room.close()

    run(story)


def test_who_can_not_be_looked_up_is_answered_all_the_same() -> None:
    async def story(clock: Clock) -> None:
        room = Room(clock)
        failure: Outcome = Transient(Reason.NOT_CONNECTED)
        room.channel.profiles = lambda _: failure
        await room.open(0)
        await room.begin()
        user = await room.contacts.seen(sighting(room, name="Adele Vance"))
        assert (user.full_name, user.profile_known) == ("Adele Vance", False)
        assert await room.contacts.complete(user) == failure
        await room.close()

    run(story)


def test_nothing_is_kept_of_a_stranger_who_removes_the_app() -> None:
    async def story(clock: Clock) -> None:
        room = Room(clock)
        await room.open(0)
        await room.begin()
        await room.contacts.uninstalled(TENANT, "stranger", clock.now())
        assert await room.store.users.get(TENANT, "stranger") is None
        await room.close()

    run(story)
