"""Correcting a campaign that was sent."""

from __future__ import annotations

import asyncio

from campaigns.campaign import Purpose, Status
from campaigns.delivery import DeliveryStatus
from campaigns.outcome import Reason
from tests.fake_teams import FakeTeams, Reply
from tests.support.campaigns.followups import (
    CORRECTED,
    PEOPLE,
    changes,
    correct,
    follower,
    sent_to_everyone,
    until_ended,
)
from tests.support.campaigns.staff import rows, sends
from tests.support.chats.cards import buttons, card_of, texts
from tests.support.chats.chat import TENANT, Bot, Person
from tests.support.chats.clocks import MovedClock
from tests.support.waiting import until_stored


async def test_a_correction_changes_every_message_in_place_and_notifies_nobody(
    teams_service: FakeTeams, bot: Bot, admin: Person
) -> None:
    people = await sent_to_everyone(teams_service, bot, admin)
    before = len(sends(teams_service))
    await correct(admin)
    correction = await until_ended(bot, Purpose.CORRECT)

    updates = changes(teams_service, "update", people)
    assert len(updates) == PEOPLE
    for person in people:
        shown = texts(card_of(updates[person.conversation_id]))
        assert f"Hello {person.given_name}, the office is closed on Monday." in shown
        assert shown[-1] == "Edited"
    assert len(sends(teams_service)) == before
    tallied = await bot.store.ledger.counts(correction.key)
    assert (tallied.recipients, tallied.success) == (PEOPLE, PEOPLE)

    await admin.says("campaigns")
    [shelf] = [title for title in buttons(admin.card) if title.startswith("Completed (2)")]
    await admin.presses(shelf)
    assert any(line.startswith("Correction · 60 people") for line in texts(admin.card))


async def test_a_second_correction_begins_with_what_people_have_now(
    teams_service: FakeTeams, bot: Bot, admin: Person
) -> None:
    await sent_to_everyone(teams_service, bot, admin)
    report = dict(admin.card), admin.card_id
    await correct(admin)
    await until_ended(bot, Purpose.CORRECT)
    admin.card, admin.card_id = report
    await admin.presses("Follow up")
    assert "Correction" in texts(admin.card)
    await admin.presses("Correct")
    [field] = [part for part in admin.card["body"] if part.get("id") == "message"]
    assert field["value"] == CORRECTED


async def test_failed_corrections_are_named_with_the_reason_and_passing_faults_are_retried(
    teams_service: FakeTeams, bot: Bot, admin: Person, clock: MovedClock
) -> None:
    people = await sent_to_everyone(teams_service, bot, admin)
    blocked, deleted, busy, cut = people[:4]
    ids = {post.conversation_id: post.activity_id for post in sends(teams_service)}
    blocked.installed = False
    teams_service.lose_message(ids[deleted.conversation_id])
    teams_service.script(busy.conversation_id, [Reply(502)])
    teams_service.script(cut.conversation_id, [Reply(503, done=True)])
    await correct(admin)

    async def tried() -> bool:
        correction = await follower(bot, Purpose.CORRECT)
        return (await bot.store.ledger.counts(correction.key)).rescheduled == 2

    await until_stored(tried, "two retries")
    clock.move(60.0)
    correction = await until_ended(bot, Purpose.CORRECT)
    deliveries = await rows(bot, correction.key)
    assert deliveries[blocked.id].reason is Reason.NOT_INSTALLED
    assert deliveries[deleted.id].reason is Reason.MESSAGE_GONE
    assert deliveries[busy.id].status is deliveries[cut.id].status is DeliveryStatus.SENT
    tallied = await bot.store.ledger.counts(correction.key)
    assert (tallied.success, tallied.error, tallied.in_doubt) == (PEOPLE - 2, 2, 0)
    assert len(changes(teams_service, "update", [busy, cut])) == 2


async def test_information_clone_and_template_of_a_corrected_campaign_have_the_corrected_text(
    teams_service: FakeTeams, bot: Bot, admin: Person
) -> None:
    await sent_to_everyone(teams_service, bot, admin)
    report = dict(admin.card), admin.card_id
    await correct(admin)
    await until_ended(bot, Purpose.CORRECT)
    now = f"Hello {admin.user.given_name}, the office is closed on Monday."
    first = f"Hello {admin.user.given_name}, the office is closed."

    admin.card, admin.card_id = report
    shown = texts(await admin.presses("Information"))
    assert now in shown
    assert first not in shown
    [corrected] = [line for line in shown if line.startswith("**Corrected** on ")]
    assert corrected.endswith(f" by {admin.user.name}. This is the corrected one:")
    shown = texts(await admin.presses("Show as first sent"))
    assert first in shown
    assert now not in shown
    assert now in texts(await admin.presses("Show as corrected"))

    admin.card, admin.card_id = report
    await admin.presses("Clone")
    assert now in texts(await admin.presses("Clone", name="A clone"))

    admin.card, admin.card_id = report
    await admin.presses("Save as template")
    await admin.presses("Save", name="A template")
    [template] = (await bot.store.templates.page(TENANT, offset=0, limit=9)).items
    assert template.content.message == CORRECTED


async def test_two_admins_who_begin_a_correction_at_once_work_on_the_same_one(
    teams_service: FakeTeams, bot: Bot, admin: Person
) -> None:
    await sent_to_everyone(teams_service, bot, admin)
    await admin.presses("Follow up")
    first = admin.press("Correct")
    second = {**first, "id": "another press", "value": {**first["value"]}}
    data = {**first["value"]["action"]["data"], "follower": "another"}
    second["value"]["action"] = {**first["value"]["action"], "data": data}
    await asyncio.gather(admin.does(first), admin.does(second))
    correction = await follower(bot, Purpose.CORRECT)
    assert correction.status is Status.DRAFT
    await admin.gets(admin.press_with({**data, "follower": "a-third-one"}))
    assert any("This one comes first" in line for line in texts(admin.card))
    assert await follower(bot, Purpose.CORRECT) == correction


async def test_the_recipients_of_a_correction_can_not_be_changed(
    teams_service: FakeTeams, bot: Bot, admin: Person
) -> None:
    await sent_to_everyone(teams_service, bot, admin)
    await admin.presses("Follow up")
    await admin.presses("Correct")
    correction = await follower(bot, Purpose.CORRECT)
    data = {
        "do": "save recipients",
        "campaign": correction.id,
        "revision": correction.revision,
        "audience": "all",
    }
    await admin.gets(admin.press_with(data))
    assert (await follower(bot, Purpose.CORRECT)).audience == correction.audience
    assert any("recipients are given" in line for line in texts(admin.card))
