"""Acknowledgements: asked for, given once, counted and listed; and reminders."""

from __future__ import annotations

import logging

import pytest

from tests.fake_teams import FakeTeams, FakeUser
from tests.support.campaigns.followups import confirm_correction, correct, write_correction
from tests.support.campaigns.staff import NAME, campaign, rows, staff
from tests.support.chats.cards import Card, buttons, card_of, texts
from tests.support.chats.chat import TENANT, Bot, Person, send, write

LABEL = "I have read this"
CORRECTED = "Hello [FIRSTNAME], see the other page."
DONE = "✓ You have confirmed that you have read this."


async def ask_and_send(admin: Person) -> None:
    await write(admin, name=NAME, message="Hello [FIRSTNAME], see [this](https://example.com).")
    await admin.presses("Ask for confirmation")
    assert "Confirmation: asked for: “I have read this”" in texts(admin.card)
    await send(admin)


def reader(fake: FakeTeams, bot: Bot, user: FakeUser, name: str = NAME) -> Person:
    """Returns a person who looks at the message that they were sent."""
    person = Person(fake, bot, user)
    [post] = [
        post
        for post in person.inbox()
        if post.call == "send" and post.activity is not None and post.activity["summary"] == name
    ]
    person.card, person.card_id = card_of(post), post.activity_id
    return person


async def test_a_person_who_confirms_is_counted_once_and_sees_that_it_is_done(
    teams_service: FakeTeams, whole_bot: Bot, admin: Person
) -> None:
    bob, *_ = await staff(teams_service, whole_bot, 3)
    await ask_and_send(admin)
    person = reader(teams_service, whole_bot, bob)
    press = person.press(LABEL)
    done: Card = await person.gets(press)
    assert DONE in texts(done)
    assert LABEL not in buttons(done)
    assert any(f"Hello {bob.given_name}" in line for line in texts(done))
    again = await person.gets(press | {"id": "f:another"})
    assert DONE in texts(again)

    report = await admin.presses("Refresh")
    assert ("Confirmed", "1 (25 %)") in lines(report)
    assert ("Not confirmed yet", "3 (75 %)") in lines(report)
    listed = await admin.presses("Show these people: confirmed")
    assert any(bob.email in line for line in texts(listed))
    assert "Confirmed: 1 person" in texts(listed)


async def test_a_reminder_goes_to_those_who_have_not_confirmed_and_counts_for_both(
    teams_service: FakeTeams, whole_bot: Bot, admin: Person
) -> None:
    bob, cleo, dan = await staff(teams_service, whole_bot, 3)
    await ask_and_send(admin)
    for user in (bob, admin.user):
        await reader(teams_service, whole_bot, user).presses(LABEL)
    await admin.presses("Refresh")
    await admin.presses("Show these people: not confirmed yet")
    draft = await admin.presses("Remind 2 people")
    assert f"Recipients: Those who have not confirmed “{NAME}” (2 people)" in texts(draft)
    await send(admin)
    reminder = f"Reminder: {NAME}"
    assert (await rows(whole_bot, (await campaign(whole_bot, reminder)).key)).keys() == {
        cleo.id,
        dan.id,
    }
    await reader(teams_service, whole_bot, cleo, reminder).presses(LABEL)
    for name, number in ((reminder, 1), (NAME, 3)):
        key = (await campaign(whole_bot, name)).key
        assert (await whole_bot.store.events.engagement(key)).acknowledged == number


async def test_a_correction_does_not_ask_people_again_who_have_confirmed(
    teams_service: FakeTeams, whole_bot: Bot, admin: Person
) -> None:
    bob, cleo = await staff(teams_service, whole_bot, 2)
    await ask_and_send(admin)
    report = dict(admin.card), admin.card_id
    await reader(teams_service, whole_bot, bob).presses(LABEL)
    question = await correct(admin, CORRECTED)
    await admin.sees("· Completed")
    kept = "Who has confirmed it stays confirmed; the others are still asked."
    assert kept in texts(question)

    shown = {}
    for user in (bob, cleo):
        post = Person(teams_service, whole_bot, user).inbox()[-1]
        assert post.call == "update"
        shown[user.id] = card_of(post)
        assert f"Hello {user.given_name}, see the other page." in texts(shown[user.id])
    assert DONE in texts(shown[bob.id])
    assert LABEL not in buttons(shown[bob.id])
    assert DONE not in texts(shown[cleo.id])
    assert LABEL in buttons(shown[cleo.id])
    admin.card, admin.card_id = report
    assert ("Confirmed", "1 (33 %)") in lines(await admin.presses("Refresh"))


async def test_a_correction_can_ask_for_confirmation_for_the_first_time(
    teams_service: FakeTeams, whole_bot: Bot, admin: Person
) -> None:
    [bob] = await staff(teams_service, whole_bot, 1)
    await write(admin, name=NAME, message="Hello")
    await send(admin)
    report = dict(admin.card), admin.card_id
    await write_correction(admin, CORRECTED)
    await admin.presses("Ask for confirmation")
    await confirm_correction(admin)
    await admin.sees("· Completed")
    person = Person(teams_service, whole_bot, bob)
    post = person.inbox()[-1]
    person.card, person.card_id = card_of(post), post.activity_id
    assert DONE in texts(await person.presses(LABEL))
    admin.card, admin.card_id = report
    assert ("Confirmed", "1 (50 %)") in lines(await admin.presses("Refresh"))


async def test_people_can_not_confirm_a_message_that_they_were_not_sent(
    teams_service: FakeTeams, whole_bot: Bot, admin: Person, caplog: pytest.LogCaptureFixture
) -> None:
    await ask_and_send(admin)
    [stranger] = teams_service.add_users(1, tenant=TENANT)
    person = Person(teams_service, whole_bot, stranger)
    await person.installs()
    key = (await campaign(whole_bot)).key
    for forged in (key.campaign_id, "f" * 32):
        press = person.press_with({"do": "acknowledge", "campaign": forged})
        with caplog.at_level(logging.WARNING, "audit"):
            answer = await person.does(press)
        assert answer["statusCode"] == 400
    assert (await whole_bot.store.events.engagement(key)).acknowledged == 0
    assert "which they were not sent" in caplog.text


async def test_only_important_asks_and_a_test_only_shows_the_button(
    teams_service: FakeTeams, whole_bot: Bot, admin: Person
) -> None:
    card = await write(admin, name=NAME, message="Hello", format="idea")
    assert "Ask for confirmation" not in buttons(card)
    await write(admin, name="Second", message="Hello")
    asking = await admin.presses("Ask for confirmation")
    assert buttons(asking).count(LABEL) == 1
    await admin.presses("Don't ask for confirmation")
    assert LABEL not in buttons(admin.card)


def lines(report: Card) -> list[tuple[str, str]]:
    """Returns the name and the number of each row that has both."""
    rows = []
    for part in report["body"]:
        if part["type"] == "ColumnSet":
            words = [
                item["text"]
                for column in part["columns"]
                for item in column.get("items", [])
                if item["type"] == "TextBlock"
            ]
            if len(words) == 2:
                rows.append((words[0], words[1]))
    return rows
