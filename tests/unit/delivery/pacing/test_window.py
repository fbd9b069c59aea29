"""The sliding second of a tenant, and what a late answer says about it."""

import random

import pytest

from delivery.pacing.window import GUARD, LATENESS_PAID, LATEST, DepartureWindow, Lateness


def test_the_next_call_waits_until_the_oldest_has_left_the_window() -> None:
    departures = DepartureWindow(3)
    for moment in (10.0, 10.2, 10.4):
        assert departures.wait(3.0, moment) == 0
        departures.note(moment)
    assert departures.wait(3.0, 10.5) == pytest.approx(0.5 + GUARD)
    assert departures.wait(3.0, 11.0 + GUARD) == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize(
    ("rate", "calls", "wait"),
    [(2.0, 2, 1.0), (1.5, 2, 2 / 1.5), (1.0, 1, 1.0), (0.5, 1, 2.0)],
)
def test_slower_rates_have_a_window_of_whole_calls(rate: float, calls: int, wait: float) -> None:
    departures = DepartureWindow(50)
    for _ in range(calls):
        assert departures.wait(rate, 10.0) == 0
        departures.note(10.0)
    assert departures.wait(rate, 10.0) == pytest.approx(wait + GUARD)


def test_a_delayed_call_counts_as_having_left_later() -> None:
    departures = DepartureWindow(2)
    departures.note(10.0)
    departures.note(10.1)
    departures.delayed(10.0, 0.3)
    assert departures.wait(2.0, 11.0) == pytest.approx(0.1 + GUARD)  # By the one at 10.1 now.
    departures.delayed(9.0, 0.3)  # Not remembered any more.
    departures.delayed(10.1, 0.0)
    assert departures.wait(2.0, 11.0) == pytest.approx(0.1 + GUARD)


def test_only_the_latest_calls_are_remembered() -> None:
    departures = DepartureWindow(50)
    for number in range(10_000):
        departures.note(number / 50)
    assert departures.wait(50.0, 9_999 / 50) == pytest.approx(GUARD + 0.02, abs=1e-6)
    assert len(departures._times) <= 100


def spread(dice: random.Random) -> float:
    return dice.uniform(0.001, 0.2)


def quick(dice: random.Random) -> float:
    return 0.03 if dice.random() < 0.02 else 0.001


@pytest.mark.parametrize("answers", [spread, quick])
def test_lateness_costs_what_it_may_cost(answers: object) -> None:
    assert callable(answers)
    dice, lateness = random.Random(1), Lateness()
    late = [lateness.of(answers(dice)) for _ in range(5000)][1000:]
    assert sum(late) / len(late) == pytest.approx(LATENESS_PAID, rel=0.1)


def test_a_stumble_among_quick_answers_is_seen_in_full() -> None:
    lateness = Lateness()
    for _ in range(500):
        lateness.of(0.001)
    assert lateness.of(0.031) >= 0.03


def test_the_first_answers_count_in_full_and_slow_ones_are_soon_usual() -> None:
    lateness = Lateness()
    assert lateness.of(0.2) == 0.2
    assert sum(lateness.of(0.2) for _ in range(300)) < 5
    assert lateness.of(0.2) == pytest.approx(LATENESS_PAID, rel=0.01)


def test_no_answer_is_later_than_the_latest() -> None:
    assert Lateness().of(60.0) == LATEST
