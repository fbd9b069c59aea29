"""Of a report: how long sending took, how fast it was, and when."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from campaigns.campaign import Campaign, Purpose
from campaigns.feedback.insight import Insight, even
from cards import elements as ac
from cards.texts import count, duration, place
from cards.view import text

_HEADINGS = {
    Purpose.SEND: "Deliveries over time",
    Purpose.CORRECT: "Corrections over time",
    Purpose.RECALL: "Recalls over time",
}

_DAY = timedelta(days=1)
_MINUTE = timedelta(minutes=1)


def lasted(campaign: Campaign) -> str:
    """How long sending took."""
    if campaign.run.started_at is None or campaign.run.ended_at is None:
        return "not ended yet"
    return duration(campaign.run.ended_at - campaign.run.started_at)


def late(campaign: Campaign) -> str:
    """How much later than scheduled it started, to follow its start; empty when it is not worth
    telling.
    """
    by = campaign.late_by
    return f", {duration(by)} late" if by >= _MINUTE else ""


def pace(rate: float) -> str:
    """``48 per second``, ``12 per minute``, ``3 per hour``, of so many per second."""
    for unit, seconds in (("second", 1), ("minute", 60), ("hour", 3_600)):
        if rate * seconds >= 0.95 or unit == "hour":
            break
    number = rate * seconds
    return f"{number:,.0f} per {unit}" if number >= 9.5 else f"{number:.1g} per {unit}"


def timeline(campaign: Campaign, insight: Insight, zone: ZoneInfo) -> list[ac.Element]:
    """When the messages left, or were changed, as columns; nothing when it was all at about
    the same time.
    """
    bars = even(insight.timeline, insight.step)
    if len(bars) < 2 or campaign.run.started_at is None:
        return []
    names, explained = _names([at for at, _ in bars], insight.step, campaign.run.started_at, zone)
    busiest = max(range(len(bars)), key=lambda number: bars[number][1])
    fallback = text(
        f"Most at {names[busiest]}: {count(bars[busiest][1], 'message', 'messages')}.",
        subtle=True,
    )
    return [
        ac.TextBlock(
            _HEADINGS[campaign.follow_up.purpose], weight="bolder", spacing="large", wrap=True
        ),
        ac.TextBlock(
            f"Messages in each {_width(insight.step)}, by {explained}.",
            is_subtle=True,
            size="small",
            spacing="none",
            wrap=True,
        ),
        ac.VerticalBarChart(
            [ac.Bar(name, number) for name, (_, number) in zip(names, bars, strict=True)],
            color="categoricalBlue",
            fallback=fallback,
        ),
    ]


def _names(
    steps: Sequence[datetime], step: timedelta, start: datetime, zone: ZoneInfo
) -> tuple[list[str], str]:
    """What the columns are called, and what that is: few characters, there is little room."""
    local = [at.astimezone(zone) for at in steps]
    if step < _MINUTE:
        since = [max(0, int((at - start).total_seconds())) for at in steps]
        return [
            f"{seconds // 60}:{seconds % 60:02}" for seconds in since
        ], "minutes since the start"
    if step >= _DAY:
        return [f"{at.day} {at:%b}" for at in local], "day"
    if local[0].date() == local[-1].date():
        return [f"{at:%H:%M}" for at in local], f"{place(zone)} time"
    return [f"{at:%a %H}h" for at in local], f"day and hour, {place(zone)} time"


def _width(step: timedelta) -> str:
    """``second``, ``10 seconds``, ``hour``."""
    for unit, length in (("day", _DAY), ("hour", timedelta(hours=1)), ("minute", _MINUTE)):
        if step >= length:
            return _each(step // length, unit)
    return _each(int(step.total_seconds()), "second")


def _each(number: int, unit: str) -> str:
    return unit if number == 1 else f"{number} {unit}s"
