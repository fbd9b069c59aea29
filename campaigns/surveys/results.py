"""Results of a survey: responses counted in small units that add up.

A response is a handful of *tokens*, such as ``q1=c:2`` (the third choice of question q1). A store
only counts tokens; everything else is made from the counts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

import msgspec

from campaigns.surveys.answers import Answer, shown_number
from campaigns.surveys.questions import Question, QuestionKind

AT_LEAST = 3
"""Fewest responses of an anonymous survey at which its results are shown. With one or two, people
who know who has answered could tell whose is whose."""

Tally = Mapping[str, int]
"""Count of each token."""

_ALL = "*"


class Distribution(msgspec.Struct, frozen=True, kw_only=True):
    """Answers to one question, in numbers."""

    answered: int
    chosen: tuple[int, ...] = ()
    """Number of answers for each choice."""
    others: int = 0
    numbers: dict[float, int] = {}
    """Answers for each number, in ascending order."""
    days: dict[str, int] = {}
    """Answers for each day, in ascending order."""

    @property
    def average(self) -> float:
        """Average of the numbers; 0 when there are none."""
        total = sum(number * count for number, count in self.numbers.items())
        return total / self.answered if self.answered else 0.0


class Score(msgspec.Struct, frozen=True):
    """Groups of a net promoter score: promoters (9 and 10), passives, detractors (0 to 6)."""

    promoters: int
    passives: int
    detractors: int

    @property
    def value(self) -> int:
        """Promoters less detractors in percent of all: from -100 to 100, rounded."""
        total = self.promoters + self.passives + self.detractors
        return round(100 * (self.promoters - self.detractors) / total) if total else 0


def tokens(answers: Mapping[str, Answer]) -> list[str]:
    """Returns the tokens that one response adds to the counts."""
    units = [_ALL]
    for question_id, answer in answers.items():
        units.append(f"{question_id}=")
        units += [f"{question_id}=c:{choice}" for choice in answer.choices]
        if answer.other:
            units.append(f"{question_id}=o")
        if answer.number is not None:
            units.append(f"{question_id}=n:{shown_number(answer.number)}")
        if answer.day:
            units.append(f"{question_id}=d:{answer.day}")
    return units


def tally(responses: Iterable[Mapping[str, Answer]]) -> Counter[str]:
    """Returns the counts of these responses: the definition that faster ways must equal."""
    counts: Counter[str] = Counter()
    for answers in responses:
        counts.update(tokens(answers))
    return counts


def responses(counted: Tally) -> int:
    """Returns the number of responses."""
    return counted.get(_ALL, 0)


def distribution(counted: Tally, question: Question) -> Distribution:
    """Returns the answers to one question from the counts."""
    start = f"{question.id}="
    numbers: dict[float, int] = {}
    days: dict[str, int] = {}
    for token, count in counted.items():
        if not token.startswith(start) or not count:
            continue
        kind, _, value = token.removeprefix(start).partition(":")
        if kind == "n":
            numbers[float(value)] = count
        elif kind == "d":
            days[value] = count
    return Distribution(
        answered=counted.get(start, 0),
        chosen=tuple(
            counted.get(f"{start}c:{choice}", 0) for choice in range(len(question.offered))
        ),
        others=counted.get(f"{start}o", 0),
        numbers=dict(sorted(numbers.items())),
        days=dict(sorted(days.items())),
    )


def score(answers: Distribution) -> Score:
    """Returns the net promoter score of the answers to a recommendation."""
    numbers = answers.numbers
    promoters = sum(count for number, count in numbers.items() if number >= 9)
    detractors = sum(count for number, count in numbers.items() if number <= 6)
    return Score(promoters, answers.answered - promoters - detractors, detractors)


def said(question: Question, answer: Answer | None) -> str:
    """Returns the free text of an answer; empty when it has none."""
    if answer is None:
        return ""
    return answer.text if question.kind is QuestionKind.TEXT else answer.other


def has_texts(question: Question) -> bool:
    """Returns True when people can answer in their own words."""
    return question.kind is QuestionKind.TEXT or question.other


def may_be_shown(counted: Tally, *, anonymous: bool) -> bool:
    """Returns True when there are enough responses that nobody can be told from the others."""
    return not anonymous or responses(counted) >= AT_LEAST
