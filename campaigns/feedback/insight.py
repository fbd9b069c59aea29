"""Numbers of a report: the counts, the feedback, and the course of sending over time."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

import msgspec

from campaigns.campaign import Campaign
from campaigns.feedback.events import Engagement
from campaigns.report import Counts

_BARS = 10
"""Most steps of a chart, roughly: so many labels have room in a chart as wide as a chat."""

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
    """Width of the timeline's steps."""
    answered: int | None = None
    """Responses to its survey, including those of newcomers; None without a survey."""
    author: str = ""
    """Name of its author; empty when it is not known any more."""


def rate_of(campaign: Campaign, insight: Insight) -> float:
    """Returns the messages sent per second.

    For a campaign that has ended, it is the average over the whole run. While it is being sent,
    steps in which no message left, such as pauses, do not count.
    """
    if campaign.run.started_at is not None and campaign.run.ended_at is not None:
        seconds = (campaign.run.ended_at - campaign.run.started_at).total_seconds()
        return insight.counts.success / seconds if seconds >= 1 else 0.0
    numbers = [number for _, number in sorted(insight.timeline.items())]
    # Sending probably began or still goes on in the middle of the first and the last step.
    full_steps = numbers[1:-1] or numbers
    if not full_steps:
        return 0.0
    return sum(full_steps) / (len(full_steps) * insight.step.total_seconds())


def time_left(campaign: Campaign, insight: Insight) -> timedelta | None:
    """Returns roughly how long the rest takes at the present rate; None when it is not known."""
    rate = rate_of(campaign, insight)
    return timedelta(seconds=insight.counts.open / rate) if rate and insight.counts.open else None


def step_of(campaign: Campaign, now: datetime) -> timedelta:
    """Returns a width for the timeline's steps that keeps their number small enough for a chart."""
    if campaign.run.started_at is None:
        return _STEPS[0]
    span = (campaign.run.ended_at or now) - campaign.run.started_at
    return next((step for step in _STEPS if span <= step * _BARS), _STEPS[-1])


def with_empty_steps(
    timeline: Mapping[datetime, int], step: timedelta
) -> list[tuple[datetime, int]]:
    """Returns the timeline from its first step to its last, including the empty steps.

    When a pause makes it too long to draw, the empty steps are left out, and of the others the last
    ones are returned.
    """
    if not timeline:
        return []
    first, last = min(timeline), max(timeline)
    number = (last - first) // step + 1
    if number > 2 * _BARS:
        return sorted(timeline.items())[-2 * _BARS :]
    steps = (first + position * step for position in range(number))
    return [(begins, timeline.get(begins, 0)) for begins in steps]
