"""Distribution lists, drafts and clones in a real client."""

from __future__ import annotations

from tests.support.chats.teams_page import TeamsPage


async def test_a_list_is_made_while_recipients_are_chosen(teams: TeamsPage) -> None:
    await teams.say("new campaign")
    await teams.wait_for_text("Step 1 of 4")
    await teams.fill("Name", "Idea of the month")
    await teams.fill("Format", "Idea: a light bulb, for suggestions and tips")
    await teams.press("Next")
    await teams.fill("Message", "What would you change, [FULLNAME]?")
    await teams.press("Next: preview")
    await teams.wait_for_text("What would you change, Alex Wilber?")
    await teams.screenshot("20-idea")
    await teams.press("Next: recipients")
    await teams.fill("Who gets this campaign?", "A new distribution list")
    await teams.press("Next")
    await teams.wait_for_text("New distribution list")
    await teams.press("Save list")
    await teams.wait_for_text("Give the list a name.")
    await teams.screenshot("21-list-refused")
    await teams.fill("Name", "Pilot group")
    await teams.fill(
        "E-mail addresses",
        "Alex Wilber <AlexW@example.com>; meganb@example.com, alexw@example.com\nnot an address",
    )
    await teams.press("Save list")
    await teams.wait_for_text("Saved with 2 addresses.")
    await teams.screenshot("22-list")
    await teams.press("Use this list")
    await teams.wait_for_text("Pilot group (1 person, 1 left out)")
    await teams.screenshot("23-campaign-with-list")
    await teams.press("Send now")
    await teams.wait_for_text("1 person on the list can't be reached")
    await teams.screenshot("24-confirm-with-list")
    await teams.press("Yes, send to 1 person")
    living = teams.cards().first
    await teams.wait_for_text("Report · Completed")
    await teams.wait_for_text("Skipped")
    await teams.screenshot("25-report-with-list", card=living)

    await teams.press("Clone", card=living)
    await teams.screenshot("26-clone", card=living)
    await teams.fill("Name of the new campaign", "Idea of December")
    await teams.press("Clone", card=living)
    await teams.wait_for_text("This is the clone of")
    await teams.press("Back", card=living)
    await teams.wait_for_text("Drafts (1)")
    await teams.screenshot("27-campaigns", card=living)
    await teams.press("Open", card=living)
    await teams.press("Delete", card=living)
    await teams.wait_for_text("Delete this campaign?")
    await teams.screenshot("28-delete", card=living)
    await teams.press("Yes, delete it", card=living)
    await teams.wait_for_text("There are no drafts.")
    await teams.press("Back", card=living)
    await teams.press("Distribution lists", card=living)
    await teams.wait_for_text("Pilot group")
    await teams.screenshot("29-lists", card=living)
    await teams.say("what?")
    await teams.wait_for_text("I did not understand that.")
    await teams.screenshot("30-not-understood")
    await teams.say("help")
    await teams.wait_for_text("How this works")
    await teams.screenshot("31-help", card=teams.newest_card())
