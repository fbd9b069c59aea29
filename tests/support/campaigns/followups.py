"""Following up a sent campaign in the chat: corrections and recalls."""

from __future__ import annotations

from campaigns.campaign import Campaign, Purpose, Status
from tests.fake_teams import FakeTeams, FakeUser, Received
from tests.support.campaigns.staff import MESSAGE, NAME, sends, staff
from tests.support.chats.cards import Card, buttons, counts
from tests.support.chats.chat import TENANT, Bot, Person, send, write
from tests.support.waiting import until_stored

PEOPLE = 60
CORRECTED = "Hello [FIRSTNAME], the office is closed on Monday."


async def sent_to_everyone(fake: FakeTeams, bot: Bot, admin: Person) -> list[FakeUser]:
    """Sends a campaign to everyone and ends on its report; returns all recipients."""
    people = await staff(fake, bot, PEOPLE - 1)
    await write(admin, name=NAME, message=MESSAGE)
    await send(admin)
    assert counts(admin.card)["Success"] == PEOPLE
    return [*people, admin.user]


async def follower(bot: Bot, purpose: Purpose) -> Campaign:
    """Returns the only campaign with this purpose."""
    page = await bot.store.campaigns.page(TENANT, tuple(Status), offset=0, limit=50)
    [campaign] = [campaign for campaign in page.items if campaign.follow_up.purpose is purpose]
    return campaign


async def until_ended(bot: Bot, purpose: Purpose) -> Campaign:
    """Waits until the only campaign with this purpose has ended."""

    async def ended() -> Campaign | None:
        campaign = await follower(bot, purpose)
        return campaign if campaign.run.ended_at is not None else None

    return await until_stored(ended, f"the end of the {purpose.value}")


async def correct(admin: Person, message: str = CORRECTED) -> Card:
    """Corrects the campaign whose report the admin looks at; returns the question before it."""
    await write_correction(admin, message)
    return await confirm_correction(admin)


async def write_correction(admin: Person, message: str) -> Card:
    """Writes a correction, from the report to its draft."""
    await admin.presses("Follow up")
    await admin.presses("Correct")
    await admin.presses("Next: preview", message=message)
    return await admin.presses("Done")


async def confirm_correction(admin: Person) -> Card:
    """Sends the correction, and returns the question that was asked before."""
    question = await admin.presses("Correct it for everyone")
    [yes] = [title for title in buttons(question) if title.startswith("Yes, correct it for ")]
    await admin.presses(yes)
    return question


async def recall(admin: Person) -> None:
    """Recalls the campaign whose report the admin looks at."""
    await admin.presses("Follow up")
    await admin.presses("Recall")
    [yes] = [title for title in buttons(admin.card) if title.startswith("Yes, recall it from ")]
    await admin.presses(yes)


def changes(fake: FakeTeams, call: str, people: list[FakeUser]) -> dict[str, Received]:
    """Returns the last such call about the campaign's message in each of these chats."""
    chats = {person.conversation_id for person in people}
    message_ids = {post.conversation_id: post.activity_id for post in sends(fake)}
    return {
        post.conversation_id: post
        for post in fake.received
        if post.call == call
        and post.conversation_id in chats
        and post.activity_id == message_ids[post.conversation_id]
    }
