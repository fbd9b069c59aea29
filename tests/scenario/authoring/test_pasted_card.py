"""The Adaptive Card format: a card pasted as JSON."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.support.campaigns.card_campaigns import begin_card, send_to_everyone
from tests.support.chats.cards import buttons, texts, value_of
from tests.support.chats.chat import Person

TEXT_BLOCK = {"type": "TextBlock", "text": "Hello [FIRSTNAME]", "wrap": True}


@pytest.fixture
def public_url() -> str:
    """No public address, so that links are not replaced in the card that arrives."""
    return ""


def adaptive(*body: dict[str, Any], **more: Any) -> str:
    return json.dumps({"type": "AdaptiveCard", "version": "1.5", "body": body} | more, indent=2)


async def test_a_pasted_card_is_checked_kept_and_received(admin: Person) -> None:
    await begin_card(admin)
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
    received = await send_to_everyone(admin)
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
    await begin_card(admin)
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
    # A card that is refused holds nobody on this step.
    assert "Step 1 of 4 · Name and format" in texts(await admin.presses("Back", card=pasted))
    assert value_of(await admin.presses("Next"), "card") == ""


async def test_a_card_as_big_as_teams_takes_is_sent(admin: Person) -> None:
    await begin_card(admin)
    await admin.presses("Paste a card instead")
    preview = await admin.presses(
        "Next: preview", card=adaptive(TEXT_BLOCK, {"type": "TextBlock", "text": "x" * 40_600})
    )
    assert "This card is too big to be shown inside another one. Try it." in texts(preview)
    changed = await admin.presses("Change")
    assert any("is kept; it is too long for this field" in line for line in texts(changed))
    # An empty field leaves the card as it is.
    await admin.presses("Next: preview")
    received = await send_to_everyone(admin)
    assert len(received["body"][1]["text"]) == 40_600


async def test_a_message_of_json_sent_in_the_compose_box_is_the_card(admin: Person) -> None:
    await begin_card(admin)
    await admin.presses("Paste a card instead")
    preview = await admin.says(adaptive(TEXT_BLOCK))
    assert f"Hello {admin.user.given_name}" in texts(preview)
    refused = await admin.says("no card")
    assert any("This is not JSON" in line for line in texts(refused))
