"""Teams' own compose box: text typed while a draft is open becomes its message."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from tests.fake_teams import FakeTeams, FakeUser
from tests.support.chats.cards import Card, buttons, texts, value_of
from tests.support.chats.chat import Bot, Person, running
from tests.support.chats.clocks import MovedClock

HTML = "<p>Hello <strong>[FIRSTNAME]</strong>,</p><ul><li>one</li><li>two</li></ul>"
MARKDOWN = "Hello **[FIRSTNAME]**,\n\n- one\n- two"


async def step_2(admin: Person, message: str = "") -> Card:
    await admin.says("new campaign")
    card = await admin.presses("Next", name="News", format="idea")
    if message:
        await admin.presses("Next: preview", message=message)
        card = await admin.presses("Back")
    return card


async def test_a_typed_message_is_previewed_with_its_formatting(admin: Person) -> None:
    await step_2(admin)
    preview = await admin.says("Hello [FIRSTNAME], one two", HTML)
    assert "Step 3 of 4 · Preview" in texts(preview)
    assert f"Hello **{admin.user.given_name}**," in texts(preview)
    assert value_of(preview, "message") == MARKDOWN
    recipients = await admin.presses("Next: recipients")
    assert "Step 4 of 4 · Recipients" in texts(recipients)


async def test_cancel_leaves_the_draft_as_it_was(admin: Person) -> None:
    await step_2(admin, "As it was")
    await admin.says("First try")
    preview = await admin.says("Hello", HTML)
    assert value_of(preview, "message") == MARKDOWN
    card = await admin.presses("Cancel")
    assert value_of(card, "message") == "First try"
    await admin.says("Second try")
    await admin.presses("Cancel")
    assert "Cancel" not in buttons(admin.card)


async def test_a_message_that_was_edited_afterwards_can_not_be_taken_back(admin: Person) -> None:
    await step_2(admin, "As it was")
    await admin.says("Better")
    preview = await admin.presses("Refresh preview", message="Better still")
    assert "Cancel" not in buttons(preview)


async def test_the_preview_names_formatting_that_was_not_kept(admin: Person) -> None:
    await step_2(admin)
    preview = await admin.says(
        "x",
        "<p><u>under</u> <img src='https://e.example/x.png'></p><table><tr><td>a</td></tr></table>",
    )
    lost = "Not kept: underlining, pictures and tables (each row is a line now)."
    assert any(lost in line for line in texts(preview))
    assert value_of(preview, "message") == "under\n\na"


async def test_a_message_with_mistakes_is_kept_and_the_mistakes_are_named(admin: Person) -> None:
    await step_2(admin)
    preview = await admin.says("Dear [FISTNAME]")
    assert any("Did you mean [FIRSTNAME]?" in line for line in texts(preview))
    assert value_of(preview, "message") == "Dear [FISTNAME]"


@pytest.mark.parametrize(
    ("text", "html", "why"),
    [
        ("x" * 9_000, None, "this one has 9,000"),
        ("[FULLNAME]" * 790, None, "too big for Teams"),
        ("", "<p><img src='https://e.example/x.png'></p>", "There is no text in what you sent"),
        ("", "<p> &nbsp; </p>", "There is no text in what you sent"),
    ],
)
async def test_text_that_can_not_be_a_message_leaves_the_draft_as_it_was(
    admin: Person, text: str, html: str | None, why: str
) -> None:
    await step_2(admin, "As it was")
    refused = await admin.says(text, html)
    assert any(why in line for line in texts(refused))
    await admin.says("campaigns")
    await admin.presses("Open News")
    assert value_of(await admin.presses("Modify"), "message") == "As it was"


async def test_commands_stay_commands_and_close_the_draft(admin: Person) -> None:
    await step_2(admin, "As it was")
    assert "Push campaigns" in texts(await admin.says("menu"))
    assert any("I did not understand" in line for line in texts(await admin.says("Hello")))


async def test_the_text_of_a_built_card_can_be_typed_too(admin: Person) -> None:
    await admin.says("new campaign")
    await admin.presses("Next", name="News", format="card")
    await admin.presses("Save draft", title="A title")
    await admin.presses("Modify")
    preview = await admin.says("Hello", HTML)
    assert "A title" in texts(preview)
    assert f"Hello **{admin.user.given_name}**," in texts(preview)
    assert value_of(await admin.presses("Change"), "message") == MARKDOWN


async def test_a_draft_that_was_opened_long_ago_is_not_open_any_more(
    teams_service: FakeTeams, administrator: FakeUser, tmp_path: Path
) -> None:
    clock = MovedClock()
    async with running(teams_service, tmp_path, admin=administrator, clock=clock) as bot:
        admin = Person(teams_service, bot, administrator)
        await admin.installs()
        await step_2(admin, "As it was")
        clock.move(timedelta(hours=13).total_seconds())
        assert any("I did not understand" in line for line in texts(await admin.says("Hello")))


async def test_text_from_a_recipient_never_becomes_a_message(
    teams_service: FakeTeams, whole_bot: Bot, admin: Person
) -> None:
    await step_2(admin, "As it was")
    [other] = teams_service.add_users(1, tenant=admin.user.tenant)
    visitor = Person(teams_service, whole_bot, other)
    await visitor.installs()
    assert "Hello!" in texts(await visitor.says("Mine now"))
