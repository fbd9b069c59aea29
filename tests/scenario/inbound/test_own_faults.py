"""A campaign pauses by itself when something is wrong with us or with Teams, and goes on by itself
when that is over. Its author is told both times, and nobody is lost for it."""

from __future__ import annotations

from pathlib import Path

import pytest

from campaigns.campaign import Fault, Status
from delivery.sending.breaker import NEARLY_ALL
from delivery.sending.probes import LOOK
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


async def paused_by(bot: Bot, fault: Fault, people: int = PEOPLE) -> None:
    paused = await until_status(bot, Status.PAUSED)
    assert paused.run.fault is fault
    await until_nothing_is_in_flight(bot)
    assert (await totals(bot)).recipients == people + 1


def an_expired_secret() -> list[TokenAnswer]:
    refusal = TokenAnswer.refusal(7000222, "The provided client secret keys are expired.")
    return [refusal] * 10_000


@pytest.mark.parametrize("by_itself", [True, False])
async def test_an_expired_secret_pauses_and_everyone_is_reached_once_it_is_mended(
    teams_service: FakeTeams, administrator: FakeUser, tmp_path: Path, by_itself: bool
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
        [notice] = [line for line in texts(admin.card) if line.startswith("**Paused.**")]
        assert "The bot tries again by itself, next at about" in notice
        if by_itself:
            clock.move(60.0 + LOOK)
            await until(lambda: open_notice(admin, about="Going on again"), "the second notice")
            [notice] = [line for line in texts(admin.card) if "**Going on again.**" in line]
            assert "accepts the bot's sign-in again, and the campaign went on by itself" in notice
            assert "It was paused from" in notice
        else:
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

    many = 100
    # Slow enough that the rest is not under way yet when it is noticed.
    async with running(
        teams_service, tmp_path / "store", admin=administrator, rate_per_second=50.0
    ) as bot:
        admin = Person(teams_service, bot, administrator)
        await admin.installs()
        people = await staff(teams_service, bot, many)
        await write(admin, name=NAME, message=MESSAGE)
        teams_service.outage = refused
        await start(admin, many + 1)
        await paused_by(bot, Fault.REFUSED, many)
        tried = len(sends(teams_service))
        assert NEARLY_ALL * (many + 1) / 100 <= tried <= many
        assert (await totals(bot)).error == tried
        await until(lambda: open_notice(admin), "the notice")
        assert any("refuse" in line for line in texts(admin.card))
        assert any("does not try again by itself" in line for line in texts(admin.card))

        teams_service.outage = None
        await admin.presses("Resume")
        await until_status(bot, Status.COMPLETED)
        assert got(teams_service) == accounts(*people, administrator)
        assert len(sends(teams_service)) == tried + many + 1


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
        clock.move(20.0)
        await until(lambda: open_notice(admin), "the notice")
        clock.move(60.0 + LOOK)
        await until_status(bot, Status.COMPLETED)
        await until(lambda: open_notice(admin, about="Going on again"), "the second notice")
        after = await totals(bot)
        assert (after.in_doubt, after.success) == (before.in_doubt, before.ongoing)
        report = await open_report(admin)
        assert counts(report)["In doubt"] == before.in_doubt
        await admin.presses(f"Resend {before.in_doubt} in doubt")
        await admin.presses(f"Yes, resend {before.in_doubt} in doubt")
        await until_status(bot, Status.COMPLETED)
        assert got(teams_service) == accounts(*people, administrator)
        assert {row.status.value for row in (await rows(bot, key)).values()} == {"sent"}


@pytest.mark.parametrize(
    ("refusal", "code"),
    [
        (Reply(403, "Unknown"), "Unknown"),
        (Reply(403, body=b""), ""),
        (Reply(404, "NotFound"), "NotFound"),
    ],
    ids=["403 Unknown", "403 without a body", "404 NotFound"],
)
async def test_the_first_eight_of_thirty_are_refused_and_the_others_get_it(
    teams_service: FakeTeams,
    administrator: FakeUser,
    tmp_path: Path,
    refusal: Reply,
    code: str,
) -> None:
    """They are their own errors, with the code; the campaign does not pause, and blames nothing."""
    refused: set[str] = set()

    def first_eight(post: Received) -> Reply | None:
        if post.call != "send" or (post.activity or {}).get("summary") != NAME:
            return None
        if len(refused) < 8:
            refused.add(post.conversation_id)
        return refusal if post.conversation_id in refused else None

    # A refusal of unknown meaning may be tried for a quarter of an hour.
    async with running(
        teams_service, tmp_path / "store", admin=administrator, clock=FastClock(300.0)
    ) as bot:
        admin = Person(teams_service, bot, administrator)
        await admin.installs()
        people = await staff(teams_service, bot, 29)
        await write(admin, name=NAME, message=MESSAGE)
        teams_service.outage = first_eight
        await start(admin, 30)
        ended = await until_status(bot, Status.COMPLETED)
        counted = await totals(bot)
        assert (counted.recipients, counted.success, counted.error) == (30, 22, 8)
        assert (ended.run.fault, ended.run.fault_pause) == (None, None)
        assert not open_notice(admin)
        users = [*people, administrator]
        by_chat = {user.conversation_id: user for user in users}
        got_it = accounts(*(user for user in users if user.conversation_id not in refused))
        assert got(teams_service) == got_it
        found = await rows(bot, ended.key)
        for chat in refused:
            assert found[by_chat[chat].id].trace[-1].answer.code == code


async def test_when_everybody_is_refused_without_a_reason_it_pauses_and_goes_on_by_itself(
    teams_service: FakeTeams, administrator: FakeUser, tmp_path: Path
) -> None:
    def refused(post: Received) -> Reply | None:
        is_campaign = (post.activity or {}).get("summary") == NAME
        return Reply(403, "Unknown") if is_campaign else None

    async with running(
        teams_service, tmp_path / "store", admin=administrator, clock=FastClock(60.0)
    ) as bot:
        admin = Person(teams_service, bot, administrator)
        await admin.installs()
        people = await staff(teams_service, bot, PEOPLE)
        await write(admin, name=NAME, message=MESSAGE)
        teams_service.outage = refused
        await start(admin, PEOPLE + 1)
        await paused_by(bot, Fault.DOWN)
        await until(lambda: open_notice(admin), "the notice")
        words = " ".join(texts(admin.card))
        assert "refuses nearly everybody without saying why" in words
        teams_service.outage = None
        await until_status(bot, Status.COMPLETED)
        await until(lambda: open_notice(admin, about="Going on again"), "the second notice")
        assert got(teams_service) == accounts(*people, administrator)
        assert (await totals(bot)).success == PEOPLE + 1
