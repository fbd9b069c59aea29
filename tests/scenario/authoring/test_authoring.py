"""Writing a campaign on one living card: accepted, refused and kept input."""

from __future__ import annotations

import pytest

from campaigns.campaign import Status
from cards.size import LIMIT, size_in_bytes
from tests.fake_teams import FakeTeams, FakeUser
from tests.support.chats.cards import buttons, texts, value_of
from tests.support.chats.chat import Bot, Person, write

NAME = "Office closed on Friday"


async def step_2(admin: Person, name: str = NAME, format: str = "important") -> None:
    await admin.says("menu")
    await admin.presses("New campaign")
    await admin.presses("Next", name=name, format=format)


@pytest.mark.parametrize("typed", ["MENU", "  Menu ", "menu!", "\tmenu\n", "home"])
async def test_case_and_space_do_not_matter_in_a_command(admin: Person, typed: str) -> None:
    card = await admin.says(typed)
    assert "Push campaigns" in texts(card)
    assert not any("I did not understand" in line for line in texts(card))


@pytest.mark.parametrize(
    ("typed", "title"),
    [
        ("new campaign", "New campaign"),
        ("New  Campaign", "New campaign"),
        ("campaigns", "Campaigns"),
        ("lists", "Distribution lists"),
        ("help", "How this works"),
    ],
)
async def test_a_command_opens_the_card_that_its_button_opens(
    admin: Person, typed: str, title: str
) -> None:
    assert title in texts(await admin.says(typed))


async def test_text_that_is_no_command_is_answered_with_the_commands(admin: Person) -> None:
    for typed in ("please start a new campaign", "menu campaigns", "**", "x" * 20_000):
        card = await admin.says(typed)
        assert any("Type menu, new campaign" in line.replace("*", "") for line in texts(card))
        assert "New campaign" in buttons(card)


async def test_opening_the_menu_leaves_an_open_draft_as_it_is(
    admin: Person,
) -> None:
    await step_2(admin)
    writing, card_id = admin.card, admin.card_id
    await admin.says("menu")
    admin.card, admin.card_id = writing, card_id
    preview = await admin.presses("Next: preview", message="Hello [FIRSTNAME]")
    assert f"Hello {admin.user.given_name}" in texts(preview)


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("", "Give the campaign a name."),
        ("   ", "Give the campaign a name."),
        ("\u200b\u200f", "Give the campaign a name."),
        ("x" * 81, "A name has at most 80 characters; this one has 81."),
    ],
)
async def test_an_invalid_name_is_refused_beside_its_field(
    whole_bot: Bot, admin: Person, name: str, why: str
) -> None:
    await admin.says("new campaign")
    refused = await admin.presses("Next", name=name, format="idea")
    assert f"⚠ {why}" in texts(refused)
    assert value_of(refused, "name") == name
    assert value_of(refused, "format") == "idea"
    assert await drafts(whole_bot, admin) == []
    assert "Step 2 of 4 · Message" in texts(await admin.presses("Next", name=NAME))
    assert await drafts(whole_bot, admin) == [NAME]


@pytest.mark.parametrize(
    "name",
    [
        "x" * 80,
        "🎉🎉",
        "**bold** [link](https://example.com) #1 <b>",
        "- 1. not a list",
        "مكتب مغلق يوم الجمعة",
        "👩‍👩‍👧‍👦" * 11,
        '"quotes" & \\backslashes\\',
    ],
)
async def test_a_name_is_shown_as_it_was_typed(
    teams_service: FakeTeams, admin: Person, name: str
) -> None:
    card = await write(admin, name=name, message="Hello")
    assert name in texts(card)
    assert any(name in line for line in texts(await admin.presses("Send now")))
    await admin.presses("Yes, send to 1 person")
    await admin.sees("Report · Completed")
    assert name in [(post.activity or {}).get("summary") for post in admin.inbox()]


async def test_a_format_that_does_not_exist_is_refused_beside_the_field(admin: Person) -> None:
    await admin.says("new campaign")
    refused = await admin.presses("Next", name=NAME, format="carrier pigeon")
    assert "⚠ Choose one of the formats." in texts(refused)
    assert value_of(refused, "name") == NAME


@pytest.mark.parametrize(
    ("message", "why"),
    [
        ("", "Write the message that people will receive."),
        ("  \n ", "Write the message that people will receive."),
        ("Hello [FIRST NAME]", "[FIRST NAME] is not a placeholder. Did you mean [FIRSTNAME]?"),
        ("Dear [COMPANY]", "[COMPANY] is not a placeholder."),
        ("x" * 8_001, "A message has at most 8,000 characters; this one has 8,001."),
        ("[FULLNAME]" * 800, "this message gets too big for Teams"),
        ("[EMAIL] " * 900, "this message gets too big for Teams"),
    ],
)
async def test_an_invalid_message_is_refused_beside_its_field(
    admin: Person, message: str, why: str
) -> None:
    await step_2(admin)
    refused = await admin.presses("Next: preview", message=message)
    assert "Step 2 of 4 · Message" in texts(refused)
    assert any(line.startswith("⚠ ") and why in line for line in texts(refused))
    assert value_of(refused, "message") == message
    await admin.presses("Next: preview", message="Hello")
    refused = await admin.presses("Refresh preview", message=message)
    assert any(line.startswith("⚠ ") and why in line for line in texts(refused))
    assert value_of(refused, "message") == message


REFUSED = "Hello [FISTNAME]"


@pytest.mark.parametrize("on_preview", [False, True])
async def test_a_refused_message_is_still_in_the_draft_later(
    whole_bot: Bot, admin: Person, on_preview: bool
) -> None:
    await step_2(admin)
    if on_preview:
        await admin.presses("Next: preview", message="Hello")
    button = "Refresh preview" if on_preview else "Next: preview"
    refused = await admin.presses(button, message=REFUSED)
    assert any(line.startswith("Saved in the draft as it is.") for line in texts(refused))
    assert await kept(whole_bot, admin) == REFUSED

    await admin.says("campaigns")
    await admin.presses(f"Open {NAME}")
    assert "Before it can be sent, correct the message and choose the recipients." in texts(
        admin.card
    )
    again = await admin.presses("Modify")
    assert value_of(again, "message") == REFUSED
    preview = await admin.presses("Next: preview", message="Hello [FIRSTNAME]")
    assert f"Hello {admin.user.given_name}" in texts(preview)


async def test_the_card_says_when_a_message_could_not_be_saved(
    whole_bot: Bot, admin: Person
) -> None:
    await step_2(admin)
    refused = await admin.presses("Next: preview", message="x" * 8_001)
    assert any(line.startswith("**Not saved yet.**") for line in texts(refused))
    assert value_of(refused, "message") == "x" * 8_001
    assert await kept(whole_bot, admin) == ""


async def test_a_message_that_was_emptied_by_mistake_is_still_in_the_draft(
    whole_bot: Bot, admin: Person
) -> None:
    await step_2(admin)
    await admin.presses("Next: preview", message="Hello")
    await admin.presses("Refresh preview", message=" ")
    assert await kept(whole_bot, admin) == "Hello"


@pytest.mark.parametrize(
    "message",
    ["x" * 8_000, "ab\n\n" * 2_000, "\U0001f600" * 8_000, "a\n" * 4_000, "[FULLNAME] " * 60],
)
async def test_the_longest_messages_fit_on_every_card(admin: Person, message: str) -> None:
    """The driver checks the size of every card."""
    card = await write(admin, name="\U0001f600" * 80, message=message)
    await admin.presses("Modify")
    await admin.presses("Next: preview")
    await admin.presses("Back")
    await admin.presses("Save draft")
    await admin.presses("Send now")
    await admin.presses("Yes, send to 1 person")
    await admin.sees("Report · Completed")
    assert size_in_bytes(await admin.presses("Information")) < LIMIT
    assert card


async def test_a_message_that_is_far_too_long_is_refused_and_its_beginning_shown(
    admin: Person,
) -> None:
    await step_2(admin)
    await admin.presses("Next: preview", message="Hello")
    typed = '"' * 39_000
    refused = await admin.presses("Refresh preview", message=typed)
    assert any("this one has 39,000" in line for line in texts(refused))
    assert "Only the beginning of it fits here." in texts(refused)
    assert len(value_of(refused, "message")) > 8_000


async def test_back_and_save_draft_keep_what_was_typed_on_every_step(
    whole_bot: Bot, admin: Person
) -> None:
    await step_2(admin)
    basics = await admin.presses("Back", message="Half a mess")
    assert value_of(basics, "name") == NAME
    card = await admin.presses("Back", name="Renamed", format="idea")
    assert ("Renamed" in texts(card), "Format: Idea" in texts(card)) == (True, True)
    content = await admin.presses("Modify")
    assert value_of(content, "message") == "Half a mess"
    preview = await admin.presses("Next: preview", message="Whole [FIRSTNAME]")
    assert "Save draft" in buttons(preview)
    content = await admin.presses("Back", message="Changed on the preview")
    assert value_of(content, "message") == "Changed on the preview"
    card = await admin.presses("Save draft", message="Not [YETDONE]")
    assert "Draft saved." in texts(card)
    assert "Send now" not in buttons(card)
    content = await admin.presses("Modify")
    assert value_of(content, "message") == "Not [YETDONE]"
    await admin.presses("Next: preview", message="Done")
    await admin.presses("Next: recipients")
    preview = await admin.presses("Back", audience="all")
    assert "Step 3 of 4 · Preview" in texts(preview)
    recipients = await admin.presses("Next: recipients")
    assert value_of(recipients, "audience") == "all"
    card = await admin.presses("Save draft")
    assert "Draft saved." in texts(card)
    assert "Send now" in buttons(card)


async def test_back_says_when_the_name_could_not_be_kept(admin: Person) -> None:
    await step_2(admin)
    await admin.presses("Back")
    card = await admin.presses("Back", name="")
    assert "The name is as it was. Give the campaign a name." in texts(card)
    assert NAME in texts(card)


async def test_the_preview_is_the_admins_own_card(
    teams_service: FakeTeams, whole_bot: Bot, administrator: FakeUser
) -> None:
    administrator.given_name, administrator.surname = "*Ann* [x](http://e.example)", "O'Neill"
    admin = Person(teams_service, whole_bot, administrator)
    await admin.installs()
    await step_2(admin)
    await admin.presses("Next: preview", message="**Hi** [FIRSTNAME] [LASTNAME] [EMAIL]")
    changed = await admin.presses("Refresh preview", message="Bye [LASTNAME]")
    assert "Bye O'Neill" in texts(changed)
    assert "Important" in texts(changed)


async def test_an_unfinished_draft_says_what_is_left_to_do(admin: Person) -> None:
    await step_2(admin)
    card = await admin.presses("Save draft")
    assert "Before it can be sent, write the message and choose the recipients." in texts(card)
    assert "Send now" not in buttons(card)
    await admin.presses("Modify")
    await admin.presses("Next: preview", message="Hello")
    await admin.presses("Next: recipients")
    refused = await admin.presses("Next")
    assert "⚠ Choose who gets this campaign." in texts(refused)


async def kept(bot: Bot, admin: Person) -> str:
    """Returns the message of the only draft."""
    page = await bot.store.campaigns.page(admin.user.tenant, [Status.DRAFT], offset=0, limit=99)
    [draft] = page.items
    return draft.content.message


async def drafts(bot: Bot, admin: Person) -> list[str]:
    page = await bot.store.campaigns.page(admin.user.tenant, [Status.DRAFT], offset=0, limit=99)
    return [campaign.name for campaign in page.items]
