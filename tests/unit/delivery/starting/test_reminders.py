"""The engine reminds of surveys by itself, once, for as long as it runs."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from campaigns.audience import AllUsers
from campaigns.campaign import Campaign, Status
from campaigns.content import Content, Format
from campaigns.errors import NotPossible
from campaigns.surveys.questions import Question, QuestionKind
from campaigns.surveys.survey import Survey
from delivery.starting.reminders import EVERY
from tests.support.engine_room import BEGAN, TENANT, Clock, Room, run
from tests.support.examples import campaign

DAY = 86_400.0


async def asked(room: Room) -> Campaign:
    """A survey of five days that two people have, and a reminder of it two days before the end."""
    survey = Survey(
        tenant_id=TENANT,
        id="s",
        name="Coffee",
        author_id="author",
        created_at=BEGAN,
        updated_at=BEGAN,
        questions=(Question(id="q1", kind=QuestionKind.YES_NO, text="Good?"),),
        closes_at=room.clock.now() + timedelta(days=5),
        remind_before=2,
    )
    draft = campaign(
        "asks",
        tenant_id=TENANT,
        format=Format.SURVEY,
        content=Content("", survey=survey),
        audience=AllUsers(),
    )
    added = await room.store.campaigns.add(draft)
    sent = await room.engine.send(added, audience_name="All users")
    return await room.until_ended(sent)


async def reminders(room: Room) -> tuple[str, ...]:
    now = await room.store.campaigns.in_status(tuple(Status))
    return tuple(sorted(known.id for known in now if known.id != "asks"))


def test_a_reminder_comes_by_itself_once_also_after_a_restart() -> None:
    async def story(clock: Clock) -> None:
        room = Room(clock)
        await room.open(2)
        await room.begin()
        await asked(room)
        await asyncio.sleep(2.9 * DAY)
        assert not await reminders(room)
        await room.engine.stop()
        await room.begin()
        await asyncio.sleep(0.1 * DAY + 2 * EVERY)
        assert await reminders(room) == ("asks-reminder-1",)
        assert room.channel.arrived == {"1": 2, "2": 2}
        await asyncio.sleep(3 * DAY)
        assert await reminders(room) == ("asks-reminder-1",)
        await room.close()

    run(story)


def test_nothing_is_reminded_of_by_an_engine_that_has_stopped() -> None:
    async def story(clock: Clock) -> None:
        room = Room(clock)
        await room.open(2)
        await room.begin()
        await asked(room)
        await room.engine.stop()
        await asyncio.sleep(4 * DAY)
        assert not await reminders(room)
        await room.close()

    run(story)


def test_a_reminder_is_asked_for_once_however_often_it_is_pressed() -> None:
    async def story(clock: Clock) -> None:
        room = Room(clock)
        await room.open(2)
        await room.begin()
        survey = await asked(room)
        first = await room.engine.reminders.remind(survey, 1, sender_id="author")
        again = await room.engine.reminders.remind(survey, 1, sender_id="author")
        assert first.id == again.id == "asks-reminder-1"
        await room.until_ended(first)
        assert room.channel.arrived == {"1": 2, "2": 2}
        await asyncio.sleep(5 * DAY)
        with pytest.raises(NotPossible):
            await room.engine.reminders.remind(survey, 2, sender_id="author")
        await room.close()

    run(story)
