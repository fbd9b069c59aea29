"""Working hours are what the clocks on the wall show, in every zone and when they change."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.errors import Invalid, Refusal
from campaigns.refusals.schedule import DaysOutOfRange, ScheduleRefusal, UnknownZone
from campaigns.schedule import windows
from campaigns.schedule.public_holidays import countries, holidays_of, is_holiday
from campaigns.schedule.windows import Hours, Opening, Window

ZONES = (
    "Europe/Paris",
    "America/New_York",
    "Asia/Kolkata",
    "Australia/Lord_Howe",
    "Pacific/Apia",
)
NOW = datetime(2026, 11, 24, 8, tzinfo=UTC)

times = st.times().map(lambda moment: moment.replace(microsecond=0))


@st.composite
def hours(draw: st.DrawFn) -> Hours:
    opens, closes = sorted(draw(st.lists(times, min_size=2, max_size=2, unique=True)))
    weekdays = draw(st.sets(st.integers(0, 6), min_size=1))
    country = draw(st.sampled_from(["", "FR", "US"]))
    return Hours(opens=opens, closes=closes, weekdays=tuple(sorted(weekdays)), country=country)


@st.composite
def some_windows(draw: st.DrawFn) -> Window:
    return Window(
        # Apia left out 30 December 2011; the others change their clocks every year.
        first_day=draw(st.dates(date(2011, 12, 20), date(2027, 12, 31))),
        days=draw(st.integers(1, windows.MOST_DAYS)),
        hours=draw(hours()),
        zone=draw(st.sampled_from(ZONES)),
        own_zones=draw(st.booleans()),
    )


@given(some_windows(), st.sampled_from(ZONES), st.text(max_size=8))
def test_what_is_drawn_is_within_the_hours_on_the_wall(window: Window, own: str, seed: str) -> None:
    zone = window.zone_for(own)
    openings = windows.openings(window, zone)
    moment = windows.drawn(openings, seed)
    if moment is None:
        assert not windows.length(openings)
        return
    wall = moment.astimezone(zone)
    assert window.hours.opens <= wall.time() < window.hours.closes
    assert wall.weekday() in window.hours.weekdays
    assert window.first_day <= wall.date() <= window.last_day
    assert not is_holiday(wall.date(), window.hours.country)
    assert windows.drawn(openings, seed) == moment


@given(some_windows(), st.sampled_from(ZONES))
def test_openings_are_in_order_and_apart(window: Window, own: str) -> None:
    openings = windows.openings(window, window.zone_for(own))
    edges = [edge for opening in openings for edge in (opening.begins, opening.ends)]
    assert edges == sorted(edges)
    assert all(opening.begins < opening.ends for opening in openings)


@given(some_windows(), st.sampled_from(ZONES), st.floats(0, 1), st.text(max_size=8))
def test_what_is_drawn_later_is_not_before_that(
    window: Window, own: str, share: float, seed: str
) -> None:
    openings = windows.openings(window, window.zone_for(own))
    if not openings:
        return
    moment = openings[0].begins + share * (openings[-1].ends - openings[0].begins)
    left = windows.after(openings, moment)
    drawn = windows.drawn(left, seed)
    assert (drawn is None) == (not left)
    if drawn is not None:
        assert drawn >= moment
        assert windows.is_open(openings, drawn)


@given(some_windows(), st.sampled_from(ZONES))
def test_every_moment_of_an_opening_is_within_the_hours(window: Window, own: str) -> None:
    zone = window.zone_for(own)
    for opening in windows.openings(window, zone):
        moment = opening.begins
        while moment < opening.ends:
            assert window.hours.opens <= moment.astimezone(zone).time() < window.hours.closes
            moment += timedelta(minutes=15)


@pytest.mark.parametrize("fold", [0, 1])
def test_the_fold_of_an_hour_does_not_matter(fold: int) -> None:
    """Two times that differ in it alone are equal, so a cached result may be the other's."""
    early = Hours(opens=time(0, 0, 34, fold=fold), closes=time(15, 30), weekdays=tuple(range(7)))
    apia = ZoneInfo("Pacific/Apia")
    assert windows.opening(early, date(2011, 12, 30), apia) is None


NIGHT = Hours(opens=time(1), closes=time(4), weekdays=tuple(range(7)))

CHANGES = [
    # zone, day, hours open: an hour less or more, half of one, and a day that was left out
    ("Europe/Paris", date(2026, 3, 29), 2.0),
    ("Europe/Paris", date(2026, 10, 25), 4.0),
    ("America/New_York", date(2026, 3, 8), 2.0),
    # Here 1:00 itself is shown twice: from the second time on.
    ("America/New_York", date(2026, 11, 1), 3.0),
    ("Australia/Lord_Howe", date(2026, 10, 4), 2.5),
    ("Australia/Lord_Howe", date(2026, 4, 5), 3.5),
    ("Asia/Kolkata", date(2026, 3, 29), 3.0),
    ("Pacific/Apia", date(2011, 12, 29), 3.0),
    ("Pacific/Apia", date(2011, 12, 30), 0.0),
    ("Pacific/Apia", date(2011, 12, 31), 3.0),
]


@pytest.mark.parametrize(("zone", "day", "expected"), CHANGES)
def test_on_days_when_clocks_change_the_wall_decides(zone: str, day: date, expected: float) -> None:
    opening = windows.opening(NIGHT, day, ZoneInfo(zone))
    length = opening.ends - opening.begins if opening is not None else timedelta()
    assert length == timedelta(hours=expected)


def test_what_clocks_skip_or_show_twice_is_not_in_doubt() -> None:
    paris = ZoneInfo("Europe/Paris")
    half_past_two = Hours(opens=time(2, 30), closes=time(4), weekdays=tuple(range(7)))
    skipped = windows.opening(half_past_two, date(2026, 3, 29), paris)
    assert skipped is not None
    assert skipped.begins.astimezone(paris).time() == time(3, 30)
    twice = windows.opening(half_past_two, date(2026, 10, 25), paris)
    assert twice is not None
    assert twice.ends - twice.begins == timedelta(hours=1.5)


def test_times_are_spread_evenly() -> None:
    """Chi-square over the open time, which has gaps: 40 cells, so above 80 once in 10,000."""
    window = Window(first_day=date(2026, 11, 26), days=5, zone="Europe/Paris")
    openings = windows.openings(window, ZoneInfo("Europe/Paris"))
    cells: Counter[int] = Counter()
    number, size = 20_000, windows.length(openings) / 40
    for person in range(number):
        moment = windows.drawn(openings, f"seed {person}")
        assert moment is not None
        before = sum(
            (
                min(moment, opening.ends) - opening.begins
                for opening in openings
                if opening.begins < moment
            ),
            timedelta(),
        )
        cells[int(before / size)] += 1
    expected = number / 40
    assert sum((cells[cell] - expected) ** 2 / expected for cell in range(40)) < 80


def test_the_figure_of_a_window_that_is_too_short() -> None:
    window = Window(first_day=date(2026, 11, 25), days=1, zone="Europe/Paris")
    assert windows.lacking_time(window, 8 * 3600 * 50, 50, NOW) is None
    assert windows.lacking_time(window, 9 * 3600 * 50, 50, NOW) == timedelta(hours=1)


def test_a_campaign_by_everyones_own_clock_starts_where_the_day_begins_first() -> None:
    window = Window(first_day=date(2026, 11, 26), days=1, zone="Europe/Paris")
    assert windows.starts_at(window, NOW) == datetime(2026, 11, 26, 8, tzinfo=UTC)
    own = msgspec.structs.replace(window, own_zones=True)
    assert windows.starts_at(own, NOW) == datetime(2026, 11, 25, 19, tzinfo=UTC)
    begun = msgspec.structs.replace(window, first_day=date(2026, 11, 23), days=3)
    assert windows.starts_at(begun, NOW) == NOW


GOOD = Window(first_day=date(2026, 11, 26), days=3, zone="Europe/Paris")

BAD = [
    ("first_day", GOOD, {"first_day": date(2026, 11, 23)}, ScheduleRefusal.DAY_OVER),
    ("days", GOOD, {"days": 0}, DaysOutOfRange(30)),
    ("days", GOOD, {"days": 31}, DaysOutOfRange(30)),
    ("zone", GOOD, {"zone": "Europe/Nowhere"}, UnknownZone("Europe/Nowhere")),
    (
        "closes",
        GOOD,
        {"hours": Hours(opens=time(17), closes=time(9))},
        ScheduleRefusal.CLOSES_TOO_EARLY,
    ),
    (
        "closes",
        GOOD,
        {"hours": Hours(opens=time(9), closes=time(9))},
        ScheduleRefusal.CLOSES_TOO_EARLY,
    ),
    ("weekdays", GOOD, {"hours": Hours(weekdays=())}, ScheduleRefusal.NO_DAYS),
    ("country", GOOD, {"hours": Hours(country="XX")}, ScheduleRefusal.UNKNOWN_COUNTRY),
    # A weekend only, and today when working hours are over.
    ("days", GOOD, {"first_day": date(2026, 11, 28), "days": 2}, ScheduleRefusal.NO_WORKING_TIME),
    (
        "days",
        GOOD,
        {"first_day": date(2026, 11, 24), "days": 1, "hours": Hours(opens=time(8), closes=time(9))},
        ScheduleRefusal.NO_WORKING_TIME,
    ),
]


@pytest.mark.parametrize(("field", "window", "changes", "why"), BAD)
def test_a_bad_window_is_refused_beside_its_field(
    field: str, window: Window, changes: dict[str, object], why: Refusal
) -> None:
    with pytest.raises(Invalid) as refusal:
        windows.checked(msgspec.structs.replace(window, **changes), NOW)
    assert refusal.value.problems[field] == why


def test_a_good_window_is_taken_and_several_mistakes_are_told_at_once() -> None:
    assert windows.checked(GOOD, NOW) == GOOD
    bad = msgspec.structs.replace(GOOD, days=0, hours=Hours(opens=time(9), closes=time(8)))
    with pytest.raises(Invalid) as refusal:
        windows.checked(bad, NOW)
    assert set(refusal.value.problems) == {"days", "closes"}


def test_public_holidays_are_left_out() -> None:
    bastille_day = date(2026, 7, 14)
    assert is_holiday(bastille_day, "FR")
    assert not is_holiday(bastille_day, "DE")
    assert not is_holiday(bastille_day, "")
    assert not holidays_of("XX", 2026)
    assert countries()["US"] == "United States"
    window = Window(
        first_day=date(2026, 7, 13), days=3, hours=Hours(country="FR"), zone="Europe/Paris"
    )
    openings = windows.openings(window, ZoneInfo("Europe/Paris"))
    assert [opening.begins.date().day for opening in openings] == [13, 15]


def test_what_two_have_in_common() -> None:
    def hour(begins: int, ends: int) -> Opening:
        return Opening(NOW + timedelta(hours=begins), NOW + timedelta(hours=ends))

    assert windows.common([hour(0, 4), hour(6, 9)], [hour(3, 7), hour(8, 12)]) == (
        hour(3, 4),
        hour(6, 7),
        hour(8, 9),
    )
    assert windows.drawn([], "seed") is None
