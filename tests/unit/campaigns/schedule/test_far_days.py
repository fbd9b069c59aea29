"""A day that somebody types: each is taken, or refused beside its field, to the calendar's ends."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import TypeVar
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from campaigns.errors import Invalid
from campaigns.refusals.schedule import ScheduleRefusal, StartTooFarAhead
from campaigns.schedule import recurrence, windows
from campaigns.schedule.recurrence import Every, Recurrence
from campaigns.schedule.schedule import SOONEST, checked_start
from campaigns.schedule.windows import FARTHEST, Hours, Window, starts_at

T = TypeVar("T")

NOW = datetime(2026, 1, 5, 9, tzinfo=UTC)
ZONES = ["UTC", "Europe/London", "America/New_York", "Pacific/Kiritimati", "Pacific/Pago_Pago"]

days = st.dates() | st.sampled_from(
    [date.min, date.max, *(NOW.date() + timedelta(days=number) for number in range(-3, 12))]
)
zones = st.sampled_from(ZONES).map(ZoneInfo)


def outcome(check: Callable[[], T]) -> tuple[set[str], T | None]:
    """The fields that are refused, or what the check returns."""
    try:
        return set(), check()
    except Invalid as error:
        return set(error.problems), None


@given(day=days, clock_time=st.times(), zone=zones, ahead=st.integers(1, 365))
@example(date(9999, 12, 31), time(23), ZoneInfo("America/New_York"), 6)
@example(date(1, 1, 1), time(0), ZoneInfo("Pacific/Kiritimati"), 6)
def test_a_start_is_in_its_range_or_refused_beside_its_field(
    day: date, clock_time: time, zone: ZoneInfo, ahead: int
) -> None:
    fields, moment = outcome(lambda: checked_start(day, clock_time, zone, now=NOW, days=ahead))
    assert fields in ({"day"}, {"time"}, set())
    if moment is not None:
        assert NOW + SOONEST <= moment <= NOW + timedelta(days=ahead)
        assert moment.astimezone(zone).date() == day


@pytest.mark.parametrize(
    ("day", "zone", "refusal"),
    [
        (date(9999, 12, 31), "America/New_York", StartTooFarAhead),
        (date(9999, 12, 31), "Europe/London", StartTooFarAhead),
        (date(1, 1, 1), "Asia/Tokyo", ScheduleRefusal),
    ],
)
def test_the_ends_of_the_calendar_are_refused_at_the_day(
    day: date, zone: str, refusal: type
) -> None:
    for clock_time in (time(0), time(9), time(23, 59)):
        with pytest.raises(Invalid) as raised:
            checked_start(day, clock_time, ZoneInfo(zone), now=NOW, days=6)
        assert isinstance(raised.value.problems["day"], refusal)


@given(day=days, number=st.integers(-5, 40), zone=st.sampled_from(ZONES), own_zones=st.booleans())
@example(date(9999, 12, 30), 5, "Europe/London", False)
@example(date(9999, 12, 31), 1, "Pacific/Pago_Pago", True)
def test_a_window_is_in_its_range_or_refused_beside_its_fields(
    day: date, number: int, zone: str, own_zones: bool
) -> None:
    hours = Hours(weekdays=tuple(range(7)))
    window = Window(first_day=day, days=number, zone=zone, own_zones=own_zones, hours=hours)
    fields, checked = outcome(lambda: windows.checked(window, NOW))
    assert fields <= {"first_day", "days"}
    if checked is not None:
        assert windows.openings(window, ZoneInfo(zone))
        assert starts_at(window, NOW) >= NOW
        assert window.last_day <= NOW.date() + FARTHEST + timedelta(days=31)


@given(
    until=days,
    zone=st.sampled_from(ZONES),
    every=st.sampled_from(Every),
    numbers=st.lists(st.integers(0, 6), min_size=1, max_size=3),
)
@example(date.max, "Pacific/Kiritimati", Every.MONTH, [1])
@example(date.min, "Pacific/Pago_Pago", Every.WEEK, [0])
def test_a_last_day_of_a_series_is_possible_or_refused_beside_its_field(
    until: date, zone: str, every: Every, numbers: list[int]
) -> None:
    weekly = Recurrence(
        every=every, days=tuple(numbers), time_of_day=time(9), zone=zone, until=until
    )
    with contextlib.suppress(Invalid):
        checked = recurrence.checked(weekly, NOW)
        following = recurrence.following(checked, NOW)
        assert following is not None
        assert following > NOW
