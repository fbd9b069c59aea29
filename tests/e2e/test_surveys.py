"""A survey in a real client: written, sent and answered; its charts and its export."""

from __future__ import annotations

import re
from datetime import date

from tests.support.chats.teams_page import TeamsPage

TITLE = "How do you like the new office?"


async def add_question(
    teams: TeamsPage, first: bool, kind: str, text: str, **fields: object
) -> None:
    await teams.fill("The first question" if first else "Another question", kind)
    await teams.press("Add a question")
    await teams.fill("Question", text)
    for label, value in fields.items():
        assert isinstance(value, str | bool)
        await teams.fill(_LABELS[label], value)
    await teams.screenshot(f"70-form-{re.sub('[^a-z]+', '-', kind.lower())}")
    await teams.press("Save question")
    await teams.wait_for_text(text)


_LABELS = {
    "choices": "Choices, one per line",
    "other": "Offer “Other”, with a field to say what",
    "required": "Everybody must answer this",
    "low": "Smallest number",
    "high": "Largest number",
    "lines": "Several lines",
    "help": "Help line",
}


async def test_a_survey_with_a_question_of_every_kind(teams: TeamsPage) -> None:
    await teams.say("surveys")
    await teams.wait_for_text("There are no surveys yet.")
    await teams.screenshot("60-no-surveys")
    await teams.press("New survey")
    await teams.fill("Title", TITLE)
    await teams.fill("Introduction", "Eight questions; it takes a minute.")
    await teams.screenshot("61-new-survey")
    await teams.press("Save")
    await teams.wait_for_text("There are no questions yet.")
    await add_question(
        teams,
        True,
        "Single choice",
        "Which floor are you on?",
        choices="First\nSecond\nThird",
        required=True,
    )
    await add_question(
        teams, False, "Multiple choice", "What is missing?", choices="Plants\nQuiet", other=True
    )
    await add_question(teams, False, "Yes or no", "Do you have a desk of your own?")
    await add_question(teams, False, "Rating (1 to 5)", "How is the coffee?", required=True)
    await add_question(
        teams, False, "Recommendation (0 to 10, NPS)", "Would you recommend working here?"
    )
    await add_question(
        teams, False, "Number", "How many days a week do you come?", low="0", high="5"
    )
    await add_question(teams, False, "Date", "When did you move in?")
    await add_question(
        teams, False, "Free text", "Anything else?", lines=True, help="As much as you like"
    )
    living = teams.cards().first
    await teams.screenshot("62-survey", card=living)
    await teams.fill("Change a question", "8. Anything else?")
    await teams.press("Move up")
    await teams.press("Move down")
    await teams.press("Delete")
    await teams.wait_for_text("Delete this question?")
    await teams.press("Back")
    await teams.press("Settings")
    await teams.fill("Who sees the results", "Those who have answered")
    await teams.screenshot("63-settings", card=living)
    await teams.press("Save settings")
    await teams.press("Preview")
    await teams.wait_for_text("This is what people receive:")
    await teams.screenshot("64-preview", card=living)
    await teams.press("Back")
    await teams.press("Back")
    await teams.wait_for_text("8 questions · named")
    await teams.screenshot("65-surveys", card=living)

    await teams.say("new campaign")
    await teams.wait_for_text("Step 1 of 4")
    await teams.fill("Name", "Office survey")
    await teams.fill("Format", "Survey: questions that people answer right in the message")
    await teams.press("Next")
    await teams.screenshot("66-choose")
    await teams.press("Choose a survey")
    await teams.press("Use")
    await teams.fill("Message", "Dear colleagues, **please answer** until Friday.")
    await teams.screenshot("67-content")
    await teams.press("Next: preview")
    await teams.press("Next: recipients")
    await teams.fill("Who gets this campaign?", "All users (1 person)")
    await teams.press("Next")
    await teams.press("Send now")
    await teams.press("Yes, send to 1 person")
    asked = teams.newest_card()
    await teams.wait_for_text("Send my answers")
    await teams.screenshot("68-asked", card=asked)

    await teams.fill("1. Which floor are you on?", "Second", card=asked)
    await teams.fill("2. What is missing?", ["Plants", "Quiet"], card=asked)
    await teams.fill("3. Do you have a desk of your own?", "Yes", card=asked)
    await teams.fill("4. How is the coffee?", "4 ★★★★", card=asked)
    await teams.fill("5. Would you recommend working here?", "9", card=asked)
    await teams.fill("6. How many days a week do you come?", 3, card=asked)
    await teams.fill("7. When did you move in?", date(2026, 3, 2), card=asked)
    await teams.fill("8. Anything else?", "Thank you for asking.", card=asked)
    await teams.screenshot("71-filled", card=asked)
    await teams.fill("2. What is missing?", ["Other"], card=asked)
    await teams.press("Send my answers", card=asked)
    await teams.wait_for_text("please say what")
    await teams.screenshot("71-mistake", card=asked)
    await teams.fill("2. What is missing?", ["Plants", "Quiet"], card=asked)
    await teams.press("Send my answers", card=asked)
    await teams.wait_for_text("Your answers:")
    await teams.screenshot("72-thanks", card=asked)
    await teams.press("Change my answers", card=asked)
    await teams.fill("1. Which floor are you on?", "Third", card=asked)
    await teams.press("Send my answers", card=asked)
    await teams.press("Results", card=asked)
    await teams.screenshot("73-results-for-all", card=asked)

    await teams.say("campaigns")
    await teams.press("Completed (1)")
    await teams.press("Open")
    await teams.wait_for_text("Report · Completed")
    await teams.press("Results")
    await teams.wait_for_text("answered (100 %)")
    results = teams.newest_card()
    await teams.screenshot("74-results", card=results)
    await teams.press("More questions", card=results)
    await teams.wait_for_text("NPS")
    await teams.screenshot("75-results-2", card=results)
    await teams.press("Read 1 text", card=results)
    await teams.screenshot("76-texts", card=results)
    await teams.press("Back", card=results)
    await teams.press("Export", card=results)
    await teams.wait_for_text("A table with a row for each of 1 response")
    await teams.screenshot("77-export", card=results)
    await teams.press("Back to the results", card=results)
    await teams.press("Share results", card=results)
    await teams.wait_for_text("These are the results as they are now.")
    await teams.screenshot("78-shared", card=results)
