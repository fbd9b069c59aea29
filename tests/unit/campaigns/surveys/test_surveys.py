"""The rules of surveys: what may be asked, when they are open, when they are reminded of."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from campaigns import readiness
from campaigns.audience import AllUsers
from campaigns.campaign import Campaign, Run, Status
from campaigns.content import Content, Format
from campaigns.errors import Invalid, NotPossible, Refusal
from campaigns.refusals.sending import SurveyOver
from campaigns.refusals.surveys import (
    ChoiceTwice,
    NumberOfChoices,
    QuestionRefusal,
    ReminderOutOfRange,
    SurveyRefusal,
    TooManyQuestions,
    TooManyReminders,
)
from campaigns.refusals.text import TextField, TooLong
from campaigns.surveys import questions, state
from campaigns.surveys import survey as surveys
from campaigns.surveys.questions import Question
from campaigns.surveys.state import SurveyState
from campaigns.surveys.survey import Readers, Survey, SurveySettings
from delivery.starting.reminders import is_due
from tests.support import examples

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
DAY = timedelta(days=1)


def empty() -> Survey:
    return surveys.create("t", "s", name="Asked", introduction="", author_id="a", now=NOW)


def question(**changes: object) -> Question:
    return msgspec.convert({"id": "new", "kind": "text", "text": "Why?", **changes}, Question)


def with_questions(number: int) -> Survey:
    survey = empty()
    for index in range(number):
        survey = surveys.put(survey, question(text=f"Question {index}"), NOW)
    return survey


def settings(**changes: object) -> SurveySettings:
    usual = SurveySettings(
        anonymous=False,
        changeable=True,
        closes_at=None,
        remind_before=0,
        readers=Readers.NOBODY,
        thanks="",
    )
    return msgspec.structs.replace(usual, **changes)


@pytest.mark.parametrize(
    ("changes", "field", "why"),
    [
        ({"text": "  "}, "text", QuestionRefusal.NO_TEXT),
        ({"text": "x" * 5_000}, "text", TooLong(TextField.QUESTION, 5_000, 300)),
        ({"help": "x" * 5_000}, "help", TooLong(TextField.HELP, 5_000, 300)),
        ({"kind": "single", "choices": ["one"]}, "choices", NumberOfChoices(2, 25)),
        (
            {"kind": "multiple", "choices": [str(n) for n in range(26)]},
            "choices",
            NumberOfChoices(2, 25),
        ),
        ({"kind": "single", "choices": ["Yes", "no", "YES"]}, "choices", ChoiceTwice("YES")),
        (
            {"kind": "single", "choices": ["x" * 5_000, "y"]},
            "choices",
            TooLong(TextField.CHOICE, 5_000, 100),
        ),
        (
            {"kind": "single", "choices": ["Other", "A"], "other": True},
            "choices",
            QuestionRefusal.OTHER_OFFERED,
        ),
        ({"kind": "single", "choices": ["A", "\u2800"]}, "choices", NumberOfChoices(2, 25)),
        ({"kind": "single", "choices": ["A", "[FIRSTNAME]"]}, "choices", SurveyRefusal.PLACEHOLDER),
        ({"text": "[FIRSTNAME], why?"}, "text", SurveyRefusal.PLACEHOLDER),
        ({"help": "[CITY|there]"}, "help", SurveyRefusal.PLACEHOLDER),
        ({"kind": "number", "low": 5.0, "high": 1.0}, "high", QuestionRefusal.BOUNDS_CROSSED),
        ({"kind": "number", "low": float("nan")}, "low", QuestionRefusal.BOUND_NO_NUMBER),
        ({"kind": "number", "high": 1e300}, "high", QuestionRefusal.BOUND_NO_NUMBER),
    ],
)
def test_a_question_that_can_not_be_asked_is_refused_by_its_field(
    changes: dict[str, object], field: str, why: Refusal
) -> None:
    with pytest.raises(Invalid) as refused:
        surveys.put(empty(), question(**changes), NOW)
    assert refused.value.problems[field] == why


def test_what_a_kind_does_not_have_is_left_out() -> None:
    asked = questions.checked(
        question(kind="date", choices=["a", "b"], other=True, low=1.0, high=2.0, lines=True)
    )
    assert asked == question(kind="date")


def ids(survey: Survey) -> list[str]:
    return [question.id for question in survey.questions]


def test_questions_are_moved_duplicated_and_dropped_and_no_id_is_ever_given_twice() -> None:
    survey = with_questions(3)
    assert ids(survey) == ["q1", "q2", "q3"]
    assert ids(surveys.move(survey, "q3", -1, NOW)) == ["q1", "q3", "q2"]
    assert ids(surveys.move(survey, "q1", -1, NOW)) == ["q1", "q2", "q3"]
    assert ids(surveys.move(survey, "q3", +1, NOW)) == ["q1", "q2", "q3"]
    doubled = surveys.duplicate(survey, "q1", NOW)
    assert ids(doubled) == ["q1", "q4", "q2", "q3"]
    dropped = surveys.put(surveys.drop(doubled, "q4", NOW), question(), NOW)
    assert ids(dropped) == ["q1", "q2", "q3", "q5"]
    assert surveys.move(survey, "nobody's", 1, NOW) == survey


def test_there_are_twenty_questions_at_most() -> None:
    full = with_questions(surveys.QUESTIONS)
    assert len(full.questions) == 20
    with pytest.raises(NotPossible) as refused:
        surveys.put(full, question(), NOW)
    assert refused.value.refusal == TooManyQuestions(20)
    with pytest.raises(NotPossible) as refused:
        surveys.duplicate(full, "q1", NOW)
    assert refused.value.refusal == TooManyQuestions(20)
    changed = surveys.put(full, question(id="q7", text="Another?"), NOW)
    assert changed.questions[6].text == "Another?"


def test_a_survey_that_was_sent_can_not_be_changed_and_its_clone_can() -> None:
    used = msgspec.structs.replace(with_questions(2), used=True, closes_at=NOW - DAY)
    changes: list[Callable[[], Survey]] = [
        lambda: surveys.describe(used, name="Other", introduction="", now=NOW),
        lambda: surveys.configure(used, settings(), NOW),
        lambda: surveys.put(used, question(), NOW),
        lambda: surveys.move(used, "q1", 1, NOW),
        lambda: surveys.duplicate(used, "q1", NOW),
        lambda: surveys.drop(used, "q1", NOW),
    ]
    for change in changes:
        with pytest.raises(NotPossible) as refused:
            change()
        assert refused.value.refusal is SurveyRefusal.SENT
    clone = surveys.clone(used, "s2", author_id="b", now=NOW)
    assert (clone.name, clone.closes_at, clone.used) == ("Asked (copy)", None, False)
    assert surveys.drop(clone, "q1", NOW).questions == used.questions[1:]


@pytest.mark.parametrize(
    ("changes", "field", "why"),
    [
        ({"closes_at": NOW}, "closes", SurveyRefusal.LAST_DAY_OVER),
        ({"closes_at": NOW - DAY}, "closes", SurveyRefusal.LAST_DAY_OVER),
        ({"closes_at": NOW + DAY, "remind_before": -1}, "remind", ReminderOutOfRange(30)),
        ({"closes_at": NOW + DAY, "remind_before": 1_000}, "remind", ReminderOutOfRange(30)),
        (
            {"closes_at": NOW + 2 * DAY, "remind_before": 2},
            "remind",
            SurveyRefusal.REMINDER_PASSED,
        ),
        ({"remind_before": 1}, "remind", SurveyRefusal.REMINDER_WITHOUT_END),
        ({"thanks": "x" * 50_000}, "thanks", TooLong(TextField.THANKS, 50_000, 500)),
    ],
)
def test_settings_that_can_not_be_are_refused_by_their_field(
    changes: dict[str, object], field: str, why: Refusal
) -> None:
    with pytest.raises(Invalid) as refused:
        surveys.configure(empty(), settings(**changes), NOW)
    assert refused.value.problems == {field: why}


@pytest.mark.parametrize(
    ("closes_at", "poll", "is_open"),
    [
        (None, SurveyState(), True),
        (NOW + DAY, SurveyState(), True),
        (NOW, SurveyState(), False),
        (NOW - DAY, SurveyState(), False),
        (NOW + DAY, state.closed(SurveyState()), False),
        (NOW - DAY, state.reopened(SurveyState()), True),
        (None, state.reopened(state.closed(SurveyState())), True),
        (NOW - DAY, state.closed(state.reopened(SurveyState())), False),
    ],
)
def test_a_survey_is_open_until_its_end_or_until_it_is_closed(
    closes_at: datetime | None, poll: SurveyState, is_open: bool
) -> None:
    survey = msgspec.structs.replace(empty(), closes_at=closes_at)
    assert state.is_open(survey, poll, NOW) is is_open


UNTOUCHED = SurveyState()


def asked(
    *, started_at: datetime | None, poll: SurveyState = UNTOUCHED, **changes: object
) -> Campaign:
    survey = msgspec.structs.replace(
        with_questions(1), **({"closes_at": NOW + 10 * DAY, "remind_before": 3} | changes)
    )
    return Campaign(
        tenant_id="t",
        id="c",
        name="Asking",
        format=Format.SURVEY,
        author_id="a",
        created_at=NOW,
        updated_at=NOW,
        content=Content(survey=survey),
        audience=AllUsers(),
        status=Status.COMPLETED,
        survey_state=poll,
        run=Run(started_at=started_at),
    )


@pytest.mark.parametrize(
    ("after", "campaign", "due"),
    [
        (6.9, asked(started_at=NOW), False),
        (7.0, asked(started_at=NOW), True),
        (9.9, asked(started_at=NOW), True),
        (10.0, asked(started_at=NOW), False),  # over
        (8.0, asked(started_at=None), False),
        (9.0, asked(started_at=NOW + 8 * DAY), False),  # asked for it only just now
        (8.0, asked(started_at=NOW, remind_before=0), False),
        (8.0, asked(started_at=NOW, closes_at=None), False),
        (8.0, asked(started_at=NOW, poll=SurveyState(reminders=("r",), reminded=True)), False),
        (8.0, asked(started_at=NOW, poll=SurveyState(reminders=("r",))), True),
        (8.0, asked(started_at=NOW, poll=SurveyState(reminders=("1", "2", "3"))), False),
        (8.0, asked(started_at=NOW, poll=SurveyState(closed=True)), False),
        (8.0, asked(started_at=NOW, poll=SurveyState(reopened=True)), False),
    ],
)
def test_the_reminder_that_comes_by_itself_comes_once_and_some_days_before_the_end(
    after: float, campaign: Campaign, due: bool
) -> None:
    assert is_due(campaign, NOW + after * DAY) is due


def test_there_are_three_reminders_at_most_and_the_same_counts_once() -> None:
    poll = SurveyState()
    for name in ("1", "1", "2", "3", "3"):
        poll = state.with_reminder(poll, name)
    assert poll.reminders == ("1", "2", "3")
    with pytest.raises(NotPossible) as refused:
        state.with_reminder(poll, "4")
    assert refused.value.refusal == TooManyReminders(3)


def test_a_reminder_that_comes_by_itself_at_the_moment_of_a_press_counts_as_the_one_by_itself() -> (
    None
):
    pressed = state.with_reminder(SurveyState(), "c-reminder-1")
    both = state.with_reminder(pressed, "c-reminder-1", by_itself=True)
    assert (both.reminders, both.reminded) == (("c-reminder-1",), True)
    assert state.with_reminder(both, "c-reminder-1") == both


def test_a_survey_that_is_over_is_not_sent() -> None:
    assert (
        readiness.obstacle(examples.campaign("c", audience=AllUsers(), content=Content("Hi")), NOW)
        is None
    )
    assert readiness.obstacle(_asking(NOW + DAY), NOW) is None
    assert readiness.obstacle(_asking(NOW), NOW) == SurveyOver()
    with pytest.raises(NotPossible) as refused:
        readiness.require_ready(_asking(NOW), NOW)
    assert refused.value.refusal == SurveyOver()


def _asking(closes_at: datetime) -> Campaign:
    survey = msgspec.structs.replace(with_questions(1), closes_at=closes_at)
    return examples.campaign(
        "c", format=Format.SURVEY, audience=AllUsers(), content=Content(survey=survey)
    )
