"""A campaign pauses by itself when something is wrong with us or with Teams, its author is told,
and nobody is lost for it."""

from __future__ import annotations

from pathlib import Path

import pytest

from campaigns.campaign import Fault, Status
from delivery.sending.breaker import REFUSED_IN_A_ROW
from teams.tokens import TokenRules
from tests.fake_teams import FakeTeams, FakeUser, Received, Reply, TokenAnswer
from tests.support.campaigns.staff import (
    MESSAGE,
    NAME,
    accounts,
    campaign,
    got,
    open_notice,
    open_report,
    rows,
    sends,
    staff,
    start,
    totals,
    until_nothing_is_in_flight,
    until_status,
)
from tests.support.chats.cards import counts, texts
from tests.support.chats.chat import Bot, Person, running, write
from tests.support.chats.clocks import FastClock, MovedClock
from tests.support.waiting import until, until_stored

PEOPLE = 40
AT_ONCE = TokenRules(pause_after_failure=0.0, youngest_forgotten=0.0)
"""The waits of the sign-in are on the machine's clock, which no test waits for."""


async def paused_by(bot: Bot, fault: Fault) -> None:
    paused = await until_status(bot, Status.PAUSED)
    assert paused.run.fault is fault
    await until_nothing_is_in_flight(bot)
    assert (await totals(bot)).recipients == PEOPLE + 1


def an_expired_secret() -> list[TokenAnswer]:
    refusal = TokenAnswer.refusal(7000222, "The provided client secret keys are expired.")
    return [refusal] * 10_000


async def test_an_expired_secret_pauses_and_resume_reaches_everyone_once_it_is_mended(
    teams_service: FakeTeams, administrator: FakeUser, tmp_path: Path
) -> None:
    clock = MovedClock()
    async with running(
        teams_service, tmp_path / "store", admin=administrator, clock=clock, token_rules=AT_ONCE
    ) as bot:
        admin = Person(teams_service, bot, administrator)
        await admin.installs()
        people = await staff(teams_service, bot, PEOPLE)
        await write(admin, name=NAME, message=MESSAGE)
        teams_service.identity.token_script.extend(an_expired_secret())
        teams_service.identity.revoke_all()
        await start(admin, PEOPLE + 1)

        await paused_by(bot, Fault.SIGN_IN)
        assert not got(teams_service)
        # The bot can't write to anyone now, but it answers whoever presses.
        shown = await admin.presses("Refresh")
        assert "Report · Paused" in texts(shown)
        assert any("sign-in" in line for line in texts(shown))

        teams_service.identity.token_script.clear()
        clock.move(15.0)
        await until(lambda: open_notice(admin), "the notice")
        assert any(line.startswith("**Paused.**") for line in texts(admin.card))
        await admin.presses("Resume")
        await until_status(bot, Status.COMPLETED)
        assert got(teams_service) == accounts(*people, administrator)
        assert (await totals(bot)).success == PEOPLE + 1


async def test_a_sign_in_service_that_fails_for_a_moment_only_delays(
    teams_service: FakeTeams, administrator: FakeUser, tmp_path: Path
) -> None:
    async with running(
        teams_service,
        tmp_path / "store",
        admin=administrator,
        clock=FastClock(10.0),
        token_rules=AT_ONCE,
    ) as bot:
        admin = Person(teams_service, bot, administrator)
        await admin.installs()
        people = await staff(teams_service, bot, PEOPLE)
        await write(admin, name=NAME, message=MESSAGE)
        teams_service.identity.revoke_all()
        teams_service.identity.token_script.extend([TokenAnswer(status=500)] * 2)
        await start(admin, PEOPLE + 1)
        await until_status(bot, Status.COMPLETED)
        assert got(teams_service) == accounts(*people, administrator)
        assert (await totals(bot)).success == PEOPLE + 1


@pytest.mark.parametrize(
    "refusal", [Reply(400, "BadArgument"), Reply(413, "MessageSizeTooBig")], ids=["400", "413"]
)
async def test_a_message_that_teams_refuses_from_one_to_the_next_pauses_it(
    teams_service: FakeTeams, administrator: FakeUser, tmp_path: Path, refusal: Reply
) -> None:
    def refused(post: Received) -> Reply | None:
        is_campaign = (post.activity or {}).get("summary") == NAME
        return refusal if is_campaign else None

    # Slow enough that the rest is not under way yet when it is noticed.
    async with running(
        teams_service, tmp_path / "store", admin=administrator, rate_per_second=50.0
    ) as bot:
        admin = Person(teams_service, bot, administrator)
        await admin.installs()
        people = await staff(teams_service, bot, PEOPLE)
        await write(admin, name=NAME, message=MESSAGE)
        teams_service.outage = refused
        await start(admin, PEOPLE + 1)
        await paused_by(bot, Fault.REFUSED)
        tried = len(sends(teams_service))
        assert REFUSED_IN_A_ROW <= tried < PEOPLE
        assert (await totals(bot)).error == tried
        await until(lambda: open_notice(admin), "the notice")
        assert any("refuse" in line for line in texts(admin.card))

        teams_service.outage = None
        await admin.presses("Resume")
        await until_status(bot, Status.COMPLETED)
        assert got(teams_service) == accounts(*people, administrator)
        assert len(sends(teams_service)) == tried + PEOPLE + 1


async def test_teams_being_down_for_a_minute_pauses_and_nothing_is_lost_or_doubled(
    teams_service: FakeTeams, administrator: FakeUser, tmp_path: Path
) -> None:
    clock = MovedClock()
    async with running(
        teams_service,
        tmp_path / "store",
        admin=administrator,
        clock=clock,
        rate_per_second=20.0,
    ) as bot:
        admin = Person(teams_service, bot, administrator)
        await admin.installs()
        people = await staff(teams_service, bot, PEOPLE)
        await write(admin, name=NAME, message=MESSAGE)
        teams_service.outage = lambda post: Reply(503)
        await start(admin, PEOPLE + 1)
        key = (await campaign(bot)).key

        async def some_in_doubt() -> bool:
            return (await bot.store.ledger.counts(key)).in_doubt > 0

        await until_stored(some_in_doubt, "the first in doubt")
        clock.move(60.0)
        await paused_by(bot, Fault.DOWN)
        before = await totals(bot)
        assert 0 < before.in_doubt < PEOPLE + 1 == before.in_doubt + before.ongoing

        teams_service.outage = None
        clock.move(600.0)
        await until(lambda: open_notice(admin), "the notice")
        await admin.presses("Resume")
        await until_status(bot, Status.COMPLETED)
        after = await totals(bot)
        assert (after.in_doubt, after.success) == (before.in_doubt, before.ongoing)
        report = await open_report(admin)
        assert counts(report)["In doubt"] == before.in_doubt
        await admin.presses(f"Resend {before.in_doubt} in doubt")
        await admin.presses(f"Yes, resend {before.in_doubt} in doubt")
        await until_status(bot, Status.COMPLETED)
        assert got(teams_service) == accounts(*people, administrator)
        assert {row.status.value for row in (await rows(bot, key)).values()} == {"sent"}
