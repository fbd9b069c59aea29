"""What people answer: read from what came in, and put into words.

What comes back from a card is data from outside. :func:`read` takes nothing of it that the survey
does not ask for.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import date
from typing import Any

import msgspec

from campaigns.errors import Invalid, Refusal, refuse
from campaigns.refusals.surveys import AnswerRefusal, AnswersTooLong, MarkOutside, NumberOutside
from campaigns.refusals.text import TextField, TooLong
from campaigns.surveys.questions import Question, QuestionKind
from campaigns.surveys.survey import Survey
from campaigns.text import typed

LINE_LIMIT = 200
TEXT_LIMIT = 2_000
"""Characters of an answer on one line, and on several."""

WORDS_LIMIT = 10_000
"""Characters of all that one person writes; the card that shows them again has room for as many."""

FIELD = "a_"
OTHER_FIELD = "o_"
"""How the names of a card's fields begin; the question's id follows."""

OTHER = "other"
"""What is chosen to say something else."""

_NUMBER = re.compile(r"[+-]?\d{1,15}(?:[.,]\d{1,9})?")
_POSITION = re.compile(r"\d{1,2}")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


class Answer(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What somebody answered to one question; which part has it depends on the question."""

    choices: tuple[int, ...] = ()
    """Numbers of what was chosen, in the order in which it was offered."""
    other: str = ""
    number: float | None = None
    day: str = ""
    """``YYYY-MM-DD``."""
    text: str = ""


Answers = Mapping[str, Answer]
"""By the question's id; questions that were not answered are left out."""


class Response(msgspec.Struct, frozen=True):
    """One person's answers.

    ``id`` is the person's id in a named survey. In an anonymous one it is a random one, which
    stands in that person's card and nowhere else.
    """

    id: str
    answers: dict[str, Answer]


class Unasked(Exception):
    """Answers to questions that the survey does not have, or in no shape that a card gives them:
    nobody can have typed that."""


def read(survey: Survey, fields: Mapping[str, Any]) -> dict[str, Answer]:
    """The answers in a card's fields.

    Raises Invalid for what is missing or can't be taken, by the names of the fields, and Unasked
    for what no card of this survey has.
    """
    known = {of.id for of in survey.questions}
    for name in fields:
        for start in (FIELD, OTHER_FIELD):
            if name.startswith(start) and name.removeprefix(start) not in known:
                raise Unasked(name[:80])
    answers: dict[str, Answer] = {}
    problems: dict[str, Refusal] = {}
    for question in survey.questions:
        value = _text(fields.get(FIELD + question.id))
        other = _text(fields.get(OTHER_FIELD + question.id)) if question.other else ""
        try:
            answer = _read(question, value, other)
        except Invalid as error:
            problems[FIELD + question.id] = error.refusal
            continue
        if answer is not None:
            answers[question.id] = answer
        elif question.required:
            problems[FIELD + question.id] = AnswerRefusal.MISSING
    written = {of: len(answer.text) + len(answer.other) for of, answer in answers.items()}
    if sum(written.values()) > WORDS_LIMIT:
        longest = max(written, key=lambda of: written[of])
        problems[FIELD + longest] = AnswersTooLong(WORDS_LIMIT)
    refuse(problems)
    return answers


def read_typed(question: Question, text: str) -> Answer:
    """The answer that somebody typed: a choice, its number counted from 1, or the value.

    Raises Invalid.
    """
    said = typed.paragraphs(text)
    if question.offered:
        parts = re.split(r"[,;\n]", said) if question.kind is QuestionKind.MULTIPLE else [said]
        chosen = []
        names = [of.casefold() for of in question.offered]
        for part in (typed.one_line(part).casefold() for part in parts):
            if part in names:
                chosen.append(names.index(part))
            elif _POSITION.fullmatch(part) and 0 < int(part) <= len(names):
                chosen.append(int(part) - 1)
            elif question.other and len(parts) == 1 and part:
                return Answer(other=_within(typed.one_line(said), LINE_LIMIT))
            else:
                raise Invalid("text", AnswerRefusal.NOT_A_CHOICE)
        return Answer(choices=tuple(sorted(set(chosen))))
    answer = _read(question, said, "")
    if answer is None:
        raise Invalid("text", AnswerRefusal.NOTHING_TYPED)
    return answer


def fields_of(survey: Survey, answers: Answers) -> dict[str, str]:
    """What the fields of a card say when these are the answers."""
    fields = {}
    for question in survey.questions:
        answer = answers.get(question.id)
        if answer is None:
            continue
        values = [str(number) for number in answer.choices]
        if answer.other and question.kind.has_choices:
            values.append(OTHER)
            fields[OTHER_FIELD + question.id] = answer.other
        if answer.number is not None:
            values.append(shown_number(answer.number))
        values += [answer.day] if answer.day else []
        values += [answer.text] if answer.text else []
        fields[FIELD + question.id] = ",".join(values)
    return fields


def in_words(question: Question, answer: Answer) -> str:
    """The answer as its author reads it."""
    chosen = [question.offered[of] for of in answer.choices if of < len(question.offered)]
    said = [*chosen, *([answer.other] if answer.other else [])]
    if answer.number is not None:
        of = {QuestionKind.RATING: " of 5", QuestionKind.RECOMMENDATION: " of 10"}.get(
            question.kind, ""
        )
        said.append(f"{shown_number(answer.number)}{of}")
    said += [answer.day] if answer.day else []
    said += [answer.text] if answer.text else []
    return ", ".join(said)


def shown_number(number: float) -> str:
    """``7``, ``7.5``."""
    if number == int(number):
        return str(int(number))
    shown = repr(number)
    # As people write it, who may send it back to us.
    return f"{number:.9f}".rstrip("0") if "e" in shown else shown


def _read(question: Question, value: str, other: str) -> Answer | None:
    match question.kind:
        case QuestionKind.SINGLE | QuestionKind.MULTIPLE | QuestionKind.YES_NO:
            return _read_choices(question, value, other)
        case QuestionKind.RATING | QuestionKind.RECOMMENDATION:
            if not value:
                return None
            number = _number(value)
            if number not in question.scale:
                raise Invalid("", MarkOutside(question.scale[0], question.scale[-1]))
            return Answer(number=number)
        case QuestionKind.NUMBER:
            return _read_number(question, value) if value.strip() else None
        case QuestionKind.DATE:
            return Answer(day=_day(value)) if value.strip() else None
        case QuestionKind.TEXT:
            limit = TEXT_LIMIT if question.lines else LINE_LIMIT
            said = typed.paragraphs(value) if question.lines else typed.one_line(value)
            return None if typed.is_blank(said) else Answer(text=_within(said, limit))


def _read_choices(question: Question, value: str, other: str) -> Answer | None:
    values = list(filter(None, value.split(",")))
    if question.kind is not QuestionKind.MULTIPLE and len(values) > 1:
        raise Unasked("two choices where there is one")
    chosen = set()
    says_other = False
    for one in values:
        if one == OTHER and question.other:
            says_other = True
        elif one.isdecimal() and len(one) < 3 and int(one) < len(question.offered):
            chosen.add(int(one))
        else:
            raise Unasked("a choice that is not offered")
    said = typed.one_line(other)
    if says_other and typed.is_blank(said):
        raise Invalid("", AnswerRefusal.OTHER_NOT_SAID)
    # What was typed without choosing "Other" is meant all the same, unless it contradicts a choice.
    beside = question.kind is QuestionKind.MULTIPLE or not chosen
    meant = says_other or (beside and not typed.is_blank(said))
    if not chosen and not meant:
        return None
    return Answer(choices=tuple(sorted(chosen)), other=_within(said, LINE_LIMIT) if meant else "")


def _read_number(question: Question, value: str) -> Answer:
    number = _number(value)
    if number is None:
        raise Invalid("", AnswerRefusal.NOT_A_NUMBER)
    low, high = question.low, question.high
    if (low is not None and number < low) or (high is not None and number > high):
        raise Invalid("", NumberOutside(low, high))
    return Answer(number=number)


def _number(value: str) -> float | None:
    value = value.strip()
    if not _NUMBER.fullmatch(value) or not value.isascii():
        return None
    number = float(value.replace(",", "."))
    return number if math.isfinite(number) else None


def _day(value: str) -> str:
    value = value.strip()[:40]
    try:
        if not _DAY.fullmatch(value):
            raise ValueError(value)
        return date.fromisoformat(value).isoformat()
    except ValueError:
        raise Invalid("", AnswerRefusal.NOT_A_DATE) from None


def _within(text: str, limit: int) -> str:
    if len(text) > limit:
        raise Invalid("", TooLong(TextField.ANSWER, len(text), limit))
    return text


def _text(value: object) -> str:
    """A field's value; clients send numbers as numbers or as texts."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Unasked("a field that is no text")
    return shown_number(value) if isinstance(value, int) or math.isfinite(value) else ""
