"""Sending to people while they are there."""

from __future__ import annotations

from datetime import timedelta

from campaigns.campaign import Status
from tests.fake_teams import FakeTeams
from tests.support.campaigns.scheduling import fact, schedule
from tests.support.campaigns.staff import NAME, accounts, campaign, got, sends, staff, until_status
from tests.support.chats.cards import shows
from tests.support.chats.chat import Bot, Person, recipients_with
from tests.support.chats.clocks import MovedClock
from tests.support.waiting import until, until_stored


async def test_people_who_are_there_get_it_and_absent_ones_are_reported_in_the_end(
    teams_service: FakeTeams, bot: Bot, author: Person, clock: MovedClock
) -> None:
    people = await staff(teams_service, bot, 20)
    away = {person.id for person in people[:5]}
    teams_service.graph.presences = lambda user: "Offline" if user in away else "Available"
    await schedule(author, clock, timedelta(minutes=2), rule="there")
    assert fact(author, "People get it") == "while they are available, away or busy"
    clock.move(200)
    await until(lambda: len(sends(teams_service)) == 16, "those who are there")
    assert [len(ids) for ids in teams_service.graph.looked_for[1:]] == [21]
    key = (await campaign(bot)).key
    assert (await bot.store.ledger.counts(key)).rescheduled == 5
    await author.says("campaigns")
    await author.presses("Sending (1)")
    await author.presses(f"Open {NAME}")
    waiting = await recipients_with(author, "rescheduled")
    assert all("not there 1 time" in line for line in waiting.values())
    assert len(waiting) == 5

    # Three days of looks, one after the other.
    async def over() -> bool:
        clock.move(600)
        return (await campaign(bot)).status is Status.COMPLETED

    await until_stored(over, "the end of the looks", within=60.0)
    await author.presses("Refresh")
    absent = await recipients_with(author, "error")
    assert set(absent) == {person.email for person in people[:5]}
    assert all(line.startswith("absent at every attempt") for line in absent.values())
    assert got(teams_service) == accounts(*people[5:], author.user)


async def test_without_permission_to_see_presence_the_author_is_warned_and_may_go_on(
    teams_service: FakeTeams, bot: Bot, author: Person, clock: MovedClock
) -> None:
    await schedule(author, clock, timedelta(minutes=2), rule="available")
    assert shows(author.card, "The bot may not see who is there.")
    assert shows(author.card, "Until then everyone gets it whether they are there or not.")
    await author.presses("Schedule anyway")
    assert shows(author.card, "Campaign · Scheduled")
    clock.move(200)
    await until_status(bot, Status.COMPLETED)
    assert got(teams_service) == accounts(author.user)
