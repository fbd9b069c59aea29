"""Sending repeatedly: a weekly or monthly series."""

from __future__ import annotations

from tests.fake_teams import FakeTeams
from tests.support.campaigns.scheduling import errors, fact
from tests.support.campaigns.staff import NAME, sends
from tests.support.chats.cards import buttons, shows
from tests.support.chats.chat import Bot, Person
from tests.support.chats.clocks import MovedClock
from tests.support.waiting import until


async def test_a_series_is_scheduled_again_by_itself_until_it_is_ended(
    teams_service: FakeTeams, bot: Bot, author: Person, clock: MovedClock
) -> None:
    await author.presses("Send later")
    await author.presses("Again and again")
    await author.presses("Schedule", weekdays="0,2,4", time="09:00")
    assert fact(author, "Repeats").startswith("every week on Monday, Wednesday and Friday at 09:00")
    clock.move(8 * 86_400)
    await until(lambda: len(sends(teams_service)) == 1, "the first occurrence")
    await author.says("campaigns")
    await author.presses("Scheduled (1)")
    await author.presses(f"Open {NAME}")
    await author.presses("End the series")
    assert shows(author.card, "End this series?")
    await author.presses("Yes, make it a draft")
    assert shows(author.card, "Campaign · Draft")
    clock.move(30 * 86_400)
    await author.says("campaigns")
    assert "Scheduled (0)" in buttons(author.card)
    assert len(sends(teams_service)) == 1


async def test_monthly_days_are_typed_and_checked(author: Person) -> None:
    await author.presses("Send later")
    await author.presses("Again and again")
    await author.presses("Monthly instead")
    await author.presses("Schedule", month_days="32", time="09:00")
    assert errors(author) == ["⚠ Days of a month are from 1 to 31."]
    await author.presses("Schedule", month_days="first", time="09:00")
    assert errors(author) == ["⚠ Type days of the month, such as 1, 15."]
    await author.presses("Schedule", month_days="15, 31", time="09:00", times="2")
    assert fact(author, "Repeats").startswith("every month on the 15th and the last day at 09:00")
    assert fact(author, "Repeats").endswith("; 2 times in all")
