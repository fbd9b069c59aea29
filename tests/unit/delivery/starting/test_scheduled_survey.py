"""A scheduled campaign asks its survey as it is when the campaign starts; from then on it is kept
as it is."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import msgspec

from campaigns.audience import AllUsers
from campaigns.campaign import Campaign, Missed, Status
from campaigns.content import Content, Format
from campaigns.schedule.schedule import Schedule
from campaigns.surveys import survey as surveys
from campaigns.surveys.questions import Question, QuestionKind
from campaigns.surveys.survey import Survey
from tests.support.engine_room import BEGAN, TENANT, Clock, Room, run

DAY = timedelta(days=1)


def survey() -> Survey:
    empty = surveys.create(
        TENANT, "s", name="Coffee", introduction="", author_id="author", now=BEGAN
    )
    return surveys.put(empty, Question(id="", kind=QuestionKind.YES_NO, text="Good?"), BEGAN)


def asking(survey: Survey) -> Campaign:
    return Campaign(
        tenant_id=TENANT,
        id="asks",
        name="Asks",
        format=Format.SURVEY,
        author_id="author",
        created_at=BEGAN,
        updated_at=BEGAN,
        content=Content("Please answer.", survey=survey),
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
        more = surveys.put(first, Question(id="", kind=QuestionKind.TEXT, text="Why?"), clock.now())
        await room.store.surveys.save(more)
        sent = await room.until_ended(draft, seconds=2 * 86_400)
        assert sent.survey is not None
        assert [question.text for question in sent.survey.questions] == ["Good?", "Why?"]
        kept = await room.store.surveys.get(TENANT, "s")
        assert kept is not None
        assert kept.used
        assert kept.questions == sent.survey.questions
        await room.close()

    run(main)


def test_one_whose_survey_is_over_by_then_is_a_draft_again_and_its_author_is_told() -> None:
    async def main(clock: Clock) -> None:
        room = Room(clock)
        await room.open(people=2)
        author = await room.store.users.get(TENANT, "author")
        assert author is not None
        await room.store.users.put(
            msgspec.structs.replace(author, reachable=True, unreachable_because=None)
        )
        engine = await room.begin()
        first = await room.store.surveys.add(survey())
        draft = await room.store.campaigns.add(asking(first))
        await engine.schedule(
            draft, Schedule(at=clock.now() + DAY, zone="UTC", by="author", seed="s")
        )
        over = msgspec.structs.replace(first, closes_at=clock.now() + DAY / 2)
        await room.store.surveys.save(over)
        await asyncio.sleep(2 * 86_400)
        missed = await room.store.campaigns.get(draft.key)
        assert missed is not None
        assert (missed.status, missed.draft.missed) == (Status.DRAFT, Missed.SURVEY_OVER)
        assert len(room.channel.notices) == 1
        assert not room.channel.tried
        await room.close()

    run(main)


def test_one_whose_survey_has_grown_out_of_a_message_is_a_draft_again_and_says_so() -> None:
    async def main(clock: Clock) -> None:
        room = Room(clock)
        await room.open(people=2)
        engine = await room.begin()
        first = await room.store.surveys.add(survey())
        draft = await room.store.campaigns.add(asking(first))
        await engine.schedule(
            draft, Schedule(at=clock.now() + DAY, zone="UTC", by="author", seed="s")
        )
        grown = first
        for number in range(19):
            choices = tuple(f"{number} {choice} ".ljust(100, "ü") for choice in range(25))
            grown = surveys.put(
                grown,
                Question(id="", kind=QuestionKind.SINGLE, text="Which?", choices=choices),
                clock.now(),
            )
        await room.store.surveys.save(grown)
        await asyncio.sleep(2 * 86_400)
        missed = await room.store.campaigns.get(draft.key)
        assert missed is not None
        assert (missed.status, missed.draft.missed) == (Status.DRAFT, Missed.TOO_BIG)
        assert not room.channel.tried
        await room.close()

    run(main)
