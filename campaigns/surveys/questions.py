"""What a survey can ask: one question, its kind, and what an author may write into it."""

from __future__ import annotations

import enum
import math
from collections.abc import Sequence

import msgspec

from campaigns.errors import Invalid
from campaigns.text import placeholders, typed

QUESTION_LIMIT = 300
HELP_LIMIT = 300
CHOICE_LIMIT = 100
"""Characters, as both above."""

NO_PLACEHOLDERS = (
    "Placeholders such as [FIRSTNAME] work in the message above the survey, not in the survey."
)

CHOICES_AT_LEAST = 2
CHOICES = 25

BOUND = 1e12
"""No number that is asked for is beyond it, to either side."""


class QuestionKind(enum.Enum):
    """What a question asks for."""

    SINGLE = "single"
    MULTIPLE = "multiple"
    YES_NO = "yes_no"
    RATING = "rating"
    """1 to 5."""
    RECOMMENDATION = "recommendation"
    """0 to 10, of which the net promoter score is made."""
    NUMBER = "number"
    DATE = "date"
    TEXT = "text"

    @property
    def has_choices(self) -> bool:
        """Whether the author writes what can be chosen."""
        return self in (QuestionKind.SINGLE, QuestionKind.MULTIPLE)


class Question(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One question. Its answers are kept under its id, which no other question of the survey ever
    gets."""

    id: str
    kind: QuestionKind
    text: str
    help: str = ""
    required: bool = False
    choices: tuple[str, ...] = ()
    """What can be chosen, answered by its number, counted from 0."""
    other: bool = False
    """Whether something else can be typed in place of a choice, or beside them."""
    low: float | None = None
    high: float | None = None
    """Bounds of a number, both included."""
    lines: bool = False
    """Whether a text may have several lines."""

    @property
    def offered(self) -> tuple[str, ...]:
        """What can be chosen, whoever wrote it."""
        return ("Yes", "No") if self.kind is QuestionKind.YES_NO else self.choices

    @property
    def scale(self) -> range:
        """The marks of a rating or recommendation."""
        return range(1, 6) if self.kind is QuestionKind.RATING else range(11)


def checked(question: Question) -> Question:
    """The question as it is kept. Raises Invalid, naming every field that is wrong."""
    mistakes: dict[str, str] = {}
    text, help_ = typed.one_line(question.text), typed.one_line(question.help)
    if typed.is_blank(text):
        mistakes["text"] = "Write the question."
    elif len(text) > QUESTION_LIMIT:
        mistakes["text"] = typed.too_long("A question", text, QUESTION_LIMIT)
    elif placeholders.used(text):
        mistakes["text"] = NO_PLACEHOLDERS
    if len(help_) > HELP_LIMIT:
        mistakes["help"] = typed.too_long("A help line", help_, HELP_LIMIT)
    elif placeholders.used(help_):
        mistakes["help"] = NO_PLACEHOLDERS
    choices: Sequence[str] = ()
    if question.kind.has_choices:
        lines = map(typed.one_line, question.choices)
        choices = [line for line in lines if not typed.is_blank(line)]
        if wrong := _about_choices(choices, other=question.other):
            mistakes["choices"] = wrong
    low, high = question.low, question.high
    if question.kind is not QuestionKind.NUMBER:
        low = high = None
    for field, bound in (("low", low), ("high", high)):
        if bound is not None and not (math.isfinite(bound) and abs(bound) <= BOUND):
            mistakes[field] = "Type a number."
    if not mistakes and low is not None and high is not None and low > high:
        mistakes["high"] = "The largest number must not be below the smallest."
    if mistakes:
        [(field, message), *others] = mistakes.items()
        raise Invalid(field, message, dict(others))
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
    """Raises Invalid: what is asked is the same for everybody, and so are its results."""
    if placeholders.used(text):
        raise Invalid(field, NO_PLACEHOLDERS)


def _about_choices(choices: Sequence[str], *, other: bool) -> str:
    if not CHOICES_AT_LEAST <= len(choices) <= CHOICES:
        return f"Write {CHOICES_AT_LEAST} to {CHOICES} choices, one per line."
    for choice in choices:
        if len(choice) > CHOICE_LIMIT:
            return typed.too_long("A choice", choice, CHOICE_LIMIT)
        if placeholders.used(choice):
            return NO_PLACEHOLDERS
    seen: set[str] = set()
    for choice in choices:
        if choice.casefold() in seen:
            return f"“{choice}” is there twice."
        seen.add(choice.casefold())
    if other and "other" in seen:
        return "“Other” is offered by the box below already."
    return ""
