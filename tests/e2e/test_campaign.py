"""The whole way of an admin and a recipient in a real client."""

from __future__ import annotations

from tests.support.chats.teams_page import TeamsPage


async def test_a_campaign_goes_from_the_menu_to_the_report(teams: TeamsPage) -> None:
    await teams.say("Menu ")
    home = await teams.wait_for_card("Push campaigns")
    await teams.screenshot("01-home", card=home)

    await teams.press("New campaign")
    await teams.wait_for_text("Step 1 of 4")
    await teams.screenshot("02-step-1")
    await teams.press("Next")
    await teams.wait_for_text("Give the campaign a name.")
    await teams.fill("Name", "Office closed on Friday")
    await teams.fill("Format", "Important: a red header, for what nobody should miss")
    await teams.press("Next")

    await teams.wait_for_text("Step 2 of 4")
    await teams.screenshot("03-step-2")
    await teams.fill("Message", "Hello [FISTNAME], **the office is closed**.")
    await teams.press("Next: preview")
    await teams.wait_for_text("[FISTNAME] is not a placeholder")
    await teams.screenshot("04-step-2-refused")
    await teams.fill(
        "Message",
        "Hello [FIRSTNAME],\n\n**the office is closed** on Friday.\n\n"
        "- Work from home\n- Or take the day off\n\nMore on [our page](https://example.com).",
    )
    await teams.press("Next: preview")

    await teams.wait_for_text("Step 3 of 4")
    await teams.wait_for_text("Hello Alex")
    await teams.screenshot("05-preview", card=teams.cards().last)
    await teams.press("Next: recipients")

    await teams.wait_for_text("Step 4 of 4")
    await teams.screenshot("06-recipients")
    await teams.fill("Who gets this campaign?", "All users (1 person)")
    await teams.press("Next")

    await teams.wait_for_text("All users (1 person)")
    await teams.screenshot("07-campaign")
    await teams.press("Try")
    await teams.wait_for_text("Send a test to one person")
    await teams.fill("E-mail", "nobody@example.com")
    await teams.press("Verify")
    await teams.wait_for_text("Nobody with this address has the app.")
    await teams.fill("E-mail", "alexw@example.com")
    await teams.press("Verify")
    await teams.wait_for_text("Alex Wilber has the app")
    await teams.screenshot("08-try")
    await teams.press("Send test")
    await teams.wait_for_card("Test message")
    await teams.screenshot("09-tested")
    living = teams.cards().first
    await teams.press("Back", card=living)

    await teams.press("Send now", card=living)
    await teams.wait_for_text("Send to 1 person?")
    await teams.screenshot("10-confirm", card=living)
    await teams.press("Yes, send to 1 person", card=living)
    await teams.wait_for_text("Report · Completed")
    await teams.screenshot("11-report", card=living)
    await teams.screenshot("12-everything")
    await teams.press("Show", card=living)
    await teams.wait_for_text("Success: 1 person")
    await teams.screenshot("13-recipients-of-result", card=living)
    await teams.press("Back", card=living)
    await teams.press("Information", card=living)
    await teams.wait_for_text("one-to-one chat")
    await teams.screenshot("14-information", card=living)
