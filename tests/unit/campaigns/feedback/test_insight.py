"""Steps of a timeline, rate and time left."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from campaigns import drafting
from campaigns.campaign import Campaign, with_run
from campaigns.content import Format
from campaigns.feedback.insight import Insight, rate_of, step_of, time_left, with_empty_steps
from campaigns.report import Counts

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def campaign(*, lasted: timedelta | None = None) -> Campaign:
    draft = drafting.draft("t", "c", name="N", format=Format.IDEA, author_id="a", now=NOW)
    ended = None if lasted is None else NOW + lasted
    return with_run(draft, started_at=NOW, ended_at=ended)


@pytest.mark.parametrize(
    ("seconds", "step"),
    [(0, 1), (10, 1), (11, 2), (60, 10), (200, 30), (2_000, 300), (86_400, 10_800), (1e7, 604_800)],
)
def test_a_timeline_has_about_ten_steps(seconds: float, step: int) -> None:
    lasted = timedelta(seconds=seconds)
    assert step_of(campaign(lasted=lasted), NOW) == step * SECOND
    assert step_of(campaign(), NOW + lasted) == step * SECOND


def test_an_even_timeline_has_the_steps_without_any() -> None:
    sent = {NOW: 3, NOW + 30 * SECOND: 2}
    assert with_empty_steps(sent, 10 * SECOND) == [
        (NOW, 3), (NOW + 10 * SECOND, 0), (NOW + 20 * SECOND, 0), (NOW + 30 * SECOND, 2),
    ]  # fmt: skip
    assert with_empty_steps({}, SECOND) == []


def test_after_a_long_pause_it_has_only_those_with_some() -> None:
    sent = {NOW: 3, NOW + 9_000 * SECOND: 2}
    assert with_empty_steps(sent, 10 * SECOND) == sorted(sent.items())


def test_the_rate_of_what_has_ended_is_over_all_of_it() -> None:
    known = Insight(counts=Counts(success=480))
    assert rate_of(campaign(lasted=10 * SECOND), known) == 48
    assert rate_of(campaign(lasted=timedelta()), known) == 0


def test_the_rate_while_sending_leaves_pauses_and_unfinished_steps_apart() -> None:
    timeline = {
        NOW + seconds * SECOND: number
        for seconds, number in ((0, 7), (10, 480), (600, 480), (610, 3))
    }
    known = Insight(counts=Counts(success=970, ongoing=480), timeline=timeline, step=10 * SECOND)
    assert rate_of(campaign(), known) == 48
    assert time_left(campaign(), known) == 10 * SECOND
    assert time_left(campaign(), msgspec.structs.replace(known, counts=Counts(success=9))) is None
    assert rate_of(campaign(), Insight()) == 0
