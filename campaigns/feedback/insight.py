"""What a report is made from: the counts, what came back, and how sending went over time."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

import msgspec

from campaigns.campaign import Campaign
from campaigns.feedback.events import Engagement
from campaigns.report import Counts

_BARS = 10
"""About so many steps at most; what has room for its name in a chart as wide as a chat."""

_STEPS = tuple(
    timedelta(seconds=seconds)
    for seconds in (
        1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 10_800, 21_600, 43_200,
        86_400, 172_800, 604_800,
    )
)  # fmt: skip
"""Steps of time that people think in, up to a week."""


class Insight(msgspec.Struct, frozen=True, kw_only=True):
    """All that a campaign's report says in numbers, at one moment."""

    counts: Counts = Counts()
    engagement: Engagement = Engagement()
    timeline: Mapping[datetime, int] = {}
    """How many were sent in each step, by its beginning; steps without any are left out."""
    step: timedelta = _STEPS[0]
    answered: int | None = None
    """Responses to its survey, also of those to whom it was sent later; None: it asks none."""
    author: str = ""
    """The name of who wrote it; empty: not known any more."""


def rate_of(campaign: Campaign, insight: Insight) -> float:
    """Messages per second: over all of a campaign that has ended; of another one while it is being
    sent, steps in which none left, such as pauses, apart.
    """
    if campaign.run.started_at is not None and campaign.run.ended_at is not None:
        seconds = (campaign.run.ended_at - campaign.run.started_at).total_seconds()
        return insight.counts.success / seconds if seconds >= 1 else 0.0
    numbers = [number for _, number in sorted(insight.timeline.items())]
    # The first step and the last are likely not whole.
    whole = numbers[1:-1] or numbers
    return sum(whole) / (len(whole) * insight.step.total_seconds()) if whole else 0.0


def time_left(campaign: Campaign, insight: Insight) -> timedelta | None:
    """About how long sending the rest takes at this rate; None when that can't be said."""
    rate = rate_of(campaign, insight)
    return timedelta(seconds=insight.counts.open / rate) if rate and insight.counts.open else None


def step_of(campaign: Campaign, now: datetime) -> timedelta:
    """How wide the steps of its timeline are, so that there are not too many."""
    if campaign.run.started_at is None:
        return _STEPS[0]
    span = (campaign.run.ended_at or now) - campaign.run.started_at
    return next((step for step in _STEPS if span <= step * _BARS), _STEPS[-1])


def even(timeline: Mapping[datetime, int], step: timedelta) -> list[tuple[datetime, int]]:
    """The timeline from its first step to its last, with those in which none were sent.

    When a pause makes it too long to draw, steps without any are left out again.
    """
    if not timeline:
        return []
    first, last = min(timeline), max(timeline)
    number = (last - first) // step + 1
    if number > 2 * _BARS:
        return sorted(timeline.items())[-2 * _BARS :]
    steps = (first + at * step for at in range(number))
    return [(at, timeline.get(at, 0)) for at in steps]
