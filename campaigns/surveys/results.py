"""What a survey's responses come to: counted in small units that add up.

A response is a handful of *tokens*, such as ``q1=c:2`` (the third choice of question q1). Counting
tokens is all that a store does; everything else is made from the counts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

import msgspec

from campaigns.surveys.answers import Answer, shown_number
from campaigns.surveys.questions import Question, QuestionKind

AT_LEAST = 3
"""Responses of an anonymous survey, under which its results are not shown: of one or two, everyone
who knows who has answered could tell whose is whose."""

Tally = Mapping[str, int]
"""How often there is each token."""

_ALL = "*"


class Distribution(msgspec.Struct, frozen=True, kw_only=True):
    """The answers to one question, in numbers."""

    answered: int
    chosen: tuple[int, ...] = ()
    """Of each choice, how many chose it."""
    others: int = 0
    numbers: dict[float, int] = {}
    """Of each number, how many gave it; in ascending order."""
    days: dict[str, int] = {}
    """The same of days."""

    @property
    def average(self) -> float:
        """Of the numbers; 0 when there are none."""
        total = sum(number * count for number, count in self.numbers.items())
        return total / self.answered if self.answered else 0.0


class Score(msgspec.Struct, frozen=True):
    """A net promoter score: who recommends (9 and 10) less who does not (0 to 6)."""

    promoters: int
    passives: int
    detractors: int

    @property
    def value(self) -> int:
        """From -100 to 100, rounded."""
        total = self.promoters + self.passives + self.detractors
        return round(100 * (self.promoters - self.detractors) / total) if total else 0


def tokens(answers: Mapping[str, Answer]) -> list[str]:
    """What one response adds to the counts."""
    found = [_ALL]
    for question_id, answer in answers.items():
        found.append(f"{question_id}=")
        found += [f"{question_id}=c:{choice}" for choice in answer.choices]
        if answer.other:
            found.append(f"{question_id}=o")
        if answer.number is not None:
            found.append(f"{question_id}=n:{shown_number(answer.number)}")
        if answer.day:
            found.append(f"{question_id}=d:{answer.day}")
    return found


def tally(responses: Iterable[Mapping[str, Answer]]) -> Counter[str]:
    """The counts of these responses: the definition that faster ways must equal."""
    counts: Counter[str] = Counter()
    for answers in responses:
        counts.update(tokens(answers))
    return counts


def responses(counted: Tally) -> int:
    """How many responses there are."""
    return counted.get(_ALL, 0)


def distribution(counted: Tally, question: Question) -> Distribution:
    """What the counts say of one question."""
    start = f"{question.id}="
    numbers: dict[float, int] = {}
    days: dict[str, int] = {}
    for token, count in counted.items():
        if not token.startswith(start) or not count:
            continue
        of, _, value = token.removeprefix(start).partition(":")
        if of == "n":
            numbers[float(value)] = count
        elif of == "d":
            days[value] = count
    return Distribution(
        answered=counted.get(start, 0),
        chosen=tuple(counted.get(f"{start}c:{at}", 0) for at in range(len(question.offered))),
        others=counted.get(f"{start}o", 0),
        numbers=dict(sorted(numbers.items())),
        days=dict(sorted(days.items())),
    )


def score(of: Distribution) -> Score:
    """The net promoter score of the answers to a recommendation."""
    numbers = of.numbers
    promoters = sum(count for number, count in numbers.items() if number >= 9)
    detractors = sum(count for number, count in numbers.items() if number <= 6)
    return Score(promoters, of.answered - promoters - detractors, detractors)


def said(question: Question, answer: Answer | None) -> str:
    """The free text of an answer; empty when it has none."""
    if answer is None:
        return ""
    return answer.text if question.kind is QuestionKind.TEXT else answer.other


def has_texts(question: Question) -> bool:
    """Whether people can answer in words of their own."""
    return question.kind is QuestionKind.TEXT or question.other


def may_be_shown(counted: Tally, *, anonymous: bool) -> bool:
    """Whether there are so many that nobody can be told from the others."""
    return not anonymous or responses(counted) >= AT_LEAST
