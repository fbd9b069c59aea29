"""Sending at a later time: the form, the start, and changing or ending the plan."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from campaigns.campaign import Status
from tests.fake_teams import FakeTeams, FakeUser
from tests.support.campaigns.scheduling import errors, fact, schedule
from tests.support.campaigns.staff import (
    MESSAGE,
    NAME,
    accounts,
    campaign,
    got,
    sends,
    staff,
    until_status,
)
from tests.support.chats.cards import buttons, counts, shows, texts, value_of
from tests.support.chats.chat import Bot, Person, running, send, write
from tests.support.chats.clocks import MovedClock


async def test_a_scheduled_campaign_says_when_it_starts_and_is_sent_then(
    teams_service: FakeTeams, bot: Bot, author: Person, clock: MovedClock
) -> None:
    people = await staff(teams_service, bot, 5)
    local = await schedule(author, clock, timedelta(days=3))
    assert shows(author.card, "Campaign · Scheduled")
    day = f"{local:%A} {local.day} {local:%B}"
    assert fact(author, "Starts") == f"{day}, {local:%H:%M}, London; in 3 days"
    assert "Send now" in buttons(author.card)

    await author.presses("Back")
    assert "Scheduled (1)" in buttons(author.card)
    assert shows(author.card, f"{day}, {local:%H:%M}, London; in 3 days · 6 people")
    clock.move(3 * 86_400 - 60)
    assert (await campaign(bot)).status is Status.SCHEDULED
    assert not sends(teams_service)
    clock.move(120)
    sent = await until_status(bot, Status.COMPLETED)
    assert got(teams_service) == accounts(*people, author.user)
    assert sent.run.started_at is not None
    assert sent.schedule is not None
    await author.presses("Completed (0)")
    await author.presses(f"Open {NAME}")
    assert counts(author.card)["Success"] == 6


async def test_a_bot_that_was_down_starts_the_campaign_late_and_the_report_says_how_late(
    teams_service: FakeTeams, administrator: FakeUser, tmp_path: Path, clock: MovedClock
) -> None:
    folder = tmp_path / "store"
    async with running(teams_service, folder, admin=administrator, clock=clock) as bot:
        admin = Person(teams_service, bot, administrator)
        await admin.installs()
        await write(admin, name=NAME, message=MESSAGE)
        await schedule(admin, clock, timedelta(hours=1))
    clock.move(3 * 3600)
    for _ in range(2):
        async with running(teams_service, folder, admin=administrator, clock=clock) as bot:
            await until_status(bot, Status.COMPLETED)
            admin = Person(teams_service, bot, administrator)
            await admin.says("campaigns")
            await admin.presses("Completed (1)")
            await admin.presses(f"Open {NAME}")
            late = fact(admin, "Started").rpartition(", ")[2]
            assert late.startswith(("1 h 5", "2 h"))
            assert late.endswith(" late")
    assert got(teams_service) == accounts(administrator)


async def test_modify_asks_before_it_unschedules_and_the_draft_keeps_its_choices(
    teams_service: FakeTeams, bot: Bot, author: Person, clock: MovedClock
) -> None:
    await schedule(author, clock, timedelta(hours=1), night="true")
    scheduled = author.card
    await author.presses("Modify")
    assert shows(author.card, "Unschedule this campaign?")
    await author.presses("Yes, and modify it")
    assert shows(author.card, "Step 2 of 4")
    assert (await campaign(bot)).status is Status.DRAFT
    author.card = scheduled
    await author.presses("Unschedule")
    assert shows(author.card, "Campaign · Draft")
    await author.presses("Send later")
    assert value_of(author.card, "night") == "true"
    clock.move(2 * 3600)
    await author.says("campaigns")
    assert not sends(teams_service)


async def test_an_older_card_can_not_change_a_scheduled_campaign(
    bot: Bot, author: Person, clock: MovedClock
) -> None:
    draft = author.card
    await schedule(author, clock, timedelta(hours=1))
    author.card = draft
    await author.presses("Modify")
    assert shows(author.card, "This campaign is scheduled. Unschedule it before you change it.")
    assert shows(author.card, "Campaign · Scheduled")


async def test_a_scheduled_campaign_can_still_be_sent_now(
    teams_service: FakeTeams, bot: Bot, author: Person, clock: MovedClock
) -> None:
    await schedule(author, clock, timedelta(hours=1))
    await author.presses("Send now")
    assert shows(author.card, "in place of what was scheduled")
    await author.presses("Yes, send to 1 person")
    await until_status(bot, Status.COMPLETED)
    clock.move(2 * 3600)
    await author.says("menu")
    assert got(teams_service) == accounts(author.user)


BAD_STARTS = [
    (timedelta(minutes=-5), "⚠ This time has passed. Choose a later one."),
    (timedelta(days=6, minutes=1), "⚠ At most 6 days ahead: until "),
    (timedelta(days=-2), "⚠ This day is over. Choose today or a later day."),
]


@pytest.mark.parametrize(("ahead", "why"), BAD_STARTS)
async def test_a_start_in_the_past_or_too_far_ahead_is_refused(
    bot: Bot, author: Person, clock: MovedClock, ahead: timedelta, why: str
) -> None:
    await schedule(author, clock, ahead)
    [error] = errors(author)
    assert error.startswith(why)
    assert (await campaign(bot)).status is Status.DRAFT


async def test_six_days_ahead_are_not_too_many(bot: Bot, author: Person, clock: MovedClock) -> None:
    await schedule(author, clock, timedelta(days=6, minutes=-1))
    assert (await campaign(bot)).status is Status.SCHEDULED


async def test_campaigns_that_overlap_at_the_allowed_rate_are_marked(
    teams_service: FakeTeams, bot: Bot, author: Person, clock: MovedClock
) -> None:
    # They meet for more than a minute, also when a minute passes between the two forms.
    await staff(teams_service, bot, 7_000)
    await schedule(author, clock, timedelta(hours=2))
    await write(author, name="Fire drill", message=MESSAGE)
    await schedule(author, clock, timedelta(hours=2))
    await write(author, name="Much later", message=MESSAGE)
    await schedule(author, clock, timedelta(hours=5))
    await author.presses("Back")
    warned = [line for line in texts(author.card) if "⚠" in line]
    assert sorted(warned) == [
        "⚠ Meets “Fire drill” at the rate that Teams allows: both take longer.",
        f"⚠ Meets “{NAME}” at the rate that Teams allows: both take longer.",
    ]


async def test_pressing_schedule_twice_schedules_once(
    bot: Bot, author: Person, clock: MovedClock
) -> None:
    await author.presses("Send later")
    form = author.card
    await author.presses("Schedule")
    assert shows(author.card, "Campaign · Scheduled")
    author.card = form
    await author.presses("Schedule")
    assert shows(author.card, "This campaign is scheduled already. Unschedule it first.")


async def test_a_scheduled_campaign_that_is_deleted_does_not_start(
    teams_service: FakeTeams, bot: Bot, author: Person, clock: MovedClock
) -> None:
    await schedule(author, clock, timedelta(hours=1))
    await author.presses("Delete")
    await author.presses("Yes, delete it")
    assert "Scheduled (0)" in buttons(author.card)
    clock.move(2 * 3600)
    await write(author, name="Another", message=MESSAGE)
    await send(author)
    assert not sends(teams_service)
