"""Recalling a campaign that was sent."""

from __future__ import annotations

import asyncio

from campaigns.campaign import Purpose
from tests.fake_teams import FakeTeams
from tests.support.campaigns.followups import PEOPLE, correct, recall, sent_to_everyone, until_ended
from tests.support.campaigns.staff import NAME, sends
from tests.support.chats.cards import buttons, texts
from tests.support.chats.chat import Bot, Person


async def test_a_recall_deletes_every_message_once_however_often_it_is_pressed(
    teams_service: FakeTeams, bot: Bot, admin: Person
) -> None:
    people = await sent_to_everyone(teams_service, bot, admin)
    gone = people[0]
    ids = {post.conversation_id: post.activity_id for post in sends(teams_service)}
    teams_service.lose_message(ids[gone.conversation_id])
    await admin.presses("Follow up")
    question = await admin.presses("Recall")
    assert any("This can't be undone." in line for line in texts(question))
    pressed = admin.press(f"Yes, recall it from {PEOPLE} people")
    await asyncio.gather(admin.does(pressed), admin.does(pressed))
    await admin.gets(pressed)
    recall = await until_ended(bot, Purpose.RECALL)
    tallied = await bot.store.ledger.counts(recall.key)
    assert (tallied.recipients, tallied.success) == (PEOPLE, PEOPLE)
    deletions = [post for post in teams_service.received if post.call == "delete"]
    assert len(deletions) == PEOPLE
    assert not any(map(teams_service.has_message, ids.values()))


async def test_a_recalled_campaign_can_not_be_corrected(
    teams_service: FakeTeams, bot: Bot, admin: Person
) -> None:
    await sent_to_everyone(teams_service, bot, admin)
    report = dict(admin.card), admin.card_id
    await admin.presses("Follow up")
    await admin.presses("Recall")
    await admin.presses(f"Yes, recall it from {PEOPLE} people")
    await until_ended(bot, Purpose.RECALL)
    admin.card, admin.card_id = report
    offered = await admin.presses("Follow up")
    assert "Correct" not in buttons(offered)
    assert {"Recall again", "Send to newcomers"} <= set(buttons(offered))


async def test_the_information_says_who_recalled_it(
    teams_service: FakeTeams, bot: Bot, admin: Person
) -> None:
    await sent_to_everyone(teams_service, bot, admin)
    report = dict(admin.card), admin.card_id
    await recall(admin)
    await until_ended(bot, Purpose.RECALL)
    admin.card, admin.card_id = report
    shown = texts(await admin.presses("Information"))
    assert any(
        line.startswith("**Recalled** on ") and line.endswith(f" by {admin.user.name}.")
        for line in shown
    )


async def test_original_correction_and_recall_are_told_apart(
    teams_service: FakeTeams, bot: Bot, admin: Person
) -> None:
    await sent_to_everyone(teams_service, bot, admin)
    report = dict(admin.card), admin.card_id
    await correct(admin)
    await until_ended(bot, Purpose.CORRECT)
    admin.card, admin.card_id = report
    await recall(admin)
    await until_ended(bot, Purpose.RECALL)
    await admin.says("campaigns")
    await admin.presses("Completed (3)")
    names = {NAME, f"Correction of {NAME}", f"Recall of {NAME}"}
    assert names <= set(texts(admin.card))
    opened = await admin.presses(f"Open Recall of {NAME}")
    assert f"Recall of {NAME}" in texts(opened)
    shown = await admin.presses("Show these recipients: success")
    assert "The message is not in these people's chats any more." in texts(shown)
