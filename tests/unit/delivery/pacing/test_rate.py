"""A tenant's rate: cut by a run of refusals, recovering by itself."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from delivery.pacing.rate import RUN_SECONDS, SLOWEST, Rate


def refused(rate: Rate, *moments: float) -> None:
    for number, moment in enumerate(moments):
        rate.refused(number, moment)


@pytest.mark.parametrize(
    ("refusals", "then"),
    [
        ((), 50.0),
        ((10.0, 10.0), 50.0),  # Two conversations are no run
        ((10.0, 10.0, 10.0), 35.0),  # three are
        ((10.0, 10.5, 11.9), 35.0),
        ((10.0, 11.0, 12.0), 50.0),  # unless they are spread out.
        ((10.0,) * 30, 35.0),  # One burst is one signal.
    ],
)
def test_only_a_run_cuts_the_rate(refusals: tuple[float, ...], then: float) -> None:
    rate = Rate(50.0)
    refused(rate, *refusals)
    assert rate.at(max(refusals, default=0.0)) == pytest.approx(then)


def test_a_second_burst_cuts_what_has_recovered() -> None:
    rate = Rate(50.0)
    refused(rate, 10.0, 10.0, 10.0, 11.9)
    assert rate.at(15.0) == pytest.approx(40.0)
    refused(rate, 15.0, 15.0, 15.0)
    assert rate.at(15.0) == pytest.approx(28.0)


def test_it_recovers_by_one_call_per_second_each_second() -> None:
    rate = Rate(50.0)
    refused(rate, 10.0, 10.0, 10.0)
    assert [round(rate.at(now), 6) for now in (11.0, 20.0, 25.0, 99.0)] == [36.0, 45.0, 50.0, 50.0]


@given(
    allowed=st.floats(0.1, 1000),
    steps=st.lists(st.tuples(st.floats(0, 30), st.integers(0, 5)), max_size=60),
)
def test_it_stays_between_the_slowest_and_the_allowed_and_falls_only_when_refused(
    allowed: float, steps: list[tuple[float, int]]
) -> None:
    rate, now, last = Rate(allowed), 0.0, allowed
    cut_at = -RUN_SECONDS
    for seconds, conversation in steps:
        now += seconds
        before = rate.at(now)
        assert before >= last
        rate.refused(conversation, now)
        last = rate.at(now)
        assert min(SLOWEST, allowed) <= last <= allowed
        if last < before:
            assert last >= before * 0.699
            assert now - cut_at >= RUN_SECONDS
            cut_at = now
