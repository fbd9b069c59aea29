"""A scheduled campaign asks its survey as it is when the campaign starts; from then on it is kept
as it is. And when the reminder of a sent one is due."""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec
import pytest

from campaigns import surveys
from campaigns.campaign import AllUsers, Campaign, Status
from campaigns.content import Content, Format
from campaigns.schedule import Schedule
from campaigns.surveys import Kind, Poll, Question, Survey
from delivery.reminders import is_due
from tests.unit.engine_room import BEGAN, TENANT, Clock, Room, run

DAY = timedelta(days=1)
END = BEGAN + 10 * DAY


def survey() -> Survey:
    empty = surveys.create(
        TENANT, "s", name="Coffee", introduction="", author_id="author", now=BEGAN
    )
    return surveys.put(empty, Question(id="", kind=Kind.YES_NO, text="Good?"), BEGAN)


def asking(of: Survey) -> Campaign:
    return Campaign(
        tenant_id=TENANT,
        id="asks",
        name="Asks",
        format=Format.SURVEY,
        author_id="author",
        created_at=BEGAN,
        updated_at=BEGAN,
        content=Content("Please answer.", survey=of),
        audience=AllUsers(),
    )


def test_it_asks_what_was_changed_after_scheduling_and_is_kept_from_then_on() -> None:
    async def main(clock: Clock) -> None:
        room = Room(clock)
        await room.open(people=2)
        engine = await room.begin()
        first = await room.store.surveys.add(survey())
        draft = await room.store.campaigns.add(asking(first))
        await engine.schedule(
            draft, Schedule(at=clock.now() + DAY, zone="UTC", by="author", seed="s")
        )
        more = surveys.put(first, Question(id="", kind=Kind.TEXT, text="Why?"), clock.now())
        await room.store.surveys.save(more)
        sent = await room.until_ended(draft, seconds=2 * 86_400)
        assert sent.survey is not None
        assert [of.text for of in sent.survey.questions] == ["Good?", "Why?"]
        kept = await room.store.surveys.get(TENANT, "s")
        assert kept is not None
        assert kept.used
        assert kept.questions == sent.survey.questions
        await room.close()

    run(main)


DUE = [
    (END - 3 * DAY - timedelta(seconds=1), Poll(), False),
    (END - 3 * DAY, Poll(), True),
    (END - timedelta(seconds=1), Poll(), True),
    (END, Poll(), False),
    (END - DAY, Poll(reminded=True), False),
    (END - DAY, Poll(closed=True), False),
    (END - DAY, Poll(reopened=True), False),
    (END - DAY, Poll(reminders=("a", "b")), True),
    (END - DAY, Poll(reminders=("a", "b", "c")), False),
]


@pytest.mark.parametrize(("now", "poll", "due"), DUE)
def test_a_reminder_is_due_once_some_days_before_the_end(
    now: datetime, poll: Poll, due: bool
) -> None:
    of = msgspec.structs.replace(survey(), closes_at=END, remind_before=3)
    sent = msgspec.structs.replace(asking(of), status=Status.COMPLETED, started_at=BEGAN, poll=poll)
    assert is_due(sent, now) is due
    late = msgspec.structs.replace(sent, started_at=END - 2 * DAY)
    assert not is_due(late, now)
    endless = msgspec.structs.replace(of, closes_at=None)
    assert not is_due(msgspec.structs.replace(sent, content=Content("", survey=endless)), now)
