"""A campaign to several people in a real client, watched while it is sent."""

from __future__ import annotations

import pytest

from playground import bot as local_bot
from playground import colleagues
from playground.process import Child
from tests.support.chats.teams_page import TeamsPage


@pytest.fixture
def rate_per_second() -> float:
    """Slow enough to see the card change."""
    return 1.0


async def test_the_card_shows_the_progress_of_sending_and_becomes_the_report(
    teams: TeamsPage, bot_port: int, playground_url: str
) -> None:
    await colleagues.install(local_bot.endpoint(bot_port), playground_url)
    await teams.say("new campaign")
    await teams.wait_for_text("Step 1 of 4")
    await teams.fill("Name", "We did it")
    await teams.fill("Format", "Success: a trophy, for good news and thanks")
    await teams.press("Next")
    await teams.fill("Message", "Thank you, [FIRSTNAME]!")
    await teams.press("Next: preview")
    await teams.press("Next: recipients")
    await teams.fill("Who gets this campaign?", "All users (6 people)")
    await teams.press("Next")
    await teams.press("Send now")
    await teams.screenshot("40-confirm-six")
    await teams.press("Yes, send to 6 people")
    living = teams.cards().first
    await teams.wait_for_text("Report · Sending")
    await teams.wait_for_text("of 6")
    await teams.press("Pause", card=living)
    await teams.wait_for_text("Report · Paused")
    await teams.screenshot("41-paused", card=living)
    await teams.press("Resume", card=living)
    await teams.wait_for_text("Report · Sending")
    await teams.screenshot("42-sending", card=living)
    await teams.wait_for_text("Report · Completed")
    await teams.wait_for_text("6 (100 %)")
    await teams.wait_for_card("Thank you, Alex!")
    await teams.screenshot("43-completed")


async def test_after_a_start_with_everything_paused_the_report_says_so_and_goes_on_by_a_press(
    teams: TeamsPage,
    bot: Child,
    bot_port: int,
    playground_url: str,
    store: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    await colleagues.install(local_bot.endpoint(bot_port), playground_url)
    await teams.say("new campaign")
    await teams.wait_for_text("Step 1 of 4")
    await teams.fill("Name", "We did it")
    await teams.fill("Format", "Success: a trophy, for good news and thanks")
    await teams.press("Next")
    await teams.fill("Message", "Thank you, [FIRSTNAME]!")
    await teams.press("Next: preview")
    await teams.press("Next: recipients")
    await teams.fill("Who gets this campaign?", "All users (6 people)")
    await teams.press("Next")
    await teams.press("Send now")
    await teams.press("Yes, send to 6 people")
    await teams.wait_for_text("Report · Sending")
    await bot.stop()
    monkeypatch.setenv("START_PAUSED", "on")
    again = await local_bot.start(bot_port, store=store)
    try:
        await teams.press("Refresh", card=teams.cards().first)
        await teams.wait_for_text("The bot was started with everything paused")
        await teams.screenshot("44-started-paused")
        await teams.press("Resume", card=teams.cards().first)
        await teams.wait_for_text("Report · Completed")
        await teams.wait_for_text("6 (100 %)")
        await teams.screenshot("45-gone-on")
    finally:
        await again.stop()
