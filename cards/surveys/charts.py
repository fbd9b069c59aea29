"""The results of one question, as a chart and in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from campaigns.campaign import Campaign
from campaigns.surveys import results
from campaigns.surveys.answers import shown_number
from campaigns.surveys.questions import Question, QuestionKind
from campaigns.surveys.results import Distribution, Tally
from cards import actions
from cards import elements as ac
from cards.markdown import escape
from cards.texts import count, share
from cards.view import campaign_fields, link, text

_BARS = 12
"""Most numbers or days that get a bar each. More are grouped."""

_DAYS = 14
"""Most days in the chart of answers by day. It shows the last ones."""

_LABELS_LIMIT = 42
"""Most characters of all labels side by side below a chart, in the width of a chat."""


def question_results(
    number: int,
    question: Question,
    tally: Tally,
    campaign: Campaign | None,
    *,
    charts: bool = True,
) -> ac.Element:
    """Returns the question with its numbers and chart.

    :param number: the question's number, counted from 1.
    :param tally: the counts of all responses.
    :param campaign: the campaign for the button that opens the free texts; None for no button.
    :param charts: False shows the results in words.
    """
    distribution = results.distribution(tally, question)
    items: list[ac.Element] = [
        ac.TextBlock(f"{number}\\. {escape(question.text)}", weight="bolder", wrap=True),
        text(_summary(question, distribution), subtle=True, small=True),
    ]
    if distribution.answered:
        items += _chart(question, distribution) if charts else _in_words(question, distribution)
    if campaign is not None and results.has_texts(question):
        written = (
            distribution.answered if question.kind is QuestionKind.TEXT else distribution.others
        )
        if written:
            title = f"Read {count(written, 'text', 'texts')}"
            opened = actions.OpenTexts(**campaign_fields(campaign), question=question.id)
            items.append(ac.ActionSet([link(title, opened)]))
    return ac.Container(items, separator=True, spacing="medium")


def _summary(question: Question, distribution: Distribution) -> str:
    answers = count(distribution.answered, "answer", "answers")
    if not distribution.answered:
        return answers
    if question.kind is QuestionKind.RECOMMENDATION:
        score = results.score(distribution)
        groups = [
            count(score.promoters, "promoter", "promoters"),
            count(score.passives, "passive", "passives"),
            count(score.detractors, "detractor", "detractors"),
        ]
        return f"{answers} · NPS **{score.value:+d}**: {', '.join(groups)}"
    if question.kind in (QuestionKind.RATING, QuestionKind.NUMBER):
        return f"{answers} · average **{distribution.average:.2f}**"
    return answers


def _bars(question: Question, distribution: Distribution) -> list[tuple[str, int]]:
    """Returns a label for each bar, and the number of answers with it."""
    match question.kind:
        case QuestionKind.SINGLE | QuestionKind.MULTIPLE | QuestionKind.YES_NO:
            bars = list(zip(question.offered, distribution.chosen, strict=True))
            return [*bars, ("Other", distribution.others)] if question.other else bars
        case QuestionKind.RATING | QuestionKind.RECOMMENDATION:
            return [
                (str(score), distribution.numbers.get(float(score), 0)) for score in question.scale
            ]
        case QuestionKind.NUMBER:
            return _number_bars(distribution.numbers)
        case QuestionKind.DATE:
            return _day_bars(distribution.days)
        case QuestionKind.TEXT:
            return []


def _number_bars(numbers: Mapping[float, int]) -> list[tuple[str, int]]:
    if len(numbers) <= _BARS:
        return [(shown_number(number), answers) for number, answers in numbers.items()]
    low, high = min(numbers), max(numbers)
    width = (high - low) / 10
    bars = [0] * 10
    for number, answers in numbers.items():
        bars[min(9, int((number - low) / width))] += answers
    edges = [_edge(low + index * width, width) for index in range(11)]
    return [
        (f"{edges[index]} to {edges[index + 1]}", answers) for index, answers in enumerate(bars)
    ]


def _edge(number: float, width: float) -> str:
    """Returns an edge between two bars, with only as many digits as tell it from the next edge."""
    return f"{number:,.0f}" if width >= 10 else f"{number:,.1f}" if width >= 1 else f"{number:.4g}"


def _day_bars(days: Mapping[str, int]) -> list[tuple[str, int]]:
    """Returns bars for days, or for months or years when there are too many days."""
    for length in (10, 7, 4):
        bars: dict[str, int] = {}
        for day, answers in days.items():
            bars[day[:length]] = bars.get(day[:length], 0) + answers
        if len(bars) <= _BARS:
            return list(bars.items())
    return list(bars.items())[-_BARS:]


def _chart(question: Question, distribution: Distribution) -> list[ac.Element]:
    bars = _bars(question, distribution)
    if not bars:
        return []
    fallback = ac.Container(_in_words(question, distribution))
    marks = question.kind in (QuestionKind.RATING, QuestionKind.RECOMMENDATION, QuestionKind.NUMBER)
    if marks and _have_room(bars):
        return [_vertical(bars, fallback)]
    # Some clients write no numbers beside horizontal bars.
    return [
        _horizontal(
            [
                (f"{name} ({share(answers, distribution.answered)})", answers)
                for name, answers in bars
            ],
            fallback,
        )
    ]


def _vertical(bars: Sequence[tuple[str, int]], fallback: ac.Element) -> ac.Element:
    data = [ac.Bar(name, answers) for name, answers in bars]
    return ac.VerticalBarChart(data, show_bar_values=True, fallback=fallback)


def _horizontal(bars: Sequence[tuple[str, int]], fallback: ac.Element) -> ac.Element:
    data = [ac.Bar(name, answers) for name, answers in bars]
    return ac.HorizontalBarChart(data, display_mode="AbsoluteWithAxis", fallback=fallback)


def _have_room(bars: Sequence[tuple[str, int]]) -> bool:
    """Returns True when the labels of the bars fit below them."""
    return sum(len(label) for label, _ in bars) <= _LABELS_LIMIT


def _in_words(question: Question, distribution: Distribution) -> list[ac.Element]:
    return [
        ac.TextBlock(line, wrap=True, spacing="none") for line in _lines(question, distribution)
    ]


def _lines(question: Question, distribution: Distribution) -> list[str]:
    """Returns the results in words, for clients without charts."""
    if question.kind is QuestionKind.TEXT:
        return [count(distribution.answered, "text", "texts")] if distribution.answered else []
    lines = [
        f"{escape(name)}: {answers:,} ({share(answers, distribution.answered)})"
        for name, answers in _bars(question, distribution)
    ]
    return lines if distribution.answered else []


def trend(days: Mapping[date, int]) -> list[ac.Element]:
    """Returns a chart of the answers on each of the last days; nothing for a single day.

    :param days: the number of people who answered on each day, in the order of the days.
    """
    if len(days) < 2:
        return []
    last = list(days.items())[-_DAYS:]
    lines: list[ac.Element] = [
        ac.TextBlock(f"{day.isoformat()}: {answers:,}", wrap=True, spacing="none")
        for day, answers in last
    ]
    title = "How many answered on which day:"
    if len(last) < len(days):
        title = f"How many answered on each of the last {len(last)} days with answers:"
    bars = [(f"{day.day} {day:%b}", answers) for day, answers in last]
    fallback = ac.Container(lines)
    if _have_room(bars):
        chart = _vertical(bars, fallback)
    else:
        chart = _horizontal([(f"{name}: {answers:,}", answers) for name, answers in bars], fallback)
    return [text(title, subtle=True, small=True), chart]
