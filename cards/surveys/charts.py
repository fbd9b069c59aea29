"""What the answers to one question come to, as a chart and in words."""

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
from cards.view import link, on, text

_BARS = 12
"""Numbers and days that get a bar each; more share one."""

_DAYS = 14
"""The last ones, of which is shown how many answered."""

_BELOW = 42
"""Characters that have room side by side below a chart, as narrow as in a chat."""


def of_question(
    number: int,
    question: Question,
    tally: Tally,
    campaign: Campaign | None,
    *,
    charts: bool = True,
) -> ac.Element:
    """Question, numbers and chart; with a campaign, the way to what was written, too."""
    of = results.distribution(tally, question)
    items: list[ac.Element] = [
        ac.TextBlock(f"{number}\\. {escape(question.text)}", weight="bolder", wrap=True),
        text(_summary(question, of), subtle=True, small=True),
    ]
    if of.answered:
        items += _chart(question, of) if charts else _said(question, of)
    if campaign is not None and results.has_texts(question):
        written = of.answered if question.kind is QuestionKind.TEXT else of.others
        if written:
            title = f"Read {count(written, 'text', 'texts')}"
            opened = actions.OpenTexts(**on(campaign), question=question.id)
            items.append(ac.ActionSet([link(title, opened)]))
    return ac.Container(items, separator=True, spacing="medium")


def _summary(question: Question, of: Distribution) -> str:
    said = count(of.answered, "answer", "answers")
    if not of.answered:
        return said
    if question.kind is QuestionKind.RECOMMENDATION:
        score = results.score(of)
        return (
            f"{said} · NPS **{score.value:+d}**: {count(score.promoters, 'promoter', 'promoters')},"
            f" {count(score.passives, 'passive', 'passives')},"
            f" {count(score.detractors, 'detractor', 'detractors')}"
        )
    if question.kind in (QuestionKind.RATING, QuestionKind.NUMBER):
        return f"{said} · average **{of.average:.2f}**"
    return said


def _bars(question: Question, of: Distribution) -> list[tuple[str, int]]:
    """What is counted, and how often."""
    match question.kind:
        case QuestionKind.SINGLE | QuestionKind.MULTIPLE | QuestionKind.YES_NO:
            bars = list(zip(question.offered, of.chosen, strict=True))
            return [*bars, ("Other", of.others)] if question.other else bars
        case QuestionKind.RATING | QuestionKind.RECOMMENDATION:
            return [(str(mark), of.numbers.get(float(mark), 0)) for mark in question.scale]
        case QuestionKind.NUMBER:
            return _number_bars(of.numbers)
        case QuestionKind.DATE:
            return _day_bars(of.days)
        case QuestionKind.TEXT:
            return []


def _number_bars(numbers: Mapping[float, int]) -> list[tuple[str, int]]:
    if len(numbers) <= _BARS:
        return [(shown_number(number), often) for number, often in numbers.items()]
    low, high = min(numbers), max(numbers)
    width = (high - low) / 10
    bars = [0] * 10
    for number, often in numbers.items():
        bars[min(9, int((number - low) / width))] += often
    edges = [_edge(low + at * width, width) for at in range(11)]
    return [(f"{edges[at]} to {edges[at + 1]}", often) for at, often in enumerate(bars)]


def _edge(number: float, width: float) -> str:
    """With no more digits than tell it from the next one."""
    return f"{number:,.0f}" if width >= 10 else f"{number:,.1f}" if width >= 1 else f"{number:.4g}"


def _day_bars(days: Mapping[str, int]) -> list[tuple[str, int]]:
    """Days; months or years, when there are too many."""
    for length in (10, 7, 4):
        bars: dict[str, int] = {}
        for day, often in days.items():
            bars[day[:length]] = bars.get(day[:length], 0) + often
        if len(bars) <= _BARS:
            return list(bars.items())
    return list(bars.items())[-_BARS:]


def _chart(question: Question, of: Distribution) -> list[ac.Element]:
    bars = _bars(question, of)
    if not bars:
        return []
    fallback = ac.Container(_said(question, of))
    marks = question.kind in (QuestionKind.RATING, QuestionKind.RECOMMENDATION, QuestionKind.NUMBER)
    if marks and _have_room(bars):
        return [_standing(bars, fallback)]
    # Not every client writes the numbers beside bars that lie.
    return [
        _lying([(f"{name} ({share(often, of.answered)})", often) for name, often in bars], fallback)
    ]


def _standing(bars: Sequence[tuple[str, int]], fallback: ac.Element) -> ac.Element:
    data = [ac.Bar(name, often) for name, often in bars]
    return ac.VerticalBarChart(data, show_bar_values=True, fallback=fallback)


def _lying(bars: Sequence[tuple[str, int]], fallback: ac.Element) -> ac.Element:
    data = [ac.Bar(name, often) for name, often in bars]
    return ac.HorizontalBarChart(data, display_mode="AbsoluteWithAxis", fallback=fallback)


def _have_room(bars: Sequence[tuple[str, int]]) -> bool:
    """Whether their names have room below them."""
    return sum(len(name) for name, _ in bars) <= _BELOW


def _said(question: Question, of: Distribution) -> list[ac.Element]:
    return [ac.TextBlock(line, wrap=True, spacing="none") for line in _lines(question, of)]


def _lines(question: Question, of: Distribution) -> list[str]:
    """The same in words, for clients without charts."""
    if question.kind is QuestionKind.TEXT:
        return [count(of.answered, "text", "texts")] if of.answered else []
    lines = [
        f"{escape(name)}: {often:,} ({share(often, of.answered)})"
        for name, often in _bars(question, of)
    ]
    return lines if of.answered else []


def trend(days: Mapping[date, int]) -> list[ac.Element]:
    """How many answered on each of the last days, when there is more than one."""
    if len(days) < 2:
        return []
    last = list(days.items())[-_DAYS:]
    lines: list[ac.Element] = [
        ac.TextBlock(f"{day.isoformat()}: {often:,}", wrap=True, spacing="none")
        for day, often in last
    ]
    title = "How many answered on which day:"
    if len(last) < len(days):
        title = f"How many answered on each of the last {len(last)} days with answers:"
    bars = [(f"{day.day} {day:%b}", often) for day, often in last]
    fallback = ac.Container(lines)
    if _have_room(bars):
        chart = _standing(bars, fallback)
    else:
        chart = _lying([(f"{name}: {often:,}", often) for name, often in bars], fallback)
    return [text(title, subtle=True, small=True), chart]
