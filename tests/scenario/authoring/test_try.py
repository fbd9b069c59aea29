"""A test to one person before everyone gets the campaign."""

from __future__ import annotations

import pytest

from tests.fake_teams import CutOff, FakeTeams, Fault, Reply
from tests.support.chats.cards import buttons, shows, texts, value_of
from tests.support.chats.chat import TENANT, Bot, Person, write

NAME = "Office closed on Friday"


@pytest.fixture
async def colleague(teams_service: FakeTeams, whole_bot: Bot, admin: Person) -> Person:
    """Another person who has the app, while the admin looks at a campaign's *Try*."""
    [user] = teams_service.add_users(1, tenant=TENANT)
    person = Person(teams_service, whole_bot, user)
    await person.installs()
    await write(admin, name=NAME, message="Hello [FIRSTNAME]")
    await admin.presses("Try")
    return person


@pytest.mark.parametrize("typed", ["", "nobody", "a@example.com b@example.com", "a@b@c", "@"])
async def test_anything_but_one_address_is_refused_and_kept(
    admin: Person, colleague: Person, typed: str
) -> None:
    card = await admin.presses("Verify", email=typed)
    assert "⚠ Type one e-mail address, such as name@example.com." in texts(card)
    assert value_of(card, "email") == typed
    assert "Send test" not in buttons(card)


async def test_only_a_person_who_has_the_app_can_be_sent_a_test(
    admin: Person, colleague: Person
) -> None:
    assert value_of(admin.card, "email") == admin.user.email
    assert "Send test" not in buttons(admin.card)
    await admin.presses("Verify", email="nobody@example.com")
    assert "⚠ Nobody with this address has the app." in texts(admin.card)
    assert "Send test" not in buttons(admin.card)
    await admin.presses("Verify", email=f"  {colleague.user.email.upper()} ")
    assert shows(admin.card, f"✓ {colleague.user.name} has the app and can get the test.")
    verified = admin.card
    await admin.presses("Send test")
    assert shows(admin.card, f"The test is in {colleague.user.name}'s chat with the bot.")
    [test] = [post for post in colleague.inbox() if post.call == "send"]
    assert test.activity is not None
    assert test.activity["summary"] == f"Test: {NAME}"

    await colleague.uninstalls()
    await admin.presses("Verify")
    assert shows(admin.card, f"{colleague.user.name} can't be reached: does not have the app.")
    admin.card = verified
    await admin.presses("Send test")
    assert "⚠ This person can't be reached any more." in texts(admin.card)
    assert value_of(admin.card, "email") == colleague.user.email
    assert len([post for post in colleague.inbox() if post.call == "send"]) == 1


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (Reply(429, retry_after=1), "Teams asks to go slower just now. Try again in a moment."),
        (Reply(502), "Teams did not say whether the test reached"),
        (CutOff(), "Teams did not say whether the test reached"),
        (Reply(403, "BotDisabledByAdmin"), "the app is switched off by the organisation."),
        (Reply(403, "MessageWritesBlocked"), "has blocked or muted the app."),
        (Reply(404, "ConversationNotFound"), "the chat with this person no longer exists."),
        (Reply(412, "PreconditionFailed"), "Teams was busy and asked to try again."),
    ],
)
async def test_why_a_test_did_not_arrive_is_told_in_plain_words(
    teams_service: FakeTeams, admin: Person, colleague: Person, fault: Fault, words: str
) -> None:
    await admin.presses("Verify", email=colleague.user.email)
    teams_service.script(colleague.user.conversation_id, [fault])
    await admin.presses("Send test")
    assert shows(admin.card, words)
    assert not shows(admin.card, ": .")


async def test_there_is_nothing_to_try_before_there_is_a_message(admin: Person) -> None:
    await admin.says("new campaign")
    await admin.presses("Next", name=NAME)
    assert "Try" not in buttons(await admin.presses("Save draft"))
    await admin.presses("Modify")
    draft = await admin.presses("Save draft", message="[NOTDONE]")
    await admin.presses("Try")
    assert shows(admin.card, "[NOTDONE] is not a placeholder.")
    assert buttons(admin.card) == buttons(draft)


async def test_a_test_goes_only_to_the_person_that_the_field_names(
    admin: Person, colleague: Person
) -> None:
    await admin.presses("Verify", email=colleague.user.email)
    await admin.presses("Send test", email=admin.user.email)
    assert shows(admin.card, f"✓ {admin.user.name} has the app and can get the test.")
    assert not [post for post in colleague.inbox() if post.call == "send"]
    await admin.presses("Send test")
    assert shows(admin.card, f"The test is in {admin.user.name}'s chat with the bot.")
    assert not [post for post in colleague.inbox() if post.call == "send"]
