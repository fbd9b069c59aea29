"""The ladder: who is absent is looked for again at these moments, and at no others."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.delivery import Delivery, PresenceWait
from campaigns.outcome import Reason
from campaigns.schedule import presence as looks
from campaigns.schedule import schedule
from campaigns.schedule.presence import Fallback, Later, Over, Presence, Rule
from campaigns.schedule.schedule import Night, Schedule
from campaigns.schedule.windows import Hours, Window

PARIS = ZoneInfo("Europe/Paris")
ABSENT = Presence.ABSENT


def at(day: int, clock: str) -> datetime:
    """A moment in the week of Monday 23 to Sunday 29 November 2026, in Paris."""
    return datetime.combine(date(2026, 11, day), time.fromisoformat(clock), PARIS).astimezone(UTC)


def over_days(first: int, days: int, **changes: object) -> Schedule:
    window = Window(first_day=date(2026, 11, first), days=days, zone="Europe/Paris")
    of = Schedule(
        at=at(first, "09:00"), zone="Europe/Paris", seed="s", window=window, rule=Rule.AVAILABLE
    )
    return msgspec.structs.replace(of, **changes)


def absent_at(of: Schedule, first: datetime, most: int = 20) -> list[datetime | Reason]:
    """When somebody who is never there is looked for, and what becomes of it in the end."""
    delivery = Delivery(recipient_id="r", due_at=first)
    steps: list[datetime | Reason] = []
    now = first
    while len(steps) < most:
        steps.append(now)
        follows = schedule.held_back(of, delivery, "Europe/Paris", ABSENT, now)
        if isinstance(follows, Over):
            return [*steps, follows.reason]
        assert isinstance(follows, Later)
        assert follows.waiting.absences == len(steps)
        delivery = msgspec.structs.replace(delivery, waiting=follows.waiting)
        now = follows.at
    return steps


# first look, then all that follow on the same day
LADDER = [
    ("14:27", ["14:37", "15:00"]),
    ("14:00", ["14:10", "15:00"]),
    # Ten minutes later is the full hour.
    ("14:50", ["15:00"]),
    # The full hour comes before ten minutes have passed: both, in their order.
    ("14:55", ["15:00", "15:05"]),
    # The full hour is the end of working hours, and outside them.
    ("16:20", ["16:30"]),
    ("16:49", ["16:59"]),
    ("16:50", []),
    ("16:59", []),
]


@pytest.mark.parametrize(("first", "then"), LADDER)
def test_the_steps_of_a_day(first: str, then: list[str]) -> None:
    steps = absent_at(over_days(24, 1), at(24, first))
    assert steps == [at(24, first), *(at(24, step) for step in then), Reason.ABSENT]


def test_the_next_day_it_begins_again_at_a_time_drawn_anew_three_times_in_all() -> None:
    of = over_days(24, 4)
    steps = absent_at(of, at(24, "14:27"))
    assert steps.pop() is Reason.ABSENT
    days: dict[date, list[datetime]] = {}
    for step in steps:
        assert isinstance(step, datetime)
        days.setdefault(step.astimezone(PARIS).date(), []).append(step)
    assert [day.day for day in days] == [24, 25, 26]
    for first, *rest in days.values():
        wall = first.astimezone(PARIS)
        assert time(9) <= wall.time() < time(17)
        own = {first + looks.AGAIN, looks.full_hour_after(first, PARIS)}
        assert rest == sorted(step for step in own if step.astimezone(PARIS).hour < 17)
    assert len({first.astimezone(PARIS).time() for first, *_ in days.values()}) == 3


def test_the_next_day_is_one_for_working() -> None:
    # Friday, in a window until Tuesday: then Monday.
    steps = absent_at(over_days(27, 5), at(27, "16:55"))
    assert isinstance(steps[1], datetime)
    assert steps[1].astimezone(PARIS).date() == date(2026, 11, 30)


def test_when_the_campaign_is_over_the_next_day_no_step_is_taken() -> None:
    assert absent_at(over_days(24, 2), at(25, "16:55")) == [at(25, "16:55"), Reason.ABSENT]


def test_without_a_window_the_next_day_is_in_usual_working_hours() -> None:
    of = Schedule(at=at(27, "21:00"), zone="Europe/Paris", seed="s", rule=Rule.THERE)
    steps = absent_at(of, at(27, "21:30"))
    assert steps[:3] == [at(27, "21:30"), at(27, "21:40"), at(27, "22:00")]
    assert isinstance(steps[3], datetime)
    monday = steps[3].astimezone(PARIS)
    assert monday.date() == date(2026, 11, 30)
    assert time(9) <= monday.time() < time(17)


WHO = [
    (Rule.WHENEVER, set(Presence)),
    (Rule.AVAILABLE, {Presence.AVAILABLE}),
    (Rule.THERE, {Presence.AVAILABLE, Presence.AWAY, Presence.BUSY}),
]


@pytest.mark.parametrize(("rule", "let"), WHO)
def test_who_is_sent_it_at_once(rule: Rule, let: set[Presence]) -> None:
    of = over_days(24, 1, rule=rule)
    delivery = Delivery(recipient_id="r", due_at=at(24, "10:00"))
    for presence in Presence:
        follows = schedule.held_back(of, delivery, "", presence, at(24, "10:00"))
        assert (follows is None) == (presence in let)


WORDS = [
    ("Available", Presence.AVAILABLE),
    ("AvailableIdle", Presence.AVAILABLE),
    ("Away", Presence.AWAY),
    ("BeRightBack", Presence.AWAY),
    ("Busy", Presence.BUSY),
    ("BusyIdle", Presence.BUSY),
    ("DoNotDisturb", Presence.ABSENT),
    ("Offline", Presence.ABSENT),
    ("PresenceUnknown", Presence.UNKNOWN),
    ("what comes next year", Presence.UNKNOWN),
]


@pytest.mark.parametrize(("word", "presence"), WORDS)
def test_what_teams_says_of_people(word: str, presence: Presence) -> None:
    assert looks.presence_of(word) is presence


def test_when_it_cant_be_known_it_is_sent_or_waits_as_the_author_chose() -> None:
    delivery = Delivery(recipient_id="r", due_at=at(24, "10:00"))
    of = over_days(24, 1)
    assert schedule.held_back(of, delivery, "", None, at(24, "10:00")) is None
    waits = over_days(24, 1, fallback=Fallback.WAIT)
    assert schedule.held_back(waits, delivery, "", None, at(24, "10:00")) == Later(
        at(24, "10:05"), PresenceWait(delays=1)
    )
    # Until the campaign is over; nobody can say that they were absent.
    assert schedule.held_back(waits, delivery, "", None, at(24, "16:58")) == Over(
        Reason.TOO_LATE, PresenceWait(delays=1)
    )


def test_what_comes_after_hours_waits_for_the_next_ones_or_ends() -> None:
    delivery = Delivery(recipient_id="r", due_at=at(24, "16:00"))
    of = over_days(24, 2, rule=Rule.WHENEVER)
    follows = schedule.held_back(of, delivery, "", None, at(24, "22:00"))
    assert isinstance(follows, Later)
    assert at(25, "09:00") <= follows.at < at(25, "17:00")
    assert follows == schedule.held_back(of, delivery, "", None, at(24, "22:00"))
    assert schedule.held_back(of, delivery, "", None, at(25, "17:00")) == Over(
        Reason.TOO_LATE, PresenceWait(delays=1)
    )


def test_nobody_is_pushed_at_night_where_they_are() -> None:
    of = Schedule(at=at(24, "09:00"), zone="Europe/Paris", seed="s", night=Night())
    assert schedule.due(of, "r", "Europe/Paris", at(24, "09:00")) == at(24, "09:00")
    # 3:00 in New York; 8 hours later it is 11:00 there and 17:00 in Paris.
    assert schedule.due(of, "r", "America/New_York", at(24, "09:00")) == at(24, "13:00")
    assert schedule.due(of, "r", "", at(24, "06:59:59")) == at(24, "07:00")
    assert not schedule.is_open(of, "America/New_York", at(24, "12:59"))
    assert schedule.is_open(of, "America/New_York", at(24, "13:00"))


def test_working_hours_here_that_are_night_there_all_along_have_no_time() -> None:
    of = over_days(24, 2, rule=Rule.WHENEVER, night=Night())
    assert schedule.due(of, "r", "Pacific/Apia", at(24, "09:00")) is None
    there = schedule.due(of, "r", "America/New_York", at(24, "09:00"))
    assert there is not None
    assert at(24, "13:00") <= there
    assert there.astimezone(PARIS).hour < 17


@given(
    st.sampled_from(["Europe/Paris", "Asia/Kolkata", "Australia/Lord_Howe", "America/New_York"]),
    st.integers(0, 2 * 365 * 24 * 60 * 60).map(
        lambda seconds: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
    ),
)
def test_a_full_hour_is_one_on_the_wall(zone: str, moment: datetime) -> None:
    hour = looks.full_hour_after(moment, ZoneInfo(zone))
    wall = hour.astimezone(ZoneInfo(zone))
    assert (wall.minute, wall.second, wall.microsecond) == (0, 0, 0)
    assert timedelta() < hour - moment <= timedelta(hours=1.5)


def ends(of: Schedule) -> datetime:
    assert of.window is not None
    return at(of.window.last_day.day, "17:00")


@given(st.integers(23, 27), st.integers(1, 3), st.integers(0, 8 * 60 - 1), st.sampled_from(Rule))
def test_whatever_happens_it_ends_within_the_campaigns_time(
    first: int, days: int, minute: int, rule: Rule
) -> None:
    of = over_days(first, days, rule=Rule.AVAILABLE if rule is Rule.WHENEVER else rule)
    begun = at(first, "09:00") + timedelta(minutes=minute)
    steps = absent_at(of, begun)
    assert steps[-1] is Reason.ABSENT
    assert len(steps) - 1 <= 3 * looks.RUNS
    for step in steps[:-1]:
        assert isinstance(step, datetime)
        assert schedule.is_open(of, "", step)
        assert step < ends(of)
    assert Hours().includes(begun.astimezone(PARIS).date())
