"""The reminder of a survey, sent by the bot itself."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from campaigns.campaign import Status
from tests.fake_teams import FakeTeams, FakeUser
from tests.support.campaigns.staff import campaign, staff, until_status
from tests.support.campaigns.survey_staff import NAME, ask, opens
from tests.support.chats.chat import TENANT, Bot, Person, running
from tests.support.chats.clocks import MovedClock
from tests.support.waiting import until_stored

DAY = 86_400.0
ONE = [("yes_no", {"text": "Are you coming?"})]


async def campaigns_in(bot: Bot) -> int:
    return (await bot.store.campaigns.page(TENANT, tuple(Status), offset=0, limit=9)).total


async def test_the_reminder_comes_once_three_days_before_the_end_to_people_who_have_not_answered(
    teams_service: FakeTeams, administrator: FakeUser, tmp_path: Path
) -> None:
    clock = MovedClock()
    folder = tmp_path / "store"
    async with running(teams_service, folder, admin=administrator, clock=clock) as bot:
        admin = Person(teams_service, bot, administrator)
        await admin.installs()
        users = await staff(teams_service, bot, 3)
        last_day = datetime.now(UTC).date() + timedelta(days=10)
        await ask(admin, ONE, closes=last_day.isoformat(), remind="3")
        answers = Person(teams_service, bot, users[0])
        opens(answers)
        await answers.presses("Send my answers", a_q1="0")

        clock.move(6 * DAY)
        clock.move(700.0)
        assert await campaigns_in(bot) == 1
        clock.move(2 * DAY)

        async def reminded() -> bool:
            return await campaigns_in(bot) == 2

        await until_stored(reminded, "the reminder")
        reminder = await until_status(bot, Status.COMPLETED, f"Reminder 1: {NAME}")
        assert reminder.run.recipients == 3
        reminded_ids = {post.account_id or (post.activity or {})["recipient"]["id"]
               for post in teams_service.received[-40:]
               if post.call == "send" and "Send my answers" in str(post.activity)}  # fmt: skip
        assert users[1].account_id in reminded_ids
        asked_again = await bot.store.ledger.get_many(reminder.key, [user.id for user in users])
        assert set(asked_again) == {users[1].id, users[2].id}

        state = (await campaign(bot, NAME)).survey_state
        assert (state.reminded, len(state.reminders)) == (True, 1)
        clock.move(DAY)
        clock.move(700.0)
    # It does not come again after a restart either.
    async with running(teams_service, folder, admin=administrator, clock=clock) as bot:
        clock.move(700.0)
        assert (await campaign(bot, NAME)).survey_state == state
        assert await campaigns_in(bot) == 2
