"""Numbers of a report: the counts, the feedback, and the course of sending over time."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

import msgspec

from campaigns.campaign import Campaign
from campaigns.feedback.events import Engagement
from campaigns.report import Counts

_BARS = 10
"""Most steps of a chart, roughly; as many names as have room in a chart as wide as a chat."""

_STEPS = tuple(
    timedelta(seconds=seconds)
    for seconds in (
        1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 10_800, 21_600, 43_200,
        86_400, 172_800, 604_800,
    )
)  # fmt: skip
"""Steps of time that people think in, up to a week."""


class Insight(msgspec.Struct, frozen=True, kw_only=True):
    """All numbers of a campaign's report, at one moment."""

    counts: Counts = Counts()
    engagement: Engagement = Engagement()
    timeline: Mapping[datetime, int] = {}
    """Messages sent in each step, by the step's beginning; steps without any are left out."""
    step: timedelta = _STEPS[0]
    answered: int | None = None
    """Responses to its survey, including those of newcomers; None without a survey."""
    author: str = ""
    """Name of its author; empty when it is not known any more."""


def rate_of(campaign: Campaign, insight: Insight) -> float:
    """Returns messages per second.

    Over the whole campaign when it has ended; while it is being sent, without the steps in which
    none left, such as pauses.
    """
    if campaign.run.started_at is not None and campaign.run.ended_at is not None:
        seconds = (campaign.run.ended_at - campaign.run.started_at).total_seconds()
        return insight.counts.success / seconds if seconds >= 1 else 0.0
    numbers = [number for _, number in sorted(insight.timeline.items())]
    # The first and the last step are probably not whole.
    whole = numbers[1:-1] or numbers
    return sum(whole) / (len(whole) * insight.step.total_seconds()) if whole else 0.0


def time_left(campaign: Campaign, insight: Insight) -> timedelta | None:
    """Returns roughly how long sending the rest takes at this rate; None when that is not known."""
    rate = rate_of(campaign, insight)
    return timedelta(seconds=insight.counts.open / rate) if rate and insight.counts.open else None


def step_of(campaign: Campaign, now: datetime) -> timedelta:
    """Returns the width of a timeline's steps, such that there are not too many."""
    if campaign.run.started_at is None:
        return _STEPS[0]
    span = (campaign.run.ended_at or now) - campaign.run.started_at
    return next((step for step in _STEPS if span <= step * _BARS), _STEPS[-1])


def even(timeline: Mapping[datetime, int], step: timedelta) -> list[tuple[datetime, int]]:
    """Returns the timeline from its first step to its last, including the empty steps.

    When a pause makes it too long to draw, the empty steps are left out again.
    """
    if not timeline:
        return []
    first, last = min(timeline), max(timeline)
    number = (last - first) // step + 1
    if number > 2 * _BARS:
        return sorted(timeline.items())[-2 * _BARS :]
    steps = (first + position * step for position in range(number))
    return [(begins, timeline.get(begins, 0)) for begins in steps]
