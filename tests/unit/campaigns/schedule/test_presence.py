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
from campaigns.schedule.presence import Fallback, Later, Over, Presence, PresenceRule
from campaigns.schedule.schedule import Night, Schedule
from campaigns.schedule.windows import Hours, Window

PARIS = ZoneInfo("Europe/Paris")
ABSENT = Presence.ABSENT


def moment(day: int, clock: str) -> datetime:
    """A moment in the week of Monday 23 to Sunday 29 November 2026, in Paris."""
    return datetime.combine(date(2026, 11, day), time.fromisoformat(clock), PARIS).astimezone(UTC)


def over_days(first: int, days: int, **changes: object) -> Schedule:
    window = Window(first_day=date(2026, 11, first), days=days, zone="Europe/Paris")
    plan = Schedule(
        at=moment(first, "09:00"),
        zone="Europe/Paris",
        seed="s",
        window=window,
        rule=PresenceRule.AVAILABLE,
    )
    return msgspec.structs.replace(plan, **changes)


def absent_at(plan: Schedule, first: datetime, most: int = 20) -> list[datetime | Reason]:
    """When somebody who is never there is looked for, and what becomes of it in the end."""
    delivery = Delivery(recipient_id="r", due_at=first)
    steps: list[datetime | Reason] = []
    now = first
    while len(steps) < most:
        steps.append(now)
        follows = schedule.held_back(plan, delivery, "Europe/Paris", ABSENT, now)
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
    steps = absent_at(over_days(24, 1), moment(24, first))
    assert steps == [moment(24, first), *(moment(24, step) for step in then), Reason.ABSENT]


def test_the_next_day_it_begins_again_at_a_time_drawn_anew_three_times_in_all() -> None:
    plan = over_days(24, 4)
    steps = absent_at(plan, moment(24, "14:27"))
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
    steps = absent_at(over_days(27, 5), moment(27, "16:55"))
    assert isinstance(steps[1], datetime)
    assert steps[1].astimezone(PARIS).date() == date(2026, 11, 30)


def test_when_the_campaign_is_over_the_next_day_no_step_is_taken() -> None:
    assert absent_at(over_days(24, 2), moment(25, "16:55")) == [moment(25, "16:55"), Reason.ABSENT]


def test_without_a_window_the_next_day_is_in_usual_working_hours() -> None:
    plan = Schedule(at=moment(27, "21:00"), zone="Europe/Paris", seed="s", rule=PresenceRule.THERE)
    steps = absent_at(plan, moment(27, "21:30"))
    assert steps[:3] == [moment(27, "21:30"), moment(27, "21:40"), moment(27, "22:00")]
    assert isinstance(steps[3], datetime)
    monday = steps[3].astimezone(PARIS)
    assert monday.date() == date(2026, 11, 30)
    assert time(9) <= monday.time() < time(17)


WHO = [
    (PresenceRule.WHENEVER, set(Presence)),
    (PresenceRule.AVAILABLE, {Presence.AVAILABLE}),
    (PresenceRule.THERE, {Presence.AVAILABLE, Presence.AWAY, Presence.BUSY}),
]


@pytest.mark.parametrize(("rule", "let"), WHO)
def test_who_is_sent_it_at_once(rule: PresenceRule, let: set[Presence]) -> None:
    plan = over_days(24, 1, rule=rule)
    delivery = Delivery(recipient_id="r", due_at=moment(24, "10:00"))
    for presence in Presence:
        follows = schedule.held_back(plan, delivery, "", presence, moment(24, "10:00"))
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
    delivery = Delivery(recipient_id="r", due_at=moment(24, "10:00"))
    plan = over_days(24, 1)
    assert schedule.held_back(plan, delivery, "", None, moment(24, "10:00")) is None
    waits = over_days(24, 1, fallback=Fallback.WAIT)
    assert schedule.held_back(waits, delivery, "", None, moment(24, "10:00")) == Later(
        moment(24, "10:05"), PresenceWait(delays=1, at=moment(24, "10:00"))
    )
    # Until the campaign is over; nobody can say that they were absent.
    assert schedule.held_back(waits, delivery, "", None, moment(24, "16:58")) == Over(
        Reason.TOO_LATE, PresenceWait(delays=1)
    )


def test_what_comes_after_hours_waits_for_the_next_ones_or_ends() -> None:
    delivery = Delivery(recipient_id="r", due_at=moment(24, "16:00"))
    plan = over_days(24, 2, rule=PresenceRule.WHENEVER)
    follows = schedule.held_back(plan, delivery, "", None, moment(24, "22:00"))
    assert isinstance(follows, Later)
    assert moment(25, "09:00") <= follows.at < moment(25, "17:00")
    assert follows == schedule.held_back(plan, delivery, "", None, moment(24, "22:00"))
    assert schedule.held_back(plan, delivery, "", None, moment(25, "17:00")) == Over(
        Reason.TOO_LATE, PresenceWait(delays=1)
    )


def test_nobody_is_pushed_at_night_where_they_are() -> None:
    plan = Schedule(at=moment(24, "09:00"), zone="Europe/Paris", seed="s", night=Night())
    assert schedule.due(plan, "r", "Europe/Paris", moment(24, "09:00")) == moment(24, "09:00")
    # 3:00 in New York; 8 hours later it is 11:00 there and 17:00 in Paris.
    assert schedule.due(plan, "r", "America/New_York", moment(24, "09:00")) == moment(24, "13:00")
    assert schedule.due(plan, "r", "", moment(24, "06:59:59")) == moment(24, "07:00")
    assert not schedule.is_open(plan, "America/New_York", moment(24, "12:59"))
    assert schedule.is_open(plan, "America/New_York", moment(24, "13:00"))


def test_working_hours_here_that_are_night_there_all_along_have_no_time() -> None:
    plan = over_days(24, 2, rule=PresenceRule.WHENEVER, night=Night())
    assert schedule.due(plan, "r", "Pacific/Apia", moment(24, "09:00")) is None
    there = schedule.due(plan, "r", "America/New_York", moment(24, "09:00"))
    assert there is not None
    assert moment(24, "13:00") <= there
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


def ends(plan: Schedule) -> datetime:
    assert plan.window is not None
    return moment(plan.window.last_day.day, "17:00")


@given(
    st.integers(23, 27),
    st.integers(1, 3),
    st.integers(0, 8 * 60 - 1),
    st.sampled_from(PresenceRule),
)
def test_whatever_happens_it_ends_within_the_campaigns_time(
    first: int, days: int, minute: int, rule: PresenceRule
) -> None:
    plan = over_days(
        first, days, rule=PresenceRule.AVAILABLE if rule is PresenceRule.WHENEVER else rule
    )
    begun = moment(first, "09:00") + timedelta(minutes=minute)
    steps = absent_at(plan, begun)
    assert steps[-1] is Reason.ABSENT
    assert len(steps) - 1 <= 3 * looks.ROUNDS
    for step in steps[:-1]:
        assert isinstance(step, datetime)
        assert schedule.is_open(plan, "", step)
        assert step < ends(plan)
    assert Hours().includes(begun.astimezone(PARIS).date())
