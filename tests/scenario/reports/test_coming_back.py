"""Read receipts and reactions: found by the message, counted by the person."""

from __future__ import annotations

from campaigns.feedback.events import Engagement
from tests.fake_teams import FakeTeams, FakeUser
from tests.support.campaigns.staff import NAME, campaign, sends, staff
from tests.support.chats.chat import Bot, Person, send, write
from tests.support.waiting import until_stored


async def engagement(bot: Bot, name: str = NAME) -> Engagement:
    return await bot.store.events.engagement((await campaign(bot, name)).key)


async def until_counted(bot: Bot, expected: Engagement, name: str = NAME) -> None:
    async def counted() -> bool:
        return await engagement(bot, name) == expected

    await until_stored(counted, f"{expected}")


def message_id(fake: FakeTeams, user: FakeUser, name: str = NAME) -> str:
    [post] = sends(fake, name, user=user)
    return post.activity_id


async def test_a_read_receipt_covers_every_earlier_message_once(
    teams_service: FakeTeams, whole_bot: Bot, admin: Person
) -> None:
    fake = teams_service
    bob, cleo = await staff(fake, whole_bot, 2)
    for name in ("First", "Second", "Third"):
        await write(admin, name=name, message="Hello")
        await send(admin)
    person = Person(fake, whole_bot, bob)
    await person.does(fake.inbound.read(bob, message_id(fake, bob, "Second")))
    await until_counted(whole_bot, Engagement(read=1), "First")
    await until_counted(whole_bot, Engagement(read=1), "Second")
    await person.does(fake.inbound.read(bob, message_id(fake, bob, "Second")))
    other = Person(fake, whole_bot, cleo)
    await other.does(fake.inbound.read(cleo, message_id(fake, cleo, "Third")))
    for name, number in (("First", 2), ("Second", 2), ("Third", 1)):
        await until_counted(whole_bot, Engagement(read=number), name)
    await person.does(fake.inbound.read(bob, str(int(message_id(fake, bob, "Third")) + 1)))
    await until_counted(whole_bot, Engagement(read=2), "Third")


async def test_reactions_come_and_go(
    teams_service: FakeTeams, whole_bot: Bot, admin: Person
) -> None:
    fake = teams_service
    [bob] = await staff(fake, whole_bot, 1)
    await write(admin, name=NAME, message="Hello")
    await send(admin)
    person = Person(fake, whole_bot, bob)
    sent = message_id(fake, bob)
    like = fake.inbound.reacted(bob, sent)
    await person.does(like)
    await person.does(like)
    await person.does(fake.inbound.reacted(bob, sent, "heart"))
    await admin.does(fake.inbound.reacted(admin.user, message_id(fake, admin.user), "heart"))
    await until_counted(whole_bot, Engagement(reacted=2, reactions={"like": 1, "heart": 2}))
    await person.does(fake.inbound.reacted(bob, sent, removed=True))
    await until_counted(whole_bot, Engagement(reacted=2, reactions={"heart": 2}))


async def test_events_about_other_messages_count_for_no_campaign(
    teams_service: FakeTeams, whole_bot: Bot, admin: Person
) -> None:
    fake = teams_service
    [bob] = await staff(fake, whole_bot, 1)
    await write(admin, name=NAME, message="Hello")
    await send(admin)
    person = Person(fake, whole_bot, bob)
    await person.does(fake.inbound.reacted(bob, "1600000000000"))
    await person.does(fake.inbound.reacted(bob, message_id(fake, admin.user)))
    await person.does(fake.inbound.read(bob, "1600000000000"))
    odd = fake.inbound.read(bob, "") | {"value": {"lastReadMessageId": ["x"]}}
    await person.does(odd)
    await person.does(fake.inbound.reacted(bob, message_id(fake, bob)) | {"reactionsAdded": 7})
    await person.does(fake.inbound.reacted(bob, message_id(fake, bob), "laugh"))
    await until_counted(whole_bot, Engagement(reacted=1, reactions={"laugh": 1}))
