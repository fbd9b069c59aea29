"""Sending later in a real client: a campaign scheduled two minutes ahead arrives by itself."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import pytest

from tests.support.chats.teams_page import TeamsPage


async def write(teams: TeamsPage, name: str = "Office closed on Friday") -> None:
    """Writes a draft that can be sent, and ends on its card."""
    await teams.say("new campaign")
    await teams.wait_for_text("Step 1 of 4")
    await teams.fill("Name", name)
    await teams.fill("Format", "Important: a red header, for what nobody should miss")
    await teams.press("Next")
    await teams.wait_for_text("Step 2 of 4")
    await teams.fill("Message", "Hello [FIRSTNAME], **the office is closed**.")
    await teams.press("Next: preview")
    await teams.wait_for_text("Step 3 of 4")
    await teams.press("Next: recipients")
    await teams.wait_for_text("Step 4 of 4")
    await teams.fill("Who gets this campaign?", "All users (1 person)")
    await teams.press("Next")
    await teams.wait_for_text("All users (1 person)")


@pytest.mark.timeout(300)
async def test_a_campaign_scheduled_two_minutes_ahead_arrives_and_is_reported(
    teams: TeamsPage,
) -> None:
    await write(teams)
    await teams.screenshot("schedule-01-draft")
    await teams.press("Send later")
    await teams.wait_for_text("To everyone at once.")
    await teams.screenshot("schedule-02-send-later")

    await teams.press("Over several days")
    await teams.wait_for_text("drawn at random")
    await teams.screenshot("schedule-03-over-days")
    await teams.fill("Days (1 to 30)", "31")
    await teams.fill("From", time(18))
    await teams.press("Schedule")
    await teams.wait_for_text("From 1 to 30 days.")
    await teams.screenshot("schedule-04-over-days-refused")
    await teams.press("Back")
    await teams.wait_for_text("To everyone at once.")
    await teams.press("Again and again")
    await teams.wait_for_text("Send every week")
    await teams.screenshot("schedule-05-weekly")
    await teams.press("Monthly instead")
    await teams.wait_for_text("Send every month")
    await teams.screenshot("schedule-06-monthly")
    await teams.press("Back")
    await teams.wait_for_text("To everyone at once.")

    # The time zone of the playground's person is not known, so the organisation's applies: UTC.
    start = datetime.now(UTC) + timedelta(minutes=2)
    await teams.fill("Day", start.date())
    await teams.fill("Time", start.time())
    await teams.fill("People get it", "Only while they are available")
    await teams.press("Schedule")
    await teams.wait_for_text("The bot may not see who is there.")
    await teams.screenshot("schedule-07-no-presence")
    await teams.press("Schedule anyway")
    await teams.wait_for_text("Campaign · Scheduled")
    await teams.screenshot("schedule-08-scheduled")
    await teams.press("Modify")
    await teams.wait_for_text("Unschedule this campaign?")
    await teams.screenshot("schedule-09-ask")
    await teams.press("Back")
    await teams.wait_for_text("Campaign · Scheduled")
    await teams.press("Back")
    await teams.wait_for_text("Scheduled (1)")
    await teams.screenshot("schedule-10-calendar")

    living = teams.cards().first
    await teams.messages().filter(has_text="the office is closed").last.wait_for(timeout=150_000)
    await teams.press("Completed (0)", card=living)
    await teams.press("Open", card=living)
    await teams.wait_for_text("Report · Completed")
    await teams.screenshot("schedule-11-report", card=living)
