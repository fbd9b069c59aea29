"""Pause, resume and stop act at once and survive a restart; campaigns do not wait for each other.

To show that a held campaign sends nothing more, another campaign is sent after the press: it
completes while the held one has not moved. Tests compare order and counts, not times.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from campaigns.campaign import Status
from tests.fake_teams import FakeTeams, FakeUser, Slow
from tests.support.campaigns.staff import (
    MESSAGE,
    NAME,
    accounts,
    got,
    open_report,
    sends,
    staff,
    start,
    totals,
    until_nothing_is_in_flight,
    until_status,
)
from tests.support.chats.cards import counts, texts
from tests.support.chats.chat import Bot, Person, running, write
from tests.support.waiting import until

RATE = 100.0
AT_ONCE = 60
"""Sends that may be under way or claimed when a press is answered: about half a second's."""
MANY = 5_000
PROBE = "Fire drill"


@pytest.fixture
async def paced_bot(
    teams_service: FakeTeams, administrator: FakeUser, tmp_path: Path
) -> AsyncIterator[Bot]:
    async with running(
        teams_service, tmp_path / "store", admin=administrator, rate_per_second=RATE
    ) as bot:
        yield bot


@pytest.fixture
async def chief(teams_service: FakeTeams, paced_bot: Bot, administrator: FakeUser) -> Person:
    person = Person(teams_service, paced_bot, administrator)
    await person.installs()
    return person


async def send_to_a_few(admin: Person, few: list[FakeUser], name: str = PROBE) -> None:
    """Sends another campaign to a list of these people."""
    await write(admin, name=name, message=MESSAGE, audience="new")
    addresses = "\n".join(user.email for user in few)
    await admin.presses("Save list", name=name, addresses=addresses)
    await admin.presses("Use this list")
    await start(admin, len(few))


async def nothing_moves(fake: FakeTeams, bot: Bot, admin: Person, few: list[FakeUser]) -> None:
    """Asserts that the campaign stays where it is while another one is sent."""
    await until_nothing_is_in_flight(bot)
    before, counts_before = len(sends(fake)), await totals(bot)
    await send_to_a_few(admin, few)
    await until_status(bot, Status.COMPLETED, PROBE)
    assert len(got(fake, PROBE)) == len(few)
    assert (len(sends(fake)), await totals(bot)) == (before, counts_before)


async def test_pause_holds_everything_except_sends_under_way_and_survives_a_restart(
    teams_service: FakeTeams, administrator: FakeUser, tmp_path: Path
) -> None:
    folder = tmp_path / "store"
    async with running(teams_service, folder, admin=administrator, rate_per_second=RATE) as bot:
        admin = Person(teams_service, bot, administrator)
        await admin.installs()
        people = await staff(teams_service, bot, 300)
        await write(admin, name=NAME, message=MESSAGE)
        await start(admin, 301)
        await until(lambda: len(sends(teams_service)) > 20, "some sends")
        assert "Report · Paused" in texts(await admin.presses("Pause"))
        at_answer = len(sends(teams_service))
        held = admin.card
        await nothing_moves(teams_service, bot, admin, people[:10])
        paused_at = len(sends(teams_service))
        assert paused_at - at_answer <= AT_ONCE
        assert (await totals(bot)).ongoing == 301 - paused_at > 100

    async with running(teams_service, folder, admin=administrator, rate_per_second=RATE) as bot:
        admin = Person(teams_service, bot, administrator)
        admin.card = held
        assert "Report · Paused" in texts(await admin.presses("Refresh"))
        assert len(sends(teams_service)) == paused_at
        await admin.presses("Resume")
        await until_status(bot, Status.COMPLETED)
        assert got(teams_service) == accounts(*people, administrator)
        assert (await totals(bot)).success == 301


async def test_stop_cancels_unclaimed_deliveries_and_survives_a_restart(
    teams_service: FakeTeams, administrator: FakeUser, tmp_path: Path
) -> None:
    folder = tmp_path / "store"
    async with running(teams_service, folder, admin=administrator, rate_per_second=RATE) as bot:
        admin = Person(teams_service, bot, administrator)
        await admin.installs()
        people = await staff(teams_service, bot, 300)
        await write(admin, name=NAME, message=MESSAGE)
        await start(admin, 301)
        await until(lambda: len(sends(teams_service)) > 20, "some sends")
        await admin.presses("Stop")
        await admin.presses("Yes, stop it")
        at_answer = len(sends(teams_service))
        await until_status(bot, Status.STOPPED)
        sent = len(sends(teams_service))
        assert sent - at_answer <= AT_ONCE
        report = await open_report(admin)
        assert "Report · Stopped" in texts(report)
        assert counts(report) == {
            "Success": sent,
            "Error": 0,
            "Rescheduled": 0,
            "Ongoing": 0,
            "Cancelled": 301 - sent,
        }

    async with running(teams_service, folder, admin=administrator, rate_per_second=RATE) as bot:
        admin = Person(teams_service, bot, administrator)
        await nothing_moves(teams_service, bot, admin, people[:10])
        assert set(got(teams_service).values()) == {1}


async def test_sends_under_way_when_the_bot_ends_are_finished_and_the_rest_follows_after_a_restart(
    teams_service: FakeTeams, administrator: FakeUser, tmp_path: Path
) -> None:
    folder = tmp_path / "store"
    async with running(teams_service, folder, admin=administrator, rate_per_second=RATE) as bot:
        admin = Person(teams_service, bot, administrator)
        await admin.installs()
        people = await staff(teams_service, bot, 100)
        for user in people[:20]:
            teams_service.script(user.conversation_id, [Slow(0.3)])
        await write(admin, name=NAME, message=MESSAGE)
        await start(admin, 101)
        await until(lambda: len(sends(teams_service)) > 20, "some sends")
    async with running(teams_service, folder, admin=administrator, rate_per_second=RATE) as bot:
        await until_status(bot, Status.COMPLETED)
        assert (await totals(bot)).success == 101
    assert got(teams_service) == accounts(*people, administrator)


async def test_a_campaign_paused_at_its_very_end_completes_when_it_is_resumed(
    teams_service: FakeTeams, chief: Person, paced_bot: Bot, administrator: FakeUser
) -> None:
    await write(chief, name=NAME, message=MESSAGE)
    await chief.presses("Send now")
    teams_service.script(administrator.conversation_id, [Slow(0.3)])
    await chief.presses("Yes, send to 1 person")
    await until(lambda: sends(teams_service) or None, "the only send")
    await chief.presses("Pause")
    await until_nothing_is_in_flight(paced_bot)
    shown = await chief.presses("Refresh")
    assert "Report · Paused" in texts(shown)
    assert counts(shown)["Success"] == 1
    await chief.presses("Resume")
    await until_status(paced_bot, Status.COMPLETED)
    assert got(teams_service) == accounts(administrator)


async def test_a_small_campaign_does_not_wait_for_a_large_one_and_admins_are_answered(
    teams_service: FakeTeams, chief: Person, paced_bot: Bot
) -> None:
    few = await staff(teams_service, paced_bot, 10)
    await staff(teams_service, paced_bot, MANY - 11)
    await write(chief, name=NAME, message=MESSAGE)
    await start(chief, MANY)
    await until(lambda: len(sends(teams_service)) > 20, "some sends")
    turns = []
    for text in ("menu", "campaigns", "lists"):
        began = time.monotonic()
        await chief.says(text)
        turns.append(time.monotonic() - began)
    # Twenty times the promised 95th percentile: only a bot that stands still takes longer.
    assert max(turns) < 2.0

    pressed = len(teams_service.received)
    await send_to_a_few(chief, few)
    await until_status(paced_bot, Status.COMPLETED, PROBE)
    order = [
        (post.activity or {}).get("summary")
        for post in teams_service.received[pressed:]
        if post.call == "send"
    ]
    first = order.index(PROBE)
    last = max(index for index, name in enumerate(order) if name == PROBE)
    assert order[first : last + 1].count(PROBE) == 10
    # The campaigns take turns: about every other send belongs to the small one.
    assert last - first <= 40
    assert (await totals(paced_bot)).ongoing > MANY / 2

    await chief.says("campaigns")
    await chief.presses("Sending (1)")
    await chief.presses(f"Open {NAME}")
    await chief.presses("Stop")
    await chief.presses("Yes, stop it")
    await until_status(paced_bot, Status.STOPPED)
    ended = await totals(paced_bot)
    assert ended.success + ended.cancelled == ended.recipients == MANY
    assert ended.success == len(got(teams_service))


async def test_a_slow_tenant_does_not_slow_another(
    teams_service: FakeTeams, administrator: FakeUser, tmp_path: Path
) -> None:
    other = "bbbbbbbb-0000-4000-8000-000000000002"
    [foreign] = teams_service.add_users(1, tenant=other)
    async with running(
        teams_service,
        tmp_path / "store",
        admin=administrator,
        other_admins=[foreign],
        rate_per_second=RATE,
    ) as bot:
        first = Person(teams_service, bot, administrator)
        second = Person(teams_service, bot, foreign)
        await asyncio.gather(first.installs(), second.installs())
        slow = await staff(teams_service, bot, 299)
        quick = await staff(teams_service, bot, 99, tenant=other)
        for user in slow[:250]:
            teams_service.script(user.conversation_id, [Slow(1.0)])
        await write(first, name=NAME, message=MESSAGE)
        await write(second, name=PROBE, message=MESSAGE)
        await start(first, 300)
        await start(second, 100)
        await until_status(bot, Status.COMPLETED, PROBE, other)
        # Each tenant has the whole rate: the other one got about as many sends, not half.
        assert 50 <= len(sends(teams_service)) <= 200
        assert got(teams_service, PROBE) == accounts(*quick, foreign)
        await first.presses("Stop")
        await first.presses("Yes, stop it")
        await until_status(bot, Status.STOPPED)
        ended = await totals(bot)
        assert ended.success + ended.cancelled == 300
