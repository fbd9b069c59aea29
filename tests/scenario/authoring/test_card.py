"""The Adaptive Card format: built on the living card, or pasted as JSON."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.fake_teams import FakeTeams, FakeWeb, Page, png
from tests.support.chat import Bot, Card, Person, buttons, card_of, send, texts, value_of

NAME = "Summer party"
TEXT_BLOCK = {"type": "TextBlock", "text": "Hello [FIRSTNAME]", "wrap": True}


@pytest.fixture
async def world_wide_web() -> AsyncIterator[FakeWeb]:
    async with FakeWeb() as web:
        web.pages["/party.png"] = Page(body=png(640, 320))
        yield web


@pytest.fixture
def public_url() -> str:
    """None, so that the card that arrives is the very one that was written."""
    return ""


def adaptive(*body: dict[str, Any], **more: Any) -> str:
    return json.dumps({"type": "AdaptiveCard", "version": "1.5", "body": body} | more, indent=2)


async def step_2(admin: Person) -> Card:
    await admin.says("new campaign")
    return await admin.presses("Next", name=NAME, format="card")


async def to_everyone(admin: Person) -> Card:
    await admin.presses("Next: recipients")
    await admin.presses("Next", audience="all")
    await send(admin)
    [sent] = [
        post
        for post in admin.inbox()
        if post.call == "send"
        and "Report" not in str(post.activity)
        and post.activity
        and "Step" not in str(post.activity)
        and "Push campaigns" not in str(post.activity)
        and "New campaign" not in str(post.activity)
    ]
    return {"summary": (sent.activity or {})["summary"]} | card_of(sent)


async def test_a_card_is_built_previewed_and_received(
    admin: Person, world_wide_web: FakeWeb
) -> None:
    card = await step_2(admin)
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

    received = await to_everyone(admin)
    assert received["summary"] == f"Dear *{you.given_name}*"
    title, picture, text, actions = received["body"]
    assert title["text"] == rf"Dear \*{you.given_name}\*"
    assert picture["altText"] == "People who dance"
    assert text["text"] == "You are **invited**."
    assert [(of["title"], of["url"]) for of in actions["actions"]] == [
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
async def test_what_can_not_be_sent_is_refused_beside_its_field_and_nothing_is_lost(
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
    await step_2(admin)
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
    await step_2(admin)
    preview = await admin.presses("Next: preview", title=title)
    assert title in texts(preview)
    received = await to_everyone(admin)
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
    await step_2(admin)
    refused = await admin.presses(
        "Next: preview", title="T", alt="It", image=world_wide_web.url("/bad.png")
    )
    assert [line for line in texts(refused) if line.startswith("⚠") and why in line]
    # What is only half done may still be kept.
    assert "Draft saved." in texts(await admin.presses("Save draft"))


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("/down.png", "its address answered with 500"),
        ("/[FIRSTNAME].png", "its address has a placeholder in it"),
    ],
)
async def test_a_picture_that_can_not_be_checked_is_a_warning_and_no_wall(
    admin: Person, world_wide_web: FakeWeb, path: str, why: str
) -> None:
    world_wide_web.pages["/down.png"] = Page(status=500)
    await step_2(admin)
    preview = await admin.presses(
        "Next: preview", title="T", alt="It", image=world_wide_web.url(path)
    )
    assert "Step 3 of 4 · Preview" in texts(preview)
    assert any(why in line for line in texts(preview))


async def test_a_pasted_card_is_checked_kept_and_received(admin: Person) -> None:
    await step_2(admin)
    card = await admin.presses("Paste a card instead", title="Kept for later")
    assert "Build it here instead" in buttons(card)
    pasted = adaptive(
        TEXT_BLOCK,
        actions=[{"type": "Action.OpenUrl", "title": "Go", "url": "https://example.com/"}],
    )
    preview = await admin.presses("Next: preview", card=pasted, notification="")
    assert f"Hello {admin.user.given_name}" in texts(preview)
    changed = await admin.presses("Change")
    assert json.loads(value_of(changed, "card")) == json.loads(pasted)
    built = await admin.presses("Build it here instead")
    assert value_of(built, "title") == "Kept for later"
    again = await admin.presses("Paste a card instead")
    assert json.loads(value_of(again, "card")) == json.loads(pasted)
    await admin.presses("Next: preview")
    received = await to_everyone(admin)
    assert received["summary"] == f"Hello {admin.user.given_name}"
    assert received["actions"] == json.loads(pasted)["actions"]


@pytest.mark.parametrize(
    ("pasted", "why"),
    [
        ("", "Paste the JSON of the card"),
        ("Hello", "This is not JSON"),
        ("[1, 2]", "This JSON is not a card"),
        ('{"type": "Container"}', "This JSON is not a card"),
        (adaptive(), "body: the card is empty."),
        (adaptive({"type": "TextBlock", "text": "x" * 41_000}), "This card has 81 KB"),
        (adaptive({"type": "Bogus"}), "body[0].type: Teams does not know “Bogus”."),
        (
            adaptive({"type": "Container", "items": [{"type": "Image", "url": "http://a/"}]}),
            "body[0].items[0].url: An address starts with https://.",
        ),
        (
            adaptive(TEXT_BLOCK, actions=[{"type": "Action.OpenUrl", "url": "javascript:x()"}]),
            "actions[0].url: An address starts with https://",
        ),
        (
            adaptive(TEXT_BLOCK, actions=[{"type": "Action.Submit", "title": "Go"}]),
            "actions[0]: Action.Submit is not possible in a campaign",
        ),
        (adaptive({"type": "Input.Text", "id": "a"}), "body[0]: Input.Text: a campaign can't take"),
        (adaptive(TEXT_BLOCK, version="1.6"), "version: Teams shows cards up to version 1.5"),
        (adaptive(TEXT_BLOCK | {"text": "[FISTNAME]"}), "body[0].text: [FISTNAME] is not"),
        (adaptive(TEXT_BLOCK | {"size": "huge"}), "body[0].size: “huge” is not possible"),
        (adaptive(TEXT_BLOCK | {"colour": "good"}), "body[0].colour: not known here."),
    ],
)
async def test_a_pasted_card_that_teams_can_not_show_is_refused_before_it_is_kept(
    admin: Person, pasted: str, why: str
) -> None:
    await step_2(admin)
    await admin.presses("Paste a card instead")
    refused = await admin.presses("Next: preview", card=pasted)
    assert [line for line in texts(refused) if line.startswith("⚠") and why in line], texts(refused)
    not_saved = any(line.startswith("**Not saved yet.**") for line in texts(refused))
    assert not_saved == bool(pasted)
    if len(pasted) < 30_000:
        assert value_of(refused, "card") == pasted
    if pasted:
        refused = await admin.presses("Save draft", card=pasted)
        assert any(why in line for line in texts(refused))
    # Nobody is kept on this card by what is wrong on it.
    assert "Step 1 of 4 · Name and format" in texts(await admin.presses("Back", card=pasted))
    assert value_of(await admin.presses("Next"), "card") == ""


async def test_a_card_as_big_as_teams_takes_is_sent(admin: Person) -> None:
    await step_2(admin)
    await admin.presses("Paste a card instead")
    preview = await admin.presses(
        "Next: preview", card=adaptive(TEXT_BLOCK, {"type": "TextBlock", "text": "x" * 40_600})
    )
    assert "This card is too big to be shown inside another one. Try it." in texts(preview)
    changed = await admin.presses("Change")
    assert any("is kept; it is too long for this field" in line for line in texts(changed))
    # The empty field leaves it.
    await admin.presses("Next: preview")
    received = await to_everyone(admin)
    assert len(received["body"][1]["text"]) == 40_600


async def test_a_message_of_json_sent_in_the_compose_box_is_the_card(admin: Person) -> None:
    await step_2(admin)
    await admin.presses("Paste a card instead")
    preview = await admin.says(adaptive(TEXT_BLOCK))
    assert f"Hello {admin.user.given_name}" in texts(preview)
    refused = await admin.says("no card")
    assert any("This is not JSON" in line for line in texts(refused))


async def test_changing_the_format_loses_nothing(admin: Person) -> None:
    await step_2(admin)
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


async def test_a_clone_and_a_template_have_everything(
    whole_bot: Bot, teams_service: FakeTeams, admin: Person
) -> None:
    await step_2(admin)
    await admin.presses("Add a button")
    typed = {
        "title": "Party",
        "message": "Come",
        "button_1": "More",
        "link_1": "https://example.com/",
        "notification": "For [FIRSTNAME]",
    }
    await admin.presses("Next: preview", **typed)
    await to_everyone(admin)
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
