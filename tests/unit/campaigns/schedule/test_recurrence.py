"""Weekly and monthly: on which days, at what time, until when."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.errors import Invalid, Refusal
from campaigns.refusals.schedule import ScheduleRefusal, TimesOutOfRange
from campaigns.schedule import recurrence
from campaigns.schedule.recurrence import Every, Recurrence, Series

PARIS = ZoneInfo("Europe/Paris")


def weekly(*days: int, clock: str = "09:30", **changes: Any) -> Recurrence:
    return Recurrence(
        every=Every.WEEK,
        days=days,
        time_of_day=time.fromisoformat(clock),
        zone="Europe/Paris",
        **changes,
    )


def monthly(*days: int, clock: str = "09:30", **changes: Any) -> Recurrence:
    return Recurrence(
        every=Every.MONTH,
        days=days,
        time_of_day=time.fromisoformat(clock),
        zone="Europe/Paris",
        **changes,
    )


def walls(rule: Recurrence, after: str, number: int) -> list[str]:
    """The next times after a moment, as the clocks of Paris show them."""
    moment = datetime.fromisoformat(after).replace(tzinfo=PARIS)
    shown: list[str] = []
    while len(shown) < number:
        following = recurrence.following(rule, moment)
        if following is None:
            shown.append("end")
            break
        moment = following
        shown.append(f"{following.astimezone(PARIS):%Y-%m-%d %H:%M}")
    return shown


FOLLOWING = [
    (
        weekly(0, 3),
        "2026-11-24 08:00",
        ["2026-11-26 09:30", "2026-11-30 09:30", "2026-12-03 09:30"],
    ),
    (weekly(1), "2026-11-24 09:29", ["2026-11-24 09:30"]),
    (weekly(1), "2026-11-24 09:30", ["2026-12-01 09:30"]),
    (monthly(1, 15), "2026-12-10 00:00", ["2026-12-15 09:30", "2027-01-01 09:30"]),
    # Too short a month has it on its last day; once, even when two days fall on it.
    (
        monthly(30, 31),
        "2027-01-30 12:00",
        ["2027-01-31 09:30", "2027-02-28 09:30", "2027-03-30 09:30"],
    ),
    (monthly(29), "2028-02-01 00:00", ["2028-02-29 09:30"]),
    # The clocks' hour stays the same when they change; what they skip comes after the gap, and
    # what they show twice comes once.
    (weekly(6), "2026-10-18 00:00", ["2026-10-18 09:30", "2026-10-25 09:30"]),
    (weekly(6, clock="02:30"), "2026-03-23 00:00", ["2026-03-29 03:30", "2026-04-05 02:30"]),
    (weekly(6, clock="02:30"), "2026-10-24 00:00", ["2026-10-25 02:30", "2026-11-01 02:30"]),
    (
        weekly(0, until=date(2026, 12, 7)),
        "2026-11-24 00:00",
        ["2026-11-30 09:30", "2026-12-07 09:30", "end"],
    ),
]


@pytest.mark.parametrize(("rule", "after", "expected"), FOLLOWING)
def test_the_next_times(rule: Recurrence, after: str, expected: list[str]) -> None:
    assert walls(rule, after, len(expected)) == expected


@given(
    st.sets(st.integers(1, 31), min_size=1),
    st.times(),
    st.sampled_from(["Europe/Paris", "Pacific/Apia", "Australia/Lord_Howe"]),
    st.integers(0, 18 * 365 * 24 * 60).map(
        lambda minutes: datetime(2011, 12, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    ),
)
def test_without_an_end_there_is_always_a_next_one(
    days: set[int], clock: time, zone: str, moment: datetime
) -> None:
    rule = Recurrence(every=Every.MONTH, days=tuple(sorted(days)), time_of_day=clock, zone=zone)
    following = recurrence.following(rule, moment)
    assert following is not None
    assert timedelta() < following - moment < timedelta(days=63)


def test_a_series_counts_its_occurrences() -> None:
    series = Series(id="s", recurrence=weekly(0, times=2))
    now = datetime(2026, 11, 24, tzinfo=UTC)
    following = recurrence.next_of(series, now)
    assert following is not None
    second, begins = following
    assert (second.number, second.campaign_id()) == (2, "s-2")
    assert begins == datetime(2026, 11, 30, 8, 30, tzinfo=UTC)
    assert recurrence.next_of(second, begins) is None


BAD = [
    (weekly(), "weekdays", ScheduleRefusal.NO_DAYS),
    (monthly(), "month_days", ScheduleRefusal.NO_DAYS),
    (monthly(0), "month_days", ScheduleRefusal.NOT_IN_A_MONTH),
    (monthly(32), "month_days", ScheduleRefusal.NOT_IN_A_MONTH),
    (weekly(0, times=0), "times", TimesOutOfRange(400)),
    (weekly(0, times=401), "times", TimesOutOfRange(400)),
    (weekly(0, until=date(2026, 11, 29)), "until", ScheduleRefusal.NEVER_HAPPENS),
]


@pytest.mark.parametrize(("rule", "field", "why"), BAD)
def test_what_never_happens_is_refused_beside_its_field(
    rule: Recurrence, field: str, why: Refusal
) -> None:
    with pytest.raises(Invalid) as refusal:
        recurrence.checked(rule, datetime(2026, 11, 24, tzinfo=UTC))
    assert refusal.value.problems[field] == why
