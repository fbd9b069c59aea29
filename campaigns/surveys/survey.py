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
"""Days before the end that a reminder may go out at the earliest."""

THANKS = "Thank you! Your answers have arrived."


class Readers(enum.Enum):
    """Which recipients see the results."""

    NOBODY = "nobody"
    ANSWERED = "answered"
    """Those who have answered, at any time."""
    EVERYBODY = "everybody"
    """All to whom it was sent, after the end."""


class Survey(msgspec.Struct, frozen=True, kw_only=True):
    """A survey of one tenant.

    ``revision`` counts saved changes; 0 is not saved yet.
    """

    tenant_id: str
    id: str
    name: str
    """Its title, which recipients see."""
    author_id: str
    created_at: datetime
    updated_at: datetime
    revision: int = 0
    introduction: str = ""
    questions: tuple[Question, ...] = ()
    asked: int = 0
    """How many questions it has ever had; the next one's id is made of it."""
    anonymous: bool = False
    changeable: bool = True
    """Whether an answer may be changed until the end."""
    closes_at: datetime | None = None
    remind_before: int = 0
    """Days before the end at which those who have not answered are reminded; 0: they are not."""
    readers: Readers = Readers.NOBODY
    thanks: str = ""
    """Empty: :data:`THANKS`."""
    used: bool = False
    """Whether a campaign has been sent that asks it."""

    def __post_init__(self) -> None:
        require_aware(self.created_at, self.updated_at, self.closes_at)

    @property
    def one(self) -> Question | None:
        """Its question, if it has a single one."""
        return self.questions[0] if len(self.questions) == 1 else None

    def question(self, question_id: str) -> Question | None:
        """The question with this id."""
        return next((of for of in self.questions if of.id == question_id), None)


def create(
    tenant_id: str, survey_id: str, *, name: str, introduction: str, author_id: str, now: datetime
) -> Survey:
    """A new survey without questions. Raises Invalid."""
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
    """The survey under this title. Raises Invalid."""
    require_changeable(survey)
    introduction = typed.paragraphs(introduction)
    _refuse_long("introduction", TextField.INTRODUCTION, introduction, INTRODUCTION_LIMIT)
    name = typed.checked_name(name, limit=NAME_LIMIT, missing=SurveyRefusal.NO_TITLE)
    require_no_placeholder("name", name)
    require_no_placeholder("introduction", introduction)
    return msgspec.structs.replace(survey, name=name, introduction=introduction, updated_at=now)


class SurveySettings(msgspec.Struct, frozen=True, kw_only=True):
    """How a survey may be answered."""

    anonymous: bool
    changeable: bool
    closes_at: datetime | None
    remind_before: int
    readers: Readers
    thanks: str


def settle(survey: Survey, settings: SurveySettings, now: datetime) -> Survey:
    """The survey with these settings. Raises Invalid."""
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
    """The survey with this question: in the place of the one with its id, or else at the end.

    Raises Invalid.
    """
    require_changeable(survey)
    question = checked(question)
    questions = list(survey.questions)
    known = [of.id for of in questions]
    if question.id in known:
        questions[known.index(question.id)] = question
        return _with(survey, questions, now)
    _require_room(survey)
    questions.append(msgspec.structs.replace(question, id=f"q{survey.asked + 1}"))
    return msgspec.structs.replace(_with(survey, questions, now), asked=survey.asked + 1)


def move(survey: Survey, question_id: str, by: int, now: datetime) -> Survey:
    """The survey with this question so many places further down, as far as it goes."""
    require_changeable(survey)
    questions = list(survey.questions)
    question = survey.question(question_id)
    if question is None:
        return survey
    at = questions.index(question)
    questions.insert(max(0, at + by), questions.pop(at))
    return _with(survey, questions, now)


def duplicate(survey: Survey, question_id: str, now: datetime) -> Survey:
    """The survey with this question once more, right below it."""
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
    """The survey without this question."""
    require_changeable(survey)
    return _with(survey, [of for of in survey.questions if of.id != question_id], now)


def clone(survey: Survey, survey_id: str, *, author_id: str, now: datetime) -> Survey:
    """A survey with the same questions and settings, which can be changed. An end that has passed
    is not taken along."""
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
    """Whether it has a last day, and that has passed."""
    return survey is not None and survey.closes_at is not None and survey.closes_at <= now


def _with(survey: Survey, questions: Sequence[Question], now: datetime) -> Survey:
    return msgspec.structs.replace(survey, questions=tuple(questions), updated_at=now)


def _require_room(survey: Survey) -> None:
    if len(survey.questions) >= QUESTIONS:
        raise NotPossible(TooManyQuestions(QUESTIONS))


def _refuse_long(field: str, what: TextField, text: str, limit: int) -> None:
    if len(text) > limit:
        raise Invalid(field, TooLong(what, len(text), limit))
