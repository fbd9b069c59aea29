"""Sending a campaign to newcomers."""

from __future__ import annotations

from campaigns.campaign import Purpose, Status
from tests.fake_teams import FakeTeams
from tests.support.campaigns.followups import recall, sent_to_everyone, until_ended
from tests.support.campaigns.staff import MESSAGE, NAME, accounts, got, staff
from tests.support.chats.cards import buttons, counts, texts
from tests.support.chats.chat import TENANT, Bot, Person, send, write


async def test_a_recalled_campaign_goes_to_newcomers_only_after_a_question(
    teams_service: FakeTeams, bot: Bot, admin: Person
) -> None:
    people = await sent_to_everyone(teams_service, bot, admin)
    report = dict(admin.card), admin.card_id
    await recall(admin)
    await until_ended(bot, Purpose.RECALL)
    new = await staff(teams_service, bot, 2)
    admin.card, admin.card_id = report
    await admin.presses("Follow up")
    question = await admin.presses("Send to newcomers")
    assert "This message was recalled." in texts(question)
    assert "Send a recalled message to newcomers?" in texts(question)
    page = await bot.store.campaigns.page(TENANT, (Status.DRAFT,), offset=0, limit=9)
    assert page.total == 0
    await admin.presses("Yes, prepare it for newcomers")
    assert "Recipients: Newcomers (2 people)" in texts(admin.card)
    confirmation = await admin.presses("Send now")
    assert "This message was recalled from everyone else's chats." in texts(confirmation)
    await admin.presses("Back")
    await send(admin)
    assert got(teams_service) == accounts(*people, *new)


async def test_newcomers_get_it_and_nobody_gets_it_twice(
    teams_service: FakeTeams, bot: Bot, admin: Person
) -> None:
    people = await sent_to_everyone(teams_service, bot, admin)
    await admin.presses("Follow up")
    answer = await admin.presses("Send to newcomers")
    assert any(line.startswith("Nobody has joined since") for line in texts(answer))

    new = await staff(teams_service, bot, 5)
    draft = await admin.presses("Send to newcomers")
    assert "Recipients: Newcomers (5 people)" in texts(draft)
    assert "Recipients" not in buttons(draft)
    await send(admin)
    assert got(teams_service) == accounts(*people, *new)

    latest = await staff(teams_service, bot, 1)
    await admin.says("campaigns")
    [shelf] = [title for title in buttons(admin.card) if title.startswith("Completed (")]
    await admin.presses(shelf)
    campaigns = await bot.store.campaigns.page(TENANT, tuple(Status), offset=0, limit=9)
    [original] = [campaign for campaign in campaigns.items if campaign.original_key is None]
    data = {"do": "follow up", "campaign": original.id, "revision": 0}
    await admin.gets(admin.press_with(data))
    assert "Newcomers" in texts(admin.card)
    await admin.presses("Send to newcomers")
    await send(admin)
    assert got(teams_service) == accounts(*people, *new, *latest)


async def test_a_person_who_could_not_be_reached_and_came_back_is_a_newcomer(
    teams_service: FakeTeams, bot: Bot, admin: Person
) -> None:
    people = await staff(teams_service, bot, 3)
    away = Person(teams_service, bot, people[0])
    people[0].installed = False
    await write(admin, name=NAME, message=MESSAGE)
    await send(admin)
    assert counts(admin.card)["Error"] == 1
    people[0].installed = True
    await away.installs()
    await admin.presses("Follow up")
    await admin.presses("Send to newcomers")
    await send(admin)
    assert got(teams_service) == accounts(*people, admin.user)
