"""Killed while answers arrive: what was thanked for is there, once."""

from __future__ import annotations

import asyncio
import re
from datetime import datetime
from pathlib import Path

import aiohttp
import msgspec
import pytest

from campaigns import drafting
from campaigns.audience import AllUsers, FrozenAudience
from campaigns.campaign import CampaignKey, with_run
from campaigns.content import Content, Format
from campaigns.delivery import Delivery, DeliveryStatus
from campaigns.lifecycle import start
from campaigns.surveys import results
from campaigns.surveys import survey as surveys
from campaigns.surveys.questions import Question, QuestionKind
from campaigns.surveys.survey import Survey
from tests.fake_teams import FakeTeams, FakeUser
from tests.support.campaigns.staff import NAME
from tests.support.campaigns.survey_staff import TITLE
from tests.support.processes.bot_process import TENANT, BotProcess, opened

PEOPLE = 300
KILLED_AFTER = (40, 90, 160)


def survey(now: datetime, *, anonymous: bool) -> Survey:
    made = surveys.create(TENANT, "s", name=TITLE, introduction="", author_id="a", now=now)
    asked = surveys.put(made, Question(id="", kind=QuestionKind.YES_NO, text="Coming?"), now)
    return msgspec.structs.replace(asked, anonymous=anonymous)


async def sent(folder: Path, people: list[FakeUser], *, anonymous: bool) -> CampaignKey:
    """A campaign that has reached everyone, in the store alone."""
    async with opened(folder) as store:
        from datetime import UTC, datetime

        now = datetime.now(UTC)
        draft = drafting.draft(TENANT, "c", name=NAME, format=Format.SURVEY, author_id="a", now=now)
        content = Content(survey=survey(now, anonymous=anonymous))
        draft = drafting.target(drafting.write(draft, content, now), AllUsers(), now)
        added = await store.campaigns.add(draft)
        rows = [
            Delivery(
                recipient_id=user.id,
                due_at=now,
                status=DeliveryStatus.SENT,
                attempts=1,
                activity_id=f"1:{user.id}",
                settled_at=now,
            )
            for user in people
        ]
        await store.ledger.freeze(added.key, rows)
        begun = start(added, audience=FrozenAudience(), now=now)
        await store.campaigns.save(with_run(begun, recipients=len(rows)))
        return added.key


@pytest.mark.parametrize("anonymous", [True, False])
async def test_what_was_thanked_for_is_there_once_whenever_the_process_is_killed(
    tmp_path: Path, anonymous: bool
) -> None:
    folder = tmp_path / "store"
    async with FakeTeams() as fake:
        people = fake.add_users(PEOPLE, tenant=TENANT)
        key = await sent(folder, people, anonymous=anonymous)
        bot = BotProcess(folder, tmp_path / "log")
        thanked: dict[str, str] = {}

        async def answer(number: int, user: FakeUser) -> None:
            data = {
                "do": "send answers",
                "campaign": key.campaign_id,
                "receipt": f"{number:032x}",
                "a_q1": str(number % 2),
            }
            pressed = fake.inbound.pressed(user, data, verb="send answers", reply_to_id="1")
            try:
                answer = await fake.deliver(bot.messages, pressed, signed=False)
            except (aiohttp.ClientError, ConnectionError):
                return
            if answer.status == 200 and "Thank you" in str(answer.body):
                thanked[user.id] = str(number % 2)

        try:
            for enough in KILLED_AFTER:
                await bot.start()
                await bot.answers()
                waiting = [
                    asyncio.create_task(answer(number, user))
                    for number, user in enumerate(people)
                    if user.id not in thanked
                ]
                await bot.until(lambda enough=enough: len(thanked) >= enough)  # type: ignore[misc]
                await bot.kill()
                await asyncio.gather(*waiting)
                async with opened(folder) as store:
                    kept = await store.responses.answered(key, list(thanked))
                    counted = await store.responses.tally(key)
                assert kept == thanked.keys()
                assert results.responses(counted) >= len(thanked)
            await bot.start()
            await bot.answers()
            await asyncio.gather(*(answer(number, user) for number, user in enumerate(people)))
            await bot.terminate()
        finally:
            await bot.close()
    assert len(thanked) == PEOPLE
    async with opened(folder) as store:
        tally = await store.responses.tally(key)
        answered = await store.responses.answered(key, [user.id for user in people])
    assert results.responses(tally) == PEOPLE
    assert (tally["q1=c:0"], tally["q1=c:1"]) == (PEOPLE // 2, PEOPLE // 2)
    assert len(answered) == PEOPLE
    assert not re.search("Traceback", bot.log)
