"""An Adaptive Card, built or pasted, and the compose box, in a real client."""

from __future__ import annotations

import json

from tests.support.chats.teams_page import TeamsPage

PASTED = {
    "type": "AdaptiveCard",
    "version": "1.5",
    "body": [
        {"type": "TextBlock", "text": "Hello [FIRSTNAME]", "size": "Large", "weight": "Bolder"},
        {
            "type": "FactSet",
            "facts": [
                {"title": "Where", "value": "[CITY|your office]"},
                {"title": "When", "value": "Friday, **17:00**"},
            ],
        },
    ],
    "actions": [
        {"type": "Action.OpenUrl", "title": "Sign up", "url": "https://example.com/?u=[EMAIL]"}
    ],
}


async def test_a_card_is_built_previewed_and_received(teams: TeamsPage) -> None:
    await teams.say("new campaign")
    await teams.wait_for_text("Step 1 of 4")
    await teams.fill("Name", "Summer party")
    await teams.fill(
        "Format", "Adaptive Card: title, picture, text and buttons, or a card of your own"
    )
    await teams.press("Next")
    await teams.wait_for_card("Step 2 of 4 · Card")
    living = teams.cards().first
    await teams.screenshot("20-card-empty", card=living)
    await teams.fill("Title", "Summer party, [FIRSTNAME|colleague]")
    await teams.fill("Picture", "https://pictures.invalid/party.png")
    await teams.fill("What the picture shows", "People who dance")
    await teams.fill(
        "Text", "You are **invited**.\n\n- Food\n- Music\n\nIn [CITY], as ~~never~~ ever."
    )
    await teams.press("Add a button")
    await teams.fill("Button 1", "Sign up")
    await teams.fill("Button 1 leads to", "javascript:alert(1)")
    await teams.press("Add a button")
    await teams.fill("Button 2", "See the place")
    await teams.fill("Button 2 leads to", "https://example.com/place")
    await teams.press("Next: preview")
    await teams.wait_for_text("An address starts with https://.")
    await teams.screenshot("21-card-refused", card=living)
    await teams.fill("Button 1 leads to", "https://example.com/?who=[FULLNAME]")
    await teams.press("Next: preview")
    await teams.wait_for_text("Step 3 of 4")
    await teams.wait_for_text("Notification: Summer party, Alex")
    await teams.wait_for_text("The picture could not be checked")
    await teams.screenshot("22-card-preview", card=living)
    await teams.press("Next: recipients")
    await teams.fill("Who gets this campaign?", "All users (1 person)")
    await teams.press("Next")
    await teams.press("Send now", card=living)
    await teams.press("Yes, send to 1 person", card=living)
    await teams.wait_for_text("Report · Completed")
    received = await teams.wait_for_card("Summer party, Alex")
    await received.get_by_text("Sign up").first.wait_for()
    await teams.screenshot("23-card-received", card=received)


async def test_a_card_is_pasted_and_previewed(teams: TeamsPage) -> None:
    await teams.say("new campaign")
    await teams.wait_for_text("Step 1 of 4")
    await teams.fill("Name", "Summer party")
    await teams.fill(
        "Format", "Adaptive Card: title, picture, text and buttons, or a card of your own"
    )
    await teams.press("Next")
    await teams.press("Paste a card instead")
    await teams.wait_for_card("Build it here instead")
    card = teams.cards().first
    broken = json.dumps(PASTED).replace("Action.OpenUrl", "Action.Submit").replace("Large", "Huge")
    await teams.fill("Card", broken)
    await teams.press("Next: preview")
    await teams.wait_for_text("actions[0]: Action.Submit is not possible")
    await teams.screenshot("24-pasted-refused", card=card)
    await teams.fill("Card", json.dumps(PASTED))
    await teams.press("Next: preview")
    await teams.wait_for_text("your office")
    await teams.screenshot("25-pasted-preview", card=card)


async def test_text_typed_in_the_compose_box_becomes_the_message(teams: TeamsPage) -> None:
    await teams.say("new campaign")
    await teams.wait_for_text("Step 1 of 4")
    await teams.fill("Name", "News")
    await teams.press("Next")
    await teams.wait_for_text("Step 2 of 4")
    await teams.say("Hello [FIRSTNAME], the office is closed. Ask [DEPARTMENT].")
    await teams.wait_for_card("What you sent is the message now.")
    preview = teams.newest_card()
    await teams.wait_for_text("Hello Alex, the office is closed.")
    await teams.wait_for_text("[DEPARTMENT] will be empty")
    await teams.screenshot("26-compose-preview", card=preview)
    await teams.press("Cancel", card=preview)
    await teams.wait_for_text("The message is as it was before.")
    await teams.screenshot("27-compose-cancelled", card=preview)


RICH = """# Office closed

Hello [FIRSTNAME|colleague], **Friday** is ~~a working day~~ free. Use `vpn` or
[our page](https://example.com).

- Work from home
- Or take the day off

> Enjoy it.

```
shutdown -h now
```"""


async def test_every_format_shows_all_formatting(teams: TeamsPage) -> None:
    await teams.say("new campaign")
    await teams.wait_for_text("Step 1 of 4")
    await teams.fill("Name", "Formats")
    await teams.press("Next")
    await teams.fill("Message", RICH)
    living = teams.cards().first
    for format, title in (
        ("message", "Message: text without a header; bold, lists and links if you like"),
        ("idea", "Idea: a light bulb, for suggestions and tips"),
        ("success", "Success: a trophy, for good news and thanks"),
        ("important", "Important: a red header, for what nobody should miss"),
    ):
        await teams.press("Back", card=living)
        await teams.fill("Format", title)
        await teams.press("Next", card=living)
        await teams.press("Next: preview", card=living)
        await living.get_by_text("shutdown -h now").first.wait_for()
        await teams.screenshot(f"28-format-{format}", card=living)
        await teams.press("Back", card=living)
    await teams.fill("Message", "مرحبا [FIRSTNAME]، المكتب مغلق يوم **الجمعة**.\n\n- واحد\n- اثنان")
    await teams.press("Next: preview", card=living)
    await living.get_by_text("المكتب مغلق").first.wait_for()
    await teams.screenshot("29-right-to-left", card=living)
