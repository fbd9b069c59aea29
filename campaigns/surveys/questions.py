"""Questions of a survey: their kinds, limits and checks."""

from __future__ import annotations

import enum
import math
from collections.abc import Sequence

import msgspec

from campaigns.errors import Invalid, Refusal, refuse
from campaigns.refusals.surveys import ChoiceTwice, NumberOfChoices, QuestionRefusal, SurveyRefusal
from campaigns.refusals.text import TextField, TooLong
from campaigns.text import placeholders, typed

QUESTION_LIMIT = 300
HELP_LIMIT = 300
CHOICE_LIMIT = 100
"""Characters, as both above."""

CHOICES_AT_LEAST = 2
CHOICES = 25

BOUND = 1e12
"""Largest number that can be asked for, in either direction."""


class QuestionKind(enum.Enum):
    """Sort of answer that a question asks for."""

    SINGLE = "single"
    MULTIPLE = "multiple"
    YES_NO = "yes_no"
    RATING = "rating"
    """1 to 5."""
    RECOMMENDATION = "recommendation"
    """0 to 10, from which the net promoter score is made."""
    NUMBER = "number"
    DATE = "date"
    TEXT = "text"

    @property
    def has_choices(self) -> bool:
        """True when the author writes the choices."""
        return self in (QuestionKind.SINGLE, QuestionKind.MULTIPLE)


class Question(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A question of a survey.

    Its answers are kept under its id. No other question of the survey ever gets the same id.
    """

    id: str
    kind: QuestionKind
    text: str
    help: str = ""
    required: bool = False
    choices: tuple[str, ...] = ()
    """Choices that the author wrote. An answer keeps their numbers, counted from 0."""
    other: bool = False
    """True when something else can be typed in place of the choices, or beside them."""
    low: float | None = None
    """Smallest number that may be answered; None for no bound."""
    high: float | None = None
    """Largest number that may be answered; None for no bound."""
    lines: bool = False
    """True when a text may have several lines."""

    @property
    def offered(self) -> tuple[str, ...]:
        """Choices to choose from: those of the author, or *Yes* and *No*."""
        return ("Yes", "No") if self.kind is QuestionKind.YES_NO else self.choices

    @property
    def scale(self) -> range:
        """Numbers to choose from, for a rating or a recommendation."""
        return range(1, 6) if self.kind is QuestionKind.RATING else range(11)


def checked(question: Question) -> Question:
    """Returns the question tidied, without fields that its kind does not have.

    Raises Invalid with every wrong field.
    """
    problems: dict[str, Refusal] = {}
    text, help_ = typed.one_line(question.text), typed.one_line(question.help)
    if typed.is_blank(text):
        problems["text"] = QuestionRefusal.NO_TEXT
    elif len(text) > QUESTION_LIMIT:
        problems["text"] = TooLong(TextField.QUESTION, len(text), QUESTION_LIMIT)
    elif placeholders.used(text):
        problems["text"] = SurveyRefusal.PLACEHOLDER
    if len(help_) > HELP_LIMIT:
        problems["help"] = TooLong(TextField.HELP, len(help_), HELP_LIMIT)
    elif placeholders.used(help_):
        problems["help"] = SurveyRefusal.PLACEHOLDER
    choices: Sequence[str] = ()
    if question.kind.has_choices:
        lines = map(typed.one_line, question.choices)
        choices = [line for line in lines if not typed.is_blank(line)]
        wrong = _about_choices(choices, other=question.other)
        if wrong is not None:
            problems["choices"] = wrong
    low, high = question.low, question.high
    if question.kind is not QuestionKind.NUMBER:
        low = high = None
    for field, bound in (("low", low), ("high", high)):
        if bound is not None and not (math.isfinite(bound) and abs(bound) <= BOUND):
            problems[field] = QuestionRefusal.BOUND_NO_NUMBER
    if not problems and low is not None and high is not None and low > high:
        problems["high"] = QuestionRefusal.BOUNDS_CROSSED
    refuse(problems)
    return msgspec.structs.replace(
        question,
        text=text,
        help=help_,
        choices=tuple(choices),
        other=question.other and question.kind.has_choices,
        low=low,
        high=high,
        lines=question.lines and question.kind is QuestionKind.TEXT,
    )


def require_no_placeholder(field: str, text: str) -> None:
    """Raises Invalid for a placeholder: everybody is asked the same, and results are shared."""
    if placeholders.used(text):
        raise Invalid(field, SurveyRefusal.PLACEHOLDER)


def _about_choices(choices: Sequence[str], *, other: bool) -> Refusal | None:
    if not CHOICES_AT_LEAST <= len(choices) <= CHOICES:
        return NumberOfChoices(CHOICES_AT_LEAST, CHOICES)
    for choice in choices:
        if len(choice) > CHOICE_LIMIT:
            return TooLong(TextField.CHOICE, len(choice), CHOICE_LIMIT)
        if placeholders.used(choice):
            return SurveyRefusal.PLACEHOLDER
    seen: set[str] = set()
    for choice in choices:
        if choice.casefold() in seen:
            return ChoiceTwice(choice)
        seen.add(choice.casefold())
    if other and "other" in seen:
        return QuestionRefusal.OTHER_OFFERED
    return None
