"""Reachable people: the effects of installing, uninstalling, writing and being refused."""

from __future__ import annotations

import asyncio
from pathlib import Path

import aiohttp
import pytest

from campaigns.outcome import Reason
from campaigns.user import User
from tests.fake_teams import FakeTeams, FakeUser, Reply, Slow
from tests.support.chats.cards import counts, texts
from tests.support.chats.chat import TENANT, Bot, Person, install_all, running, send, write
from tests.support.chats.clocks import FastClock
from tests.support.waiting import until, until_stored


@pytest.fixture
def person(teams_service: FakeTeams, whole_bot: Bot) -> Person:
    """Somebody who does not have the app yet."""
    [user] = teams_service.add_users(1, tenant=TENANT)
    return Person(teams_service, whole_bot, user)


async def known(bot: Bot, person: Person) -> User:
    user = await bot.store.users.get(TENANT, person.user.id)
    assert user is not None
    return user


async def with_profile(bot: Bot, person: Person) -> User:
    """The user, as soon as the bot has read the profile by itself."""

    async def read() -> User | None:
        user = await bot.store.users.get(TENANT, person.user.id)
        return user if user is not None and user.profile_known else None

    return await until_stored(read, "the profile")


def look_ups(fake: FakeTeams, user: FakeUser) -> list[int]:
    """How each look-up of this person was answered; 0: not yet."""
    return [
        post.status
        for post in fake.received
        if post.call == "member" and post.account_id == user.account_id
    ]


async def can_be_reached(admin: Person) -> str:
    """The number that the menu shows."""
    [line] = [line for line in texts(await admin.says("menu")) if "can be reached" in line]
    return line.rpartition(". ")[2] if ". " in line else line


async def new_chat(fake: FakeTeams, user: FakeUser) -> None:
    """The person's chat with the bot has another id from now on."""
    fake.lose_conversation(user)
    body = {"members": [{"id": user.account_id}], "tenantId": user.tenant}
    headers = {"Authorization": f"Bearer {fake.identity.give_token()}"}
    async with (
        aiohttp.ClientSession(headers=headers) as session,
        session.post(f"{fake.service_url}/v3/conversations", json=body) as response,
    ):
        assert response.status == 201


async def test_who_installs_is_known_and_then_their_profile_is_read_once(
    teams_service: FakeTeams, whole_bot: Bot, person: Person
) -> None:
    await person.installs()
    user = await with_profile(whole_bot, person)
    assert user.reachable
    assert user.installed_at is not None
    assert user.reference.conversation_id == person.user.conversation_id
    assert user.reference.account_id == person.user.account_id
    assert user.reference.bot_id == teams_service.bot_id
    assert user.reference.service_url == teams_service.service_url
    assert user.profile.given_name == person.user.given_name
    assert user.profile.email == person.user.email
    assert look_ups(teams_service, person.user) == [200]


@pytest.mark.parametrize("event", ["installed", "members_added"])
async def test_either_event_alone_makes_a_person_reachable(
    teams_service: FakeTeams, whole_bot: Bot, person: Person, event: str
) -> None:
    await person.does(getattr(teams_service.inbound, event)(person.user))
    assert (await known(whole_bot, person)).reachable


async def test_who_uninstalls_is_left_alone_and_not_forgotten(
    whole_bot: Bot, admin: Person, person: Person
) -> None:
    await person.installs()
    before = await with_profile(whole_bot, person)
    assert await can_be_reached(admin) == "2 people can be reached in Teams."
    await person.uninstalls()
    after = await known(whole_bot, person)
    assert (after.reachable, after.unreachable_because) == (False, Reason.NOT_INSTALLED)
    assert after.uninstalled_at is not None
    assert after.profile == before.profile
    assert await can_be_reached(admin) == "1 person can be reached in Teams."


async def test_who_installs_again_is_reached_in_the_new_chat(
    teams_service: FakeTeams, whole_bot: Bot, admin: Person, person: Person
) -> None:
    await person.installs()
    await with_profile(whole_bot, person)
    await person.uninstalls()
    person.user.installed = True
    await new_chat(teams_service, person.user)
    await person.installs()
    user = await known(whole_bot, person)
    assert (user.reachable, user.unreachable_because, user.uninstalled_at) == (True, None, None)
    assert user.reference.conversation_id == person.user.conversation_id
    await write(admin, name="News", message="Hello [FIRSTNAME]")
    assert counts(await send(admin))["Success"] == 2
    assert len(person.inbox()) == 1


async def test_what_people_do_keeps_the_way_to_them_up_to_date(
    teams_service: FakeTeams, whole_bot: Bot, person: Person
) -> None:
    await person.installs()
    await new_chat(teams_service, person.user)
    person.user.time_zone, person.user.locale = "Europe/Paris", "fr-FR"
    moved = {"serviceUrl": f"{teams_service.service_url}/"}
    await person.does(teams_service.inbound.reacted(person.user, "1") | moved)
    user = await known(whole_bot, person)
    assert user.reference.conversation_id == person.user.conversation_id
    assert user.reference.service_url == teams_service.service_url
    assert (user.time_zone, user.locale) == ("Europe/Paris", "fr-FR")


async def test_a_profile_that_could_not_be_read_is_read_before_it_is_needed(
    teams_service: FakeTeams, whole_bot: Bot, admin: Person, person: Person
) -> None:
    teams_service.script(person.user.conversation_id, [Reply(503)])
    await person.installs()
    await until(lambda: look_ups(teams_service, person.user) == [503], "the first look-up")
    assert not (await known(whole_bot, person)).profile_known
    await write(admin, name="News", message="Hello [FIRSTNAME]")
    assert counts(await send(admin))["Success"] == 2
    assert look_ups(teams_service, person.user) == [503, 200]
    assert (await known(whole_bot, person)).profile.given_name == person.user.given_name


async def test_a_profile_that_could_not_be_read_is_tried_again_by_itself(
    teams_service: FakeTeams, administrator: FakeUser, tmp_path: Path
) -> None:
    people = teams_service.add_users(3, tenant=TENANT)
    unlucky = people[0]
    teams_service.script(unlucky.conversation_id, [Reply(503), Reply(429, retry_after=1)])
    clock = FastClock(2_000.0)
    async with running(teams_service, tmp_path / "store", admin=administrator, clock=clock) as bot:
        everyone = [Person(teams_service, bot, user) for user in people]
        await install_all(everyone)
        for person in everyone:
            await with_profile(bot, person)
    assert look_ups(teams_service, unlucky) == [503, 429, 200]


async def test_who_leaves_while_their_profile_is_read_has_left(
    teams_service: FakeTeams, whole_bot: Bot, person: Person
) -> None:
    teams_service.script(person.user.conversation_id, [Slow(0.3)])
    await person.does(teams_service.inbound.installed(person.user))
    await until(lambda: len(look_ups(teams_service, person.user)) == 1, "the look-up")
    await person.does(teams_service.inbound.uninstalled(person.user))
    assert look_ups(teams_service, person.user) == [0]
    user = await with_profile(whole_bot, person)
    assert not user.reachable
    assert user.uninstalled_at is not None


async def test_many_events_of_one_person_at_once_lose_nothing(
    teams_service: FakeTeams, whole_bot: Bot, person: Person
) -> None:
    person.user.time_zone = "Asia/Tokyo"
    inbound = teams_service.inbound
    await asyncio.gather(
        person.does(inbound.installed(person.user)),
        person.does(inbound.members_added(person.user)),
        person.does(inbound.reacted(person.user, "1")),
        *(person.does(inbound.read(person.user, str(number))) for number in range(5)),
    )
    user = await with_profile(whole_bot, person)
    assert (user.reachable, user.time_zone) == (True, "Asia/Tokyo")
    assert user.profile.email == person.user.email


async def test_who_could_not_be_reached_is_left_out_until_they_write(
    teams_service: FakeTeams, whole_bot: Bot, admin: Person, person: Person
) -> None:
    await person.installs()
    await with_profile(whole_bot, person)
    person.user.blocked = True
    await write(admin, name="First", message="Hello [FIRSTNAME]")
    assert counts(await send(admin))["Error"] == 1
    user = await known(whole_bot, person)
    assert (user.reachable, user.unreachable_because) == (False, Reason.BLOCKED)

    await write(admin, name="Second", message="Hello [FIRSTNAME]")
    assert counts(await send(admin)) == {"Success": 1, "Error": 0, "Rescheduled": 0, "Ongoing": 0}

    person.user.blocked = False
    assert "Hello!" in texts(await person.says("hello?"))
    await write(admin, name="Third", message="Hello [FIRSTNAME]")
    assert counts(await send(admin))["Success"] == 2
    arrived = [post.activity["summary"] for post in person.inbox() if post.activity]
    assert arrived == ["Hello!", "Third"]
