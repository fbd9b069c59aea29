"""Occurrences of a series that a wrong clock has scheduled."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Any

import msgspec
import pytest

from campaigns import scheduling
from campaigns.audience import AllUsers
from campaigns.campaign import Campaign, Status
from campaigns.content import Content
from campaigns.schedule.recurrence import Every, Recurrence, Series
from campaigns.schedule.schedule import Schedule
from tests.support.examples import campaign

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
DAILY = Recurrence(
    every=Every.WEEK, days=tuple(range(7)), time_of_day=time(12), zone="Etc/UTC", times=9
)


def occurrence(at: datetime, **changes: Any) -> Campaign:
    return campaign(
        "daily-1",
        content=Content("Hello"),
        audience=AllUsers(),
        status=Status.SCHEDULED,
        schedule=Schedule(at=at, zone="Etc/UTC", series=Series(id="daily", recurrence=DAILY)),
        **changes,
    )


def made_at(now: datetime) -> Campaign:
    following = scheduling.next_occurrence(occurrence(NOON), now)
    assert following is not None
    return following


def starts(found: Campaign | None) -> datetime | None:
    return None if found is None else found.starts_at


@pytest.mark.parametrize(
    ("made", "now", "starts_at"),
    [
        pytest.param(NOON, NOON + HOUR, None, id="right"),
        pytest.param(NOON + 5 * DAY, NOON + 6 * DAY, None, id="made in the past"),
        pytest.param(NOON + 5 * DAY, NOON - HOUR, NOON + DAY, id="days ahead"),
        pytest.param(NOON + 5 * DAY, NOON - 3 * DAY, NOON + DAY, id="the first one is not again"),
        pytest.param(NOON + 5 * DAY, NOON + 2 * DAY + HOUR, NOON + 3 * DAY, id="none made up for"),
        pytest.param(NOON + HOUR, NOON, None, id="ahead without harm"),
    ],
)
def test_what_a_clock_that_was_ahead_has_made_gets_its_right_time(
    made: datetime, now: datetime, starts_at: datetime | None
) -> None:
    following = made_at(made)
    redated = scheduling.redated(following, now)
    assert starts(redated) == starts_at
    if redated is not None:
        assert scheduling.redated(redated, now) is None


def test_what_has_started_or_was_made_by_hand_keeps_its_time() -> None:
    following = made_at(NOON + 5 * DAY)
    for changed in (
        msgspec.structs.replace(following, status=Status.SENDING),
        msgspec.structs.replace(following, status=Status.DRAFT),
        msgspec.structs.replace(following, schedule=None),
        occurrence(NOON + 9 * DAY, created_at=NOON + 5 * DAY),
    ):
        assert scheduling.redated(changed, NOON) is None
