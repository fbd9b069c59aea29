"""The Adaptive Card format: a card built on the living card."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.fake_teams import FakeTeams, FakeWeb, Page, png
from tests.support.campaigns.card_campaigns import begin_card, send_to_everyone
from tests.support.chats.cards import buttons, texts, value_of
from tests.support.chats.chat import Bot, Person


@pytest.fixture
async def world_wide_web() -> AsyncIterator[FakeWeb]:
    async with FakeWeb() as web:
        web.pages["/party.png"] = Page(body=png(640, 320))
        yield web


@pytest.fixture
def public_url() -> str:
    """No public address, so that links are not replaced in the card that arrives."""
    return ""


async def test_a_card_is_built_previewed_and_received(
    admin: Person, world_wide_web: FakeWeb
) -> None:
    card = await begin_card(admin)
    assert "Step 2 of 4 · Card" in texts(card)
    await admin.presses("Add a button", title="Dear *[FIRSTNAME|colleague]*")
    await admin.presses("Add a button", button_1="Second", link_1="https://example.com/2")
    await admin.presses(
        "Move button 2 up", button_2="For [FIRSTNAME]", link_2="https://example.com/?n=[FULLNAME]"
    )
    card = await admin.presses("Add a button")
    assert [value_of(card, f"button_{number}") for number in (1, 2, 3)] == [
        "For [FIRSTNAME]",
        "Second",
        "",
    ]
    card = await admin.presses("Remove button 3")
    assert "Move button 2 down" not in str(card)
    preview = await admin.presses(
        "Next: preview",
        image=world_wide_web.url("/party.png"),
        alt="People who dance",
        message="You are **invited**.",
    )
    you = admin.user
    assert f"Notification: Dear *{you.given_name}*" in texts(preview)
    assert f"Dear *{you.given_name}*" in texts(preview)
    assert world_wide_web.asked == ["/party.png"]

    received = await send_to_everyone(admin)
    assert received["summary"] == f"Dear *{you.given_name}*"
    title, picture, text, actions = received["body"]
    assert title["text"] == rf"Dear \*{you.given_name}\*"
    assert picture["altText"] == "People who dance"
    assert text["text"] == "You are **invited**."
    assert [(button["title"], button["url"]) for button in actions["actions"]] == [
        (f"For {you.given_name}", f"https://example.com/?n={you.name.replace(' ', '%20')}"),
        ("Second", "https://example.com/2"),
    ]


@pytest.mark.parametrize(
    ("field", "typed", "why"),
    [
        ("title", "x" * 10_000, "A title has at most 200 characters; this one has 10,000."),
        ("title", "Dear [FISTNAME]", "[FISTNAME] is not a placeholder."),
        ("title", "[FIRSTNAME|dear [LASTNAME]]", "can't have brackets in it"),
        ("message", "[x](javascript:alert(1))", "can't be used. An address starts with https://"),
        ("image", "http://example.com/a.png", "An address starts with https://."),
        ("image", "javascript:alert(1)", "An address starts with https://."),
        ("image", "data:image/png;base64,AAAA", "An address starts with https://."),
        ("link_1", "javascript:alert(1)", "An address starts with https://."),
        ("link_1", "java\tscript:alert(1)", "An address starts with https://."),
        ("link_1", "https://[FIRSTNAME].example.com/", "can't stand in the name of the site"),
        ("link_1", "https://example.com/a b", "An address has no spaces in it."),
        ("link_1", "https://", "This is no whole address"),
        ("link_1", "", "Where does the button lead?"),
        ("button_1", "", "Give the button a text."),
        ("button_1", "x" * 61, "at most 60 characters"),
        ("notification", "[WHO] writes", "[WHO] is not a placeholder."),
        ("alt", "", "Say what the picture shows"),
    ],
)
async def test_an_invalid_field_is_refused_with_the_reason_and_nothing_is_lost(
    admin: Person, world_wide_web: FakeWeb, field: str, typed: str, why: str
) -> None:
    good = {
        "title": "Party",
        "image": world_wide_web.url("/party.png"),
        "alt": "People",
        "message": "Come",
        "button_1": "More",
        "link_1": "https://example.com/?who=[EMAIL]",
        "notification": "A party for [FIRSTNAME]",
    }
    await begin_card(admin)
    await admin.presses("Add a button")
    refused = await admin.presses("Next: preview", **(good | {field: typed}))
    assert "Step 2 of 4 · Card" in texts(refused)
    assert [line for line in texts(refused) if line.startswith("⚠") and why in line]
    for name, value in (good | {field: typed}).items():
        assert value_of(refused, name) == value
    preview = await admin.presses("Next: preview", **good)
    assert "Step 3 of 4 · Preview" in texts(preview)
    assert f"Notification: A party for {admin.user.given_name}" in texts(preview)


@pytest.mark.parametrize("title", ["🎉🎉", "مكتب مغلق", "=cmd()", "](http://evil)", "<b>x</b> & y"])
async def test_a_title_is_shown_as_it_was_typed(admin: Person, title: str) -> None:
    await begin_card(admin)
    preview = await admin.presses("Next: preview", title=title)
    assert title in texts(preview)
    received = await send_to_everyone(admin)
    assert texts(received)[0] == title
    assert received["summary"] == title


@pytest.mark.parametrize(
    ("page", "why"),
    [
        (Page(body=b"<html>Sign in</html>"), "is no PNG, JPEG or GIF picture"),
        (Page(status=302, headers={"Location": "/party.png"}), "leads on to another one"),
        (Page(status=404), "There is nothing at this address (404)."),
        (Page(body=png(1025, 10)), "The picture has 1025x10 pixels"),
        (Page(body=png(10, 10) + b"\0" * 1_500_000), "The picture has 1.4 MB"),
    ],
)
async def test_a_picture_that_teams_would_not_show_is_refused(
    admin: Person, world_wide_web: FakeWeb, page: Page, why: str
) -> None:
    world_wide_web.pages["/bad.png"] = page
    await begin_card(admin)
    refused = await admin.presses(
        "Next: preview", title="T", alt="It", image=world_wide_web.url("/bad.png")
    )
    assert [line for line in texts(refused) if line.startswith("⚠") and why in line]
    # An unfinished draft may still be saved.
    assert "Draft saved." in texts(await admin.presses("Save draft"))


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("/down.png", "its address answered with 500"),
        ("/[FIRSTNAME].png", "its address has a placeholder in it"),
    ],
)
async def test_a_picture_that_can_not_be_checked_is_only_a_warning(
    admin: Person, world_wide_web: FakeWeb, path: str, why: str
) -> None:
    world_wide_web.pages["/down.png"] = Page(status=500)
    await begin_card(admin)
    preview = await admin.presses(
        "Next: preview", title="T", alt="It", image=world_wide_web.url(path)
    )
    assert "Step 3 of 4 · Preview" in texts(preview)
    assert any(why in line for line in texts(preview))


async def test_changing_the_format_loses_nothing(admin: Person) -> None:
    await begin_card(admin)
    await admin.presses("Next: preview", title="A title", message="A text")
    await admin.presses("Change")
    await admin.presses("Back")
    content = await admin.presses("Next", format="idea")
    assert value_of(content, "message") == "A text"
    await admin.presses("Next: preview", message="Another text")
    await admin.presses("Back")
    await admin.presses("Back")
    content = await admin.presses("Next", format="card")
    assert (value_of(content, "title"), value_of(content, "message")) == ("A title", "Another text")


async def test_a_clone_and_a_template_keep_every_field(
    whole_bot: Bot, teams_service: FakeTeams, admin: Person
) -> None:
    await begin_card(admin)
    await admin.presses("Add a button")
    typed = {
        "title": "Party",
        "message": "Come",
        "button_1": "More",
        "link_1": "https://example.com/",
        "notification": "For [FIRSTNAME]",
    }
    await admin.presses("Next: preview", **typed)
    await send_to_everyone(admin)
    await admin.presses("Save as template")
    saved = await admin.presses("Save", name="Parties")
    assert "Saved as the template “Parties”." in texts(saved)
    await admin.presses("Use Parties")
    card = await admin.presses("Next", name="Winter party")
    assert "Send now" in buttons(card)
    content = await admin.presses("Modify")
    assert {name: value_of(content, name) for name in typed} == typed
    await admin.presses("Save draft")
    await admin.presses("Clone")
    await admin.presses("Clone", name="A clone")
    content = await admin.presses("Modify")
    assert {name: value_of(content, name) for name in typed} == typed
