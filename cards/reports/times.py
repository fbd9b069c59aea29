"""The times in a report: duration, delay, rate, and deliveries over time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from campaigns.campaign import Campaign, Purpose
from campaigns.feedback.insight import Insight, with_empty_steps
from cards import elements as ac
from cards.texts import count, duration, zone_name
from cards.view import small_line, text

_HEADINGS = {
    Purpose.SEND: "Deliveries over time",
    Purpose.CORRECT: "Corrections over time",
    Purpose.RECALL: "Recalls over time",
}

_DAY = timedelta(days=1)
_MINUTE = timedelta(minutes=1)


def duration_text(campaign: Campaign) -> str:
    """Returns the time that sending took; ``not ended yet`` before the end."""
    if campaign.run.started_at is None or campaign.run.ended_at is None:
        return "not ended yet"
    return duration(campaign.run.ended_at - campaign.run.started_at)


def delay_text(campaign: Campaign) -> str:
    """Returns ``, 5 min late``, to stand after the start time; empty below a minute."""
    delay = campaign.late_by
    return f", {duration(delay)} late" if delay >= _MINUTE else ""


def pace(rate: float) -> str:
    """Returns ``48 per second``, ``12 per minute`` or ``3 per hour``.

    :param rate: per second.
    """
    for unit, seconds in (("second", 1), ("minute", 60), ("hour", 3_600)):
        if rate * seconds >= 0.95 or unit == "hour":
            break
    number = rate * seconds
    return f"{number:,.0f} per {unit}" if number >= 9.5 else f"{number:.1g} per {unit}"


def timeline(campaign: Campaign, insight: Insight, zone: ZoneInfo) -> list[ac.Element]:
    """Returns a chart of the messages that were sent or changed over time.

    Returns nothing when all were at about the same time.
    """
    bars = with_empty_steps(insight.timeline, insight.step)
    if len(bars) < 2 or campaign.run.started_at is None:
        return []
    names, explained = _names(
        [moment for moment, _ in bars], insight.step, campaign.run.started_at, zone
    )
    busiest = max(range(len(bars)), key=lambda number: bars[number][1])
    fallback = text(
        f"Most at {names[busiest]}: {count(bars[busiest][1], 'message', 'messages')}.",
        subtle=True,
    )
    return [
        ac.TextBlock(
            _HEADINGS[campaign.follow_up.purpose], weight="bolder", spacing="large", wrap=True
        ),
        small_line(f"Messages in each {_width(insight.step)}, by {explained}."),
        ac.VerticalBarChart(
            [ac.Bar(name, number) for name, (_, number) in zip(names, bars, strict=True)],
            color="categoricalBlue",
            fallback=fallback,
        ),
    ]


def _names(
    steps: Sequence[datetime], step: timedelta, start: datetime, zone: ZoneInfo
) -> tuple[list[str], str]:
    """Returns the labels of the columns, and the words that explain them.

    Labels are short, because there is little room.
    """
    local = [moment.astimezone(zone) for moment in steps]
    if step < _MINUTE:
        since = [max(0, int((moment - start).total_seconds())) for moment in steps]
        return [
            f"{seconds // 60}:{seconds % 60:02}" for seconds in since
        ], "minutes since the start"
    if step >= _DAY:
        return [f"{moment.day} {moment:%b}" for moment in local], "day"
    if local[0].date() == local[-1].date():
        return [f"{moment:%H:%M}" for moment in local], f"{zone_name(zone)} time"
    return [f"{moment:%a %H}h" for moment in local], f"day and hour, {zone_name(zone)} time"


def _width(step: timedelta) -> str:
    """Returns ``second``, ``10 seconds``, ``hour``."""
    for unit, length in (("day", _DAY), ("hour", timedelta(hours=1)), ("minute", _MINUTE)):
        if step >= length:
            return _each(step // length, unit)
    return _each(int(step.total_seconds()), "second")


def _each(number: int, unit: str) -> str:
    return unit if number == 1 else f"{number} {unit}s"
