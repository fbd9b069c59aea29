"""Surveys: the questions that a campaign asks, and the settings of how they may be answered.

A survey is edited as long as no sent campaign asks it. A campaign carries a copy of its survey in
its content, so that what was sent never changes.
"""

from __future__ import annotations

import enum
from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec

from campaigns.errors import Invalid, NotPossible
from campaigns.moment import require_aware
from campaigns.refusals.surveys import ReminderOutOfRange, SurveyRefusal, TooManyQuestions
from campaigns.refusals.text import TextField, TooLong
from campaigns.surveys.questions import Question, checked, require_no_placeholder
from campaigns.text import typed

NAME_LIMIT = 80
INTRODUCTION_LIMIT = 1_000
THANKS_LIMIT = 500
"""Characters, as both above."""

QUESTIONS = 20

REMIND_BEFORE = 30
"""Most days before the end at which a reminder may go out."""

THANKS = "Thank you! Your answers have arrived."


class Readers(enum.Enum):
    """Recipients who see the results."""

    NOBODY = "nobody"
    ANSWERED = "answered"
    """Recipients who have answered, at any time."""
    EVERYBODY = "everybody"
    """All recipients, after the end."""


class Survey(msgspec.Struct, frozen=True, kw_only=True):
    """A survey of one tenant.

    ``revision`` counts saved changes; 0 is not saved yet.
    """

    tenant_id: str
    id: str
    name: str
    """Title, which recipients see."""
    author_id: str
    created_at: datetime
    updated_at: datetime
    revision: int = 0
    introduction: str = ""
    questions: tuple[Question, ...] = ()
    asked: int = 0
    """Number of questions it has ever had; the next question's id is made of it."""
    anonymous: bool = False
    changeable: bool = True
    """True when an answer may be changed until the end."""
    closes_at: datetime | None = None
    remind_before: int = 0
    """Days before the end at which people who have not answered are reminded; 0 for no reminder."""
    readers: Readers = Readers.NOBODY
    thanks: str = ""
    """Text after answering; empty for :data:`THANKS`."""
    used: bool = False
    """True when a campaign that asks it has been sent."""

    def __post_init__(self) -> None:
        require_aware(self.created_at, self.updated_at, self.closes_at)

    @property
    def one(self) -> Question | None:
        """The only question; None when there are none or several."""
        return self.questions[0] if len(self.questions) == 1 else None

    def question(self, question_id: str) -> Question | None:
        """Returns the question with this id; None when there is none."""
        return next((question for question in self.questions if question.id == question_id), None)


def create(
    tenant_id: str, survey_id: str, *, name: str, introduction: str, author_id: str, now: datetime
) -> Survey:
    """Returns a new survey without questions. Raises Invalid."""
    empty = Survey(
        tenant_id=tenant_id,
        id=survey_id,
        name="",
        author_id=author_id,
        created_at=now,
        updated_at=now,
    )
    return describe(empty, name=name, introduction=introduction, now=now)


def describe(survey: Survey, *, name: str, introduction: str, now: datetime) -> Survey:
    """Returns the survey under this title. Raises Invalid."""
    require_changeable(survey)
    introduction = typed.paragraphs(introduction)
    _refuse_long("introduction", TextField.INTRODUCTION, introduction, INTRODUCTION_LIMIT)
    name = typed.checked_name(name, limit=NAME_LIMIT, missing=SurveyRefusal.NO_TITLE)
    require_no_placeholder("name", name)
    require_no_placeholder("introduction", introduction)
    return msgspec.structs.replace(survey, name=name, introduction=introduction, updated_at=now)


class SurveySettings(msgspec.Struct, frozen=True, kw_only=True):
    """Settings of a survey."""

    anonymous: bool
    changeable: bool
    closes_at: datetime | None
    remind_before: int
    readers: Readers
    thanks: str


def settle(survey: Survey, settings: SurveySettings, now: datetime) -> Survey:
    """Returns the survey with these settings. Raises Invalid."""
    require_changeable(survey)
    thanks = typed.paragraphs(settings.thanks)
    _refuse_long("thanks", TextField.THANKS, thanks, THANKS_LIMIT)
    require_no_placeholder("thanks", thanks)
    if settings.closes_at is not None and settings.closes_at <= now:
        raise Invalid("closes", SurveyRefusal.LAST_DAY_OVER)
    if not 0 <= settings.remind_before <= REMIND_BEFORE:
        raise Invalid("remind", ReminderOutOfRange(REMIND_BEFORE))
    if settings.remind_before and settings.closes_at is None:
        raise Invalid("remind", SurveyRefusal.REMINDER_WITHOUT_END)
    if settings.remind_before and settings.closes_at is not None:
        due = settings.closes_at - timedelta(days=settings.remind_before)
        if due <= now:
            raise Invalid("remind", SurveyRefusal.REMINDER_PASSED)
    return msgspec.structs.replace(
        survey,
        anonymous=settings.anonymous,
        changeable=settings.changeable,
        closes_at=settings.closes_at,
        remind_before=settings.remind_before,
        readers=settings.readers,
        thanks=thanks,
        updated_at=now,
    )


def put(survey: Survey, question: Question, now: datetime) -> Survey:
    """Returns the survey with this question: in place of the one with its id, or else at the end.

    Raises Invalid.
    """
    require_changeable(survey)
    question = checked(question)
    questions = list(survey.questions)
    known = [asked.id for asked in questions]
    if question.id in known:
        questions[known.index(question.id)] = question
        return _with(survey, questions, now)
    _require_room(survey)
    questions.append(msgspec.structs.replace(question, id=f"q{survey.asked + 1}"))
    return msgspec.structs.replace(_with(survey, questions, now), asked=survey.asked + 1)


def move(survey: Survey, question_id: str, places: int, now: datetime) -> Survey:
    """Returns the survey with this question moved down so many places, as far as possible."""
    require_changeable(survey)
    questions = list(survey.questions)
    question = survey.question(question_id)
    if question is None:
        return survey
    position = questions.index(question)
    questions.insert(max(0, position + places), questions.pop(position))
    return _with(survey, questions, now)


def duplicate(survey: Survey, question_id: str, now: datetime) -> Survey:
    """Returns the survey with a copy of this question right below it."""
    require_changeable(survey)
    question = survey.question(question_id)
    if question is None:
        return survey
    _require_room(survey)
    questions = list(survey.questions)
    copy = msgspec.structs.replace(question, id=f"q{survey.asked + 1}")
    questions.insert(questions.index(question) + 1, copy)
    return msgspec.structs.replace(_with(survey, questions, now), asked=survey.asked + 1)


def drop(survey: Survey, question_id: str, now: datetime) -> Survey:
    """Returns the survey without this question."""
    require_changeable(survey)
    return _with(
        survey, [question for question in survey.questions if question.id != question_id], now
    )


def clone(survey: Survey, survey_id: str, *, author_id: str, now: datetime) -> Survey:
    """Returns a changeable survey with the same questions and settings.

    An end that has passed is left out.
    """
    past = survey.closes_at is not None and survey.closes_at <= now
    copy = " (copy)"
    return msgspec.structs.replace(
        survey,
        id=survey_id,
        name=f"{survey.name[: NAME_LIMIT - len(copy)]}{copy}",
        author_id=author_id,
        created_at=now,
        updated_at=now,
        revision=0,
        closes_at=None if past else survey.closes_at,
        remind_before=0 if past else survey.remind_before,
        used=False,
    )


def require_changeable(survey: Survey) -> None:
    """Raises NotPossible when a sent campaign asks it."""
    if survey.used:
        raise NotPossible(SurveyRefusal.SENT)


def is_over(survey: Survey | None, now: datetime) -> bool:
    """Returns True when it has a last day, and that has passed."""
    return survey is not None and survey.closes_at is not None and survey.closes_at <= now


def _with(survey: Survey, questions: Sequence[Question], now: datetime) -> Survey:
    return msgspec.structs.replace(survey, questions=tuple(questions), updated_at=now)


def _require_room(survey: Survey) -> None:
    if len(survey.questions) >= QUESTIONS:
        raise NotPossible(TooManyQuestions(QUESTIONS))


def _refuse_long(field: str, text_field: TextField, text: str, limit: int) -> None:
    if len(text) > limit:
        raise Invalid(field, TooLong(text_field, len(text), limit))
