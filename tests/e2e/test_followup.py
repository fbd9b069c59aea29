"""Correcting and recalling a sent message in a real client."""

from __future__ import annotations

from tests.support.chats.teams_page import TeamsPage


async def test_a_message_is_corrected_in_place_and_a_failed_recall_says_so(
    teams: TeamsPage,
) -> None:
    await teams.say("new campaign")
    await teams.wait_for_text("Step 1 of 4")
    await teams.fill("Name", "Office closed")
    await teams.fill("Format", "Important: a red header, for what nobody should miss")
    await teams.press("Next")
    await teams.fill("Message", "Hello [FIRSTNAME], the office is closed on **Friday**.")
    await teams.press("Next: preview")
    await teams.press("Next: recipients")
    await teams.fill("Who gets this campaign?", "All users (1 person)")
    await teams.press("Next")
    living = teams.cards().first
    await teams.press("Send now", card=living)
    await teams.press("Yes, send to 1 person", card=living)
    received = teams.cards().nth(1)
    await received.get_by_text("Hello Alex, the office is closed on Friday.").wait_for()
    await teams.wait_for_text("· Completed")

    await teams.press("Follow up", card=living)
    await teams.wait_for_text("1 person has this message")
    await teams.screenshot("followup-01-offered", card=living)
    await teams.press("Correct", card=living)
    await teams.wait_for_text("Correction · Message")
    await teams.screenshot("followup-02-correct", card=living)
    await teams.fill("Message", "Hello [FIRSTNAME], the office is closed on **Monday**.")
    await teams.press("Next: preview", card=living)
    await teams.wait_for_text("Correction · Preview")
    await teams.screenshot("followup-03-preview", card=living)
    await teams.press("Done", card=living)
    await teams.wait_for_text("Everyone who has the message (1 person)")
    await teams.screenshot("followup-04-draft", card=living)
    await teams.press("Correct it for everyone", card=living)
    await teams.wait_for_text("Correct it for 1 person?")
    await teams.screenshot("followup-05-confirm", card=living)
    await teams.press("Yes, correct it for 1 person", card=living)
    await received.get_by_text("Hello Alex, the office is closed on Monday.").wait_for()
    await received.get_by_text("Edited").wait_for()
    await teams.wait_for_text("Report · Correction · Completed")
    await teams.screenshot("followup-06-corrected")

    await teams.press("Back", card=living)
    await teams.wait_for_text("Correction · 1 person")
    await teams.screenshot("followup-07-shelf", card=living)
    await living.get_by_title("Open Office closed").click()
    await teams.wait_for_text("Clone")
    await teams.press("Information", card=living)
    await teams.wait_for_text("This is the corrected one:")
    await teams.screenshot("followup-11-information", card=living)
    await teams.press("Back to the report", card=living)
    await teams.press("Follow up", card=living)
    await teams.wait_for_text("Back to the report")
    await teams.screenshot("followup-08-history", card=living)
    await teams.press("Recall", card=living)
    await teams.wait_for_text("This can't be undone.")
    await teams.screenshot("followup-09-recall", card=living)
    await teams.press("Yes, recall it from 1 person", card=living)
    # The playground has no call to delete a message, and answers that it has none.
    await teams.wait_for_text("Report · Recall · Completed")
    await teams.wait_for_text("1 (100 %)")
    await teams.screenshot("followup-10-recalled", card=living)

    await teams.press("Back", card=living)
    await living.get_by_title("Open Office closed", exact=True).click()
    await teams.wait_for_text("Clone")
    await teams.press("Follow up", card=living)
    await teams.press("Send to newcomers", card=living)
    await teams.wait_for_text("Send a recalled message to newcomers?")
    await teams.screenshot("followup-12-newcomers-of-recalled", card=living)
