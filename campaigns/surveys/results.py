"""Results of a survey: responses counted in small units that add up.

Each response is a handful of *tokens*, such as ``q1=c:2`` (the third choice of question q1). A
store only counts tokens. Everything else is made from the counts. (The tokens of links are
something else; see :mod:`campaigns.seal`.)
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

import msgspec

from campaigns.surveys.answers import Answer, shown_number
from campaigns.surveys.questions import Question, QuestionKind

RESPONSES_AT_LEAST = 3
"""Fewest responses at which the results of an anonymous survey are shown. With one or two, people
who know who has answered could tell whose response is whose."""

Tally = Mapping[str, int]
"""Count of each token."""

_RESPONSE = "*"
"""Token that every response has."""


class Distribution(msgspec.Struct, frozen=True, kw_only=True):
    """Answers to one question, in numbers."""

    answered: int
    """Number of people who answered this question."""
    chosen: tuple[int, ...] = ()
    """Number of answers for each choice."""
    others: int = 0
    """Number of answers with a text for the choice "Other"."""
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
    counted = [_RESPONSE]
    for question_id, answer in answers.items():
        counted.append(f"{question_id}=")
        counted += [f"{question_id}=c:{choice}" for choice in answer.choices]
        if answer.other:
            counted.append(f"{question_id}=o")
        if answer.number is not None:
            counted.append(f"{question_id}=n:{shown_number(answer.number)}")
        if answer.day:
            counted.append(f"{question_id}=d:{answer.day}")
    return counted


def tally(responses: Iterable[Mapping[str, Answer]]) -> Counter[str]:
    """Returns the counts of these responses.

    This is their definition: the faster ways of the stores must give the same.
    """
    counts: Counter[str] = Counter()
    for answers in responses:
        counts.update(tokens(answers))
    return counts


def responses(counted: Tally) -> int:
    """Returns the number of responses."""
    return counted.get(_RESPONSE, 0)


def distribution(counted: Tally, question: Question) -> Distribution:
    """Returns the answers to one question, in numbers, from the counts."""
    prefix = f"{question.id}="
    numbers: dict[float, int] = {}
    days: dict[str, int] = {}
    for token, count in counted.items():
        if not token.startswith(prefix) or not count:
            continue
        kind, _, value = token.removeprefix(prefix).partition(":")
        if kind == "n":
            numbers[float(value)] = count
        elif kind == "d":
            days[value] = count
    return Distribution(
        answered=counted.get(prefix, 0),
        chosen=tuple(
            counted.get(f"{prefix}c:{choice}", 0) for choice in range(len(question.offered))
        ),
        others=counted.get(f"{prefix}o", 0),
        numbers=dict(sorted(numbers.items())),
        days=dict(sorted(days.items())),
    )


def score(answers: Distribution) -> Score:
    """Returns the net promoter score of the answers to a recommendation."""
    numbers = answers.numbers
    promoters = sum(count for number, count in numbers.items() if number >= 9)
    detractors = sum(count for number, count in numbers.items() if number <= 6)
    return Score(promoters, answers.answered - promoters - detractors, detractors)


def free_text(question: Question, answer: Answer | None) -> str:
    """Returns the free text of an answer; empty when it has none."""
    if answer is None:
        return ""
    return answer.text if question.kind is QuestionKind.TEXT else answer.other


def has_texts(question: Question) -> bool:
    """Returns True when people can answer in their own words."""
    return question.kind is QuestionKind.TEXT or question.other


def may_be_shown(counted: Tally, *, anonymous: bool) -> bool:
    """Returns True when the results may be shown: nobody's response can be guessed from them."""
    return not anonymous or responses(counted) >= RESPONSES_AT_LEAST
