"""Sending later as people see it: forms, what is refused, calendar, start and report."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from campaigns.campaign import Campaign, Status
from tests.fake_teams import FakeTeams, FakeUser
from tests.support.chat import (
    Bot,
    Person,
    buttons,
    counts,
    recipients_with,
    running,
    send,
    texts,
    until,
    until_stored,
    value_of,
    write,
)
from tests.support.staff import MovedClock, accounts, campaign, got, sends, staff, until_status

NAME = "Office closed on Friday"
LONDON = ZoneInfo("Europe/London")
"""By whose clocks the fake's people go."""
MESSAGE = "Hello [FIRSTNAME], the office is closed."


@pytest.fixture
def clock() -> MovedClock:
    return MovedClock()


@pytest.fixture
async def bot(
    teams_service: FakeTeams, administrator: FakeUser, tmp_path: Path, clock: MovedClock
) -> AsyncIterator[Bot]:
    async with running(
        teams_service, tmp_path / "store", admin=administrator, clock=clock, rate_per_second=50.0
    ) as bot:
        yield bot


@pytest.fixture
async def author(teams_service: FakeTeams, bot: Bot, administrator: FakeUser) -> Person:
    """The admin, with a draft that can be sent before them."""
    person = Person(teams_service, bot, administrator)
    await person.installs()
    await write(person, name=NAME, message=MESSAGE)
    return person


async def schedule(admin: Person, clock: MovedClock, ahead: timedelta, **typed: str) -> datetime:
    """Fills in the form for a start so far ahead (whole minutes up) and presses *Schedule*."""
    await admin.presses("Send later")
    local = (clock.now() + ahead).astimezone(LONDON)
    if ahead > timedelta():
        local = (local + timedelta(seconds=59)).replace(second=0, microsecond=0)
    await admin.presses("Schedule", day=f"{local:%Y-%m-%d}", time=f"{local:%H:%M}", **typed)
    return local


async def present(bot: Bot) -> Campaign:
    return await campaign(bot, NAME)


def fact(admin: Person, title: str) -> str:
    [line] = [line for line in texts(admin.card) if line.startswith(f"{title}: ")]
    return line.partition(": ")[2]


def errors(admin: Person) -> list[str]:
    return [line for line in texts(admin.card) if line.startswith("⚠")]


def says(admin: Person, words: str) -> bool:
    return any(words in line for line in texts(admin.card))


async def test_scheduled_it_says_when_in_words_and_is_sent_at_that_time(
    teams_service: FakeTeams, bot: Bot, author: Person, clock: MovedClock
) -> None:
    people = await staff(teams_service, bot, 5)
    local = await schedule(author, clock, timedelta(days=3))
    assert says(author, "Campaign · Scheduled")
    day = f"{local:%A} {local.day} {local:%B}"
    assert fact(author, "Starts") == f"{day}, {local:%H:%M}, London; in 3 days"
    assert "Send now" in buttons(author.card)

    await author.presses("Back")
    assert "Scheduled (1)" in buttons(author.card)
    assert says(author, f"{day}, {local:%H:%M}, London; in 3 days · 6 people")
    clock.move(3 * 86_400 - 60)
    assert (await present(bot)).status is Status.SCHEDULED
    assert not sends(teams_service)
    clock.move(120)
    sent = await until_status(bot, Status.COMPLETED)
    assert got(teams_service) == accounts(*people, author.user)
    assert sent.run.started_at is not None
    assert sent.schedule is not None
    await author.presses("Completed (0)")
    await author.presses(f"Open {NAME}")
    assert counts(author.card)["Success"] == 6


async def test_a_bot_that_was_down_starts_it_late_and_the_report_says_how_late(
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


async def test_unscheduled_it_is_a_draft_with_what_was_chosen_and_modify_asks_first(
    teams_service: FakeTeams, bot: Bot, author: Person, clock: MovedClock
) -> None:
    await schedule(author, clock, timedelta(hours=1), night="true")
    scheduled = author.card
    await author.presses("Modify")
    assert says(author, "Unschedule this campaign?")
    await author.presses("Yes, and modify it")
    assert says(author, "Step 2 of 4")
    assert (await present(bot)).status is Status.DRAFT
    author.card = scheduled
    await author.presses("Unschedule")
    assert says(author, "Campaign · Draft")
    await author.presses("Send later")
    assert value_of(author.card, "night") == "true"
    clock.move(2 * 3600)
    await author.says("campaigns")
    assert not sends(teams_service)


async def test_what_is_scheduled_cant_be_changed_by_a_card_from_before(
    bot: Bot, author: Person, clock: MovedClock
) -> None:
    draft = author.card
    await schedule(author, clock, timedelta(hours=1))
    author.card = draft
    await author.presses("Modify")
    assert says(author, "This campaign is scheduled. Unschedule it before you change it.")
    assert says(author, "Campaign · Scheduled")


async def test_scheduled_it_can_still_be_sent_now(
    teams_service: FakeTeams, bot: Bot, author: Person, clock: MovedClock
) -> None:
    await schedule(author, clock, timedelta(hours=1))
    await author.presses("Send now")
    assert says(author, "in place of what was scheduled")
    await author.presses("Yes, send to 1 person")
    await until_status(bot, Status.COMPLETED)
    clock.move(2 * 3600)
    await author.says("menu")
    assert got(teams_service) == accounts(author.user)


SOON = [
    (timedelta(minutes=-5), "⚠ This time has passed. Choose a later one."),
    (timedelta(days=6, minutes=1), "⚠ At most 6 days ahead: until "),
    (timedelta(days=-2), "⚠ This day is over. Choose today or a later day."),
]


@pytest.mark.parametrize(("ahead", "said"), SOON)
async def test_a_start_in_the_past_or_too_far_ahead_is_refused(
    bot: Bot, author: Person, clock: MovedClock, ahead: timedelta, said: str
) -> None:
    await schedule(author, clock, ahead)
    [error] = errors(author)
    assert error.startswith(said)
    assert (await present(bot)).status is Status.DRAFT


async def test_six_days_ahead_are_not_too_many(bot: Bot, author: Person, clock: MovedClock) -> None:
    await schedule(author, clock, timedelta(days=6, minutes=-1))
    assert (await present(bot)).status is Status.SCHEDULED


BAD_WINDOWS = [
    ({"days": "0"}, "⚠ From 1 to 30 days."),
    ({"days": "31"}, "⚠ From 1 to 30 days."),
    ({"days": "three"}, "⚠ A whole number from 1 to 30."),
    ({"opens": "17:00", "closes": "09:00"}, "⚠ This has to be later than the hour before it."),
    ({"opens": ""}, "⚠ Choose a time."),
    ({"weekdays": ""}, "⚠ Choose at least one day."),
    ({"country": "XX"}, "⚠ The public holidays of this country are not known."),
    ({"zone": "Europe/Nowhere"}, "⚠ Choose one of these."),
    ({"first_day": "2020-01-01"}, "⚠ This day is over. Choose today or a later day."),
    ({"first_day": "2099-01-01"}, "⚠ At most 6 days ahead: "),
]


@pytest.mark.parametrize(("typed", "said"), BAD_WINDOWS)
async def test_a_bad_window_is_refused_beside_its_field_and_kept(
    bot: Bot, author: Person, typed: dict[str, str], said: str
) -> None:
    await author.presses("Send later")
    await author.presses("Over several days")
    author.card = _cleared(author.card, typed)
    await author.presses("Schedule", **typed)
    [error] = errors(author)
    assert error.startswith(said)
    assert (await present(bot)).status is Status.DRAFT


def _cleared(card: dict[str, object], typed: dict[str, str]) -> dict[str, object]:
    """The card with nothing in the fields that are left empty: the client sends none of them."""

    def without(value: object) -> object:
        if isinstance(value, dict):
            emptied = typed.get(str(value.get("id"))) == ""
            return {
                key: without(item)
                for key, item in value.items()
                if not (emptied and key == "value")
            }
        return [without(item) for item in value] if isinstance(value, list) else value

    cleared = without(card)
    assert isinstance(cleared, dict)
    return cleared


async def test_over_days_it_is_spread_and_says_so(
    teams_service: FakeTeams, bot: Bot, author: Person, clock: MovedClock
) -> None:
    await staff(teams_service, bot, 200)
    await author.presses("Send later")
    await author.presses("Over several days")
    await author.presses(
        "Schedule",
        days="3",
        opens="00:00",
        closes="23:59",
        weekdays="0,1,2,3,4,5,6",
        country="FR",
        zone="own",
    )
    spread = fact(author, "Spread over")
    assert "every day, 00:00 to 23:59, in each recipient's own time zone" in spread
    assert spread.endswith("without the public holidays of France")
    clock.move(5 * 86_400)
    # All of them are due at once by now, and too late: their days are over.
    done = await until_status(bot, Status.COMPLETED)
    tally = await bot.store.ledger.counts(done.key)
    assert (tally.success, tally.error) == (0, 0)
    assert tally.skipped == 201


async def test_a_window_too_short_for_its_audience_is_said_with_the_figure(
    teams_service: FakeTeams, bot: Bot, author: Person
) -> None:
    await staff(teams_service, bot, 3_200)
    await author.presses("Send later")
    await author.presses("Over several days")
    typed = {"days": "1", "opens": "09:00", "closes": "09:01", "weekdays": "0,1,2,3,4,5,6"}
    await author.presses("Schedule", **typed)
    assert says(author, "3,201 people at 50 per second take 5 seconds longer than that.")
    await author.presses("Schedule anyway", **typed)
    assert says(author, "Campaign · Scheduled")


async def test_who_is_there_gets_it_and_who_is_not_is_reported_in_the_end(
    teams_service: FakeTeams, bot: Bot, author: Person, clock: MovedClock
) -> None:
    people = await staff(teams_service, bot, 20)
    away = {of.id for of in people[:5]}
    teams_service.graph.presences = lambda of: "Offline" if of in away else "Available"
    await schedule(author, clock, timedelta(minutes=2), rule="there")
    assert fact(author, "People get it") == "while they are available, away or busy"
    clock.move(200)
    await until(lambda: len(sends(teams_service)) == 16, "those who are there")
    assert [len(ids) for ids in teams_service.graph.looked_for[1:]] == [21]
    key = (await present(bot)).key
    assert (await bot.store.ledger.counts(key)).rescheduled == 5
    await author.says("campaigns")
    await author.presses("Sending (1)")
    await author.presses(f"Open {NAME}")
    waiting = await recipients_with(author, "rescheduled")
    assert all("not there 1 time" in said for said in waiting.values())
    assert len(waiting) == 5

    # Three days of looks, one after the other.
    async def over() -> bool:
        clock.move(600)
        return (await present(bot)).status is Status.COMPLETED

    await until_stored(over, "the end of the looks", within=60.0)
    await author.presses("Refresh")
    absent = await recipients_with(author, "error")
    assert set(absent) == {of.email for of in people[:5]}
    assert all(said.startswith("absent at every attempt") for said in absent.values())
    assert got(teams_service) == accounts(*people[5:], author.user)


async def test_without_permission_the_author_is_told_and_may_go_on(
    teams_service: FakeTeams, bot: Bot, author: Person, clock: MovedClock
) -> None:
    await schedule(author, clock, timedelta(minutes=2), rule="available")
    assert says(author, "The bot may not see who is there.")
    assert says(author, "Until then everyone gets it whether they are there or not.")
    await author.presses("Schedule anyway")
    assert says(author, "Campaign · Scheduled")
    clock.move(200)
    await until_status(bot, Status.COMPLETED)
    assert got(teams_service) == accounts(author.user)


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
    assert says(author, "End this series?")
    await author.presses("Yes, make it a draft")
    assert says(author, "Campaign · Draft")
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


async def test_two_that_would_meet_at_the_rate_limit_are_marked(
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


async def test_pressed_twice_it_is_scheduled_once(
    bot: Bot, author: Person, clock: MovedClock
) -> None:
    await author.presses("Send later")
    form = author.card
    await author.presses("Schedule")
    assert says(author, "Campaign · Scheduled")
    author.card = form
    await author.presses("Schedule")
    assert says(author, "This campaign is scheduled already. Unschedule it first.")


async def test_what_is_scheduled_can_be_deleted_and_does_not_start(
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
