"""Surveys: the questions that a campaign asks, and the settings for answering them.

A survey can be edited until a campaign that asks it is sent. A campaign carries a copy of its
survey in its content, so a survey that was sent never changes.
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
"""Most questions of a survey."""

REMIND_BEFORE = 30
"""Most days from the automatic reminder to the survey's end."""

THANKS = "Thank you! Your answers have arrived."
"""Text after answering, unless the author writes another one."""


class Readers(enum.Enum):
    """Recipients who see the results."""

    NOBODY = "nobody"
    ANSWERED = "answered"
    """Recipients who have answered, at any time."""
    EVERYBODY = "everybody"
    """All recipients, after the end."""


class Survey(msgspec.Struct, frozen=True, kw_only=True):
    """A survey of one tenant.

    ``revision`` counts the saved changes; it is 0 until the first save.
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
    """Number of questions that it has ever had. The next question's id is made from it, so that no
    id is given twice."""
    anonymous: bool = False
    changeable: bool = True
    """True when an answer may be changed until the end."""
    closes_at: datetime | None = None
    """Moment from which it is over; None when it is open until somebody closes it."""
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
    def only_question(self) -> Question | None:
        """The only question; None when there are none or several."""
        return self.questions[0] if len(self.questions) == 1 else None

    def question(self, question_id: str) -> Question | None:
        """Returns the question with this id; None when there is none."""
        return next((question for question in self.questions if question.id == question_id), None)


def create(
    tenant_id: str, survey_id: str, *, name: str, introduction: str, author_id: str, now: datetime
) -> Survey:
    """Returns a new survey without questions.

    Raises Invalid as :func:`describe` does.
    """
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
    """Returns the survey with this title and introduction.

    Raises Invalid when the title is empty, or a text is too long or has a placeholder; NotPossible
    when it has been sent.
    """
    require_unsent(survey)
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


def configure(survey: Survey, settings: SurveySettings, now: datetime) -> Survey:
    """Returns the survey with these settings.

    Raises Invalid for the first wrong one, and NotPossible when it has been sent.
    """
    require_unsent(survey)
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

    Raises Invalid for a wrong question; NotPossible when the survey has been sent or has too many.
    """
    require_unsent(survey)
    question = checked(question)
    questions = list(survey.questions)
    known = [asked.id for asked in questions]
    if question.id in known:
        questions[known.index(question.id)] = question
        return _with_questions(survey, questions, now)
    _require_room(survey)
    questions.append(msgspec.structs.replace(question, id=f"q{survey.asked + 1}"))
    return msgspec.structs.replace(_with_questions(survey, questions, now), asked=survey.asked + 1)


def move(survey: Survey, question_id: str, places: int, now: datetime) -> Survey:
    """Returns the survey with this question moved; unchanged when it has no such question.

    :param places: the places to move it down; negative to move it up. It stops at either end.

    Raises NotPossible when the survey has been sent.
    """
    require_unsent(survey)
    questions = list(survey.questions)
    question = survey.question(question_id)
    if question is None:
        return survey
    position = questions.index(question)
    questions.insert(max(0, position + places), questions.pop(position))
    return _with_questions(survey, questions, now)


def duplicate(survey: Survey, question_id: str, now: datetime) -> Survey:
    """Returns the survey with a copy of this question right below it.

    Raises NotPossible when the survey has been sent or has too many questions.
    """
    require_unsent(survey)
    question = survey.question(question_id)
    if question is None:
        return survey
    _require_room(survey)
    questions = list(survey.questions)
    copy = msgspec.structs.replace(question, id=f"q{survey.asked + 1}")
    questions.insert(questions.index(question) + 1, copy)
    return msgspec.structs.replace(_with_questions(survey, questions, now), asked=survey.asked + 1)


def drop(survey: Survey, question_id: str, now: datetime) -> Survey:
    """Returns the survey without this question. Raises NotPossible when it has been sent."""
    require_unsent(survey)
    kept = [question for question in survey.questions if question.id != question_id]
    return _with_questions(survey, kept, now)


def clone(survey: Survey, survey_id: str, *, author_id: str, now: datetime) -> Survey:
    """Returns a new survey with the same questions and settings, which can be edited.

    An end that has passed is left out, and the reminder with it.
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


def require_unsent(survey: Survey) -> None:
    """Raises NotPossible when a campaign that asks the survey has been sent."""
    if survey.used:
        raise NotPossible(SurveyRefusal.SENT)


def is_over(survey: Survey | None, now: datetime) -> bool:
    """Returns True when there is a survey, and its last day has passed."""
    return survey is not None and survey.closes_at is not None and survey.closes_at <= now


def _with_questions(survey: Survey, questions: Sequence[Question], now: datetime) -> Survey:
    return msgspec.structs.replace(survey, questions=tuple(questions), updated_at=now)


def _require_room(survey: Survey) -> None:
    if len(survey.questions) >= QUESTIONS:
        raise NotPossible(TooManyQuestions(QUESTIONS))


def _refuse_long(field: str, text_field: TextField, text: str, limit: int) -> None:
    if len(text) > limit:
        raise Invalid(field, TooLong(text_field, len(text), limit))
