"""Answers: reads them from a card's fields, and puts them into words.

The fields of a card are data from outside. :func:`read` refuses everything that the survey does not
ask for.
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
"""Characters of an answer on one line."""

TEXT_LIMIT = 2_000
"""Characters of an answer on several lines."""

WORDS_LIMIT = 10_000
"""Characters of one person's texts together. The card that shows them again has room for these."""

FIELD = "a_"
OTHER_FIELD = "o_"
"""Beginnings of the names of a card's fields; the question's id follows."""

OTHER = "other"
"""Value of the choice "Other" in a card's field."""

_NUMBER = re.compile(r"[+-]?\d{1,15}(?:[.,]\d{1,9})?")
_POSITION = re.compile(r"\d{1,2}")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


class Answer(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Answer to one question. The question's kind decides which fields have the answer."""

    choices: tuple[int, ...] = ()
    """Numbers of the chosen choices, counted from 0, in ascending order."""
    other: str = ""
    """Text that was typed for the choice "Other"."""
    number: float | None = None
    day: str = ""
    """``YYYY-MM-DD``."""
    text: str = ""


Answers = Mapping[str, Answer]
"""Answers by the question's id; unanswered questions are left out."""


class Response(msgspec.Struct, frozen=True):
    """One person's answers.

    In a named survey ``id`` is the person's id. In an anonymous one it is a random number, the
    receipt, which otherwise stands only in that person's card.
    """

    id: str
    answers: dict[str, Answer]


class Unasked(Exception):
    """The fields answer a question that the survey does not have, or have a shape that no card
    sends. So nobody has typed them: they are forged, or from a program with a bug.
    """


def read(survey: Survey, fields: Mapping[str, Any]) -> dict[str, Answer]:
    """Returns the answers in a card's fields, by the question's id.

    Raises Invalid with every answer that is missing or wrong, and Unasked for fields or values that
    no card of this survey sends.
    """
    known = {question.id for question in survey.questions}
    for name in fields:
        for prefix in (FIELD, OTHER_FIELD):
            if name.startswith(prefix) and name.removeprefix(prefix) not in known:
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
    written = {
        question_id: len(answer.text) + len(answer.other) for question_id, answer in answers.items()
    }
    if sum(written.values()) > WORDS_LIMIT:
        longest = max(written, key=lambda question_id: written[question_id])
        problems[FIELD + longest] = AnswersTooLong(WORDS_LIMIT)
    refuse(problems)
    return answers


def read_typed(question: Question, text: str) -> Answer:
    """Returns the answer that somebody typed as text.

    For a question with choices the text has choices, or their numbers counted from 1. For any other
    question it is the answer itself. Raises Invalid when the text is no answer.
    """
    written = typed.paragraphs(text)
    if question.offered:
        parts = (
            re.split(r"[,;\n]", written) if question.kind is QuestionKind.MULTIPLE else [written]
        )
        chosen = []
        names = [choice.casefold() for choice in question.offered]
        for part in (typed.one_line(part).casefold() for part in parts):
            if part in names:
                chosen.append(names.index(part))
            elif _POSITION.fullmatch(part) and 0 < int(part) <= len(names):
                chosen.append(int(part) - 1)
            elif question.other and len(parts) == 1 and part:
                return Answer(other=_within(typed.one_line(written), LINE_LIMIT))
            else:
                raise Invalid("text", AnswerRefusal.NOT_A_CHOICE)
        return Answer(choices=tuple(sorted(set(chosen))))
    answer = _read(question, written, "")
    if answer is None:
        raise Invalid("text", AnswerRefusal.NOTHING_TYPED)
    return answer


def fields_of(survey: Survey, answers: Answers) -> dict[str, str]:
    """Returns the values of a card's fields that show these answers, by the field's name."""
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
    """Returns the answer in words, as people read it in cards and tables."""
    chosen = [
        question.offered[choice] for choice in answer.choices if choice < len(question.offered)
    ]
    words = [*chosen, *([answer.other] if answer.other else [])]
    if answer.number is not None:
        scale = {QuestionKind.RATING: " of 5", QuestionKind.RECOMMENDATION: " of 10"}.get(
            question.kind, ""
        )
        words.append(f"{shown_number(answer.number)}{scale}")
    words += [answer.day] if answer.day else []
    words += [answer.text] if answer.text else []
    return ", ".join(words)


def shown_number(number: float) -> str:
    """Returns the number as people write it, such as ``7`` or ``7.5``."""
    if number == int(number):
        return str(int(number))
    shown = repr(number)
    # Never with an exponent: the card may send it back, and :func:`read` takes only digits.
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
            written = typed.paragraphs(value) if question.lines else typed.one_line(value)
            return None if typed.is_blank(written) else Answer(text=_within(written, limit))


def _read_choices(question: Question, value: str, other: str) -> Answer | None:
    values = list(filter(None, value.split(",")))
    if question.kind is not QuestionKind.MULTIPLE and len(values) > 1:
        raise Unasked("two choices where there is one")
    chosen = set()
    says_other = False
    for choice in values:
        if choice == OTHER and question.other:
            says_other = True
        elif choice.isdecimal() and len(choice) < 3 and int(choice) < len(question.offered):
            chosen.add(int(choice))
        else:
            raise Unasked("a choice that is not offered")
    written = typed.one_line(other)
    if says_other and typed.is_blank(written):
        raise Invalid("", AnswerRefusal.OTHER_NOT_SAID)
    # A text counts even when "Other" was not chosen, unless it contradicts another choice.
    compatible = question.kind is QuestionKind.MULTIPLE or not chosen
    has_other = says_other or (compatible and not typed.is_blank(written))
    if not chosen and not has_other:
        return None
    return Answer(
        choices=tuple(sorted(chosen)), other=_within(written, LINE_LIMIT) if has_other else ""
    )


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
    """Returns the text. Raises Invalid when it is longer than the limit."""
    if len(text) > limit:
        raise Invalid("", TooLong(TextField.ANSWER, len(text), limit))
    return text


def _text(value: object) -> str:
    """Returns a field's value as text; clients send a number as a number or as a text."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Unasked("a field that is no text")
    return shown_number(value) if isinstance(value, int) or math.isfinite(value) else ""
