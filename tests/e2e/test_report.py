"""Feedback in a real client: a followed link, a confirmation, and the report."""

from __future__ import annotations

from tests.support.chats.teams_page import TeamsPage


async def test_a_click_and_a_confirmation_are_in_the_report(
    teams: TeamsPage, bot_port: int
) -> None:
    page = teams.page
    # The browser reaches the bot, but not the addresses that its links lead to.
    await page.context.route(f"http://127.0.0.1:{bot_port}/**", lambda route: route.continue_())
    await teams.say("new campaign")
    await teams.wait_for_text("Step 1 of 4")
    await teams.fill("Name", "Fire drill")
    await teams.fill("Format", "Important: a red header, for what nobody should miss")
    await teams.press("Next")
    await teams.fill("Message", "[FIRSTNAME], read [the plan](https://example.com/plan).")
    await teams.press("Next: preview")
    await teams.press("Next: recipients")
    await teams.fill("Who gets this campaign?", "All users (1 person)")
    await teams.press("Next")
    living = teams.cards().first
    await teams.press("Ask for confirmation", card=living)
    await teams.wait_for_text("asked for: “I have read this”")
    await teams.screenshot("60-asking", card=living)
    await teams.press("Send now", card=living)
    await teams.press("Yes, send to 1 person", card=living)
    await teams.wait_for_text("Report · Completed")

    message = teams.cards().filter(has_text="Alex, read").last
    await message.wait_for()
    await teams.screenshot("61-to-confirm", card=message)
    link = message.get_by_role("link", name="the plan")
    async with page.context.expect_page() as tab:
        await link.click()
    await (await tab.value).close()
    await teams.press("I have read this", card=message)
    await teams.wait_for_text("✓ You have confirmed that you have read this.")
    await teams.screenshot("62-confirmed", card=teams.cards().filter(has_text="Alex, read").last)

    living = teams.cards().first
    while "1 click" not in await living.inner_text():
        await teams.press("Refresh", card=living)
    await teams.wait_for_text("Confirmed")
    await teams.screenshot("63-report", card=living)
    await teams.press("Export", card=living)
    await teams.wait_for_text("The links work for 15 minutes")
    await teams.screenshot("64-export", card=living)
    await teams.press("Back to the report", card=living)
    await teams.press("Information", card=living)
    await teams.wait_for_text("1 link measured")
