"""When a campaign is paused by itself, and when not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from campaigns.campaign import Fault
from campaigns.ledger.retry import Decision, Done, GiveUp, InDoubt, RetryAt
from campaigns.outcome import (
    Outcome,
    Reason,
    Rejected,
    Sent,
    Stale,
    Throttled,
    Transient,
    Unknown,
    Unreachable,
)
from delivery.sending.breaker import DOWN_FOR, DOWN_TIMES, REFUSED_IN_A_ROW, Breaker

NOW = datetime(2026, 1, 5, 9, tzinfo=UTC)

SENT = (Sent("1"), Done("1"))
BLOCKED = (Unreachable(Reason.BLOCKED), GiveUp(reason=Reason.BLOCKED, unreachable=True))
STALE = (Stale(), RetryAt(at=NOW, new_conversation=True))
TOO_BIG = (Rejected(Reason.TOO_BIG), GiveUp(reason=Reason.TOO_BIG))
REFUSED = (Rejected(Reason.BAD_REQUEST), GiveUp(reason=Reason.BAD_REQUEST))
EXPIRED = (Rejected(Reason.UNAUTHORISED), RetryAt(at=NOW, new_token=True))
NO_SIGN_IN = (Rejected(Reason.UNAUTHORISED), GiveUp(reason=Reason.UNAUTHORISED))
DOWN = (Transient(Reason.NOT_CONNECTED), RetryAt(at=NOW))
ILL = (Unknown(Reason.SERVER_ERROR), InDoubt(Reason.SERVER_ERROR))
THROTTLED = (Throttled(1.0), RetryAt(at=NOW))

Step = tuple[Outcome, Decision]


def watch(*steps: Step, every: float = 0.0) -> list[Fault | None]:
    """The breaker's answers to these, so many seconds apart."""
    breaker = Breaker()
    return [
        breaker.observe(outcome, decision, NOW + timedelta(seconds=number * every))
        for number, (outcome, decision) in enumerate(steps)
    ]


@pytest.mark.parametrize(
    ("step", "fault"),
    [(TOO_BIG, Fault.REFUSED), (REFUSED, Fault.REFUSED), (NO_SIGN_IN, Fault.SIGN_IN)],
)
def test_the_same_mistake_to_one_after_another_is_ours(step: Step, fault: Fault) -> None:
    answers = watch(*[step] * REFUSED_IN_A_ROW)
    assert answers == [None] * (REFUSED_IN_A_ROW - 1) + [fault]


@pytest.mark.parametrize("between", [SENT, BLOCKED, STALE])
def test_one_answer_that_is_about_the_recipient_starts_the_count_anew(between: Step) -> None:
    almost = [REFUSED] * (REFUSED_IN_A_ROW - 1)
    assert not any(watch(*almost, between, *almost))


def test_a_token_that_has_just_expired_is_no_fault_however_many_find_out() -> None:
    assert not any(watch(*[EXPIRED] * 300, SENT))


@pytest.mark.parametrize("step", [DOWN, ILL])
def test_teams_being_down_counts_when_it_lasts(step: Step) -> None:
    seconds = DOWN_FOR.total_seconds()
    assert watch(*[step] * 6, every=seconds / 5) == [None] * 5 + [Fault.DOWN]
    assert not any(watch(*[step] * 1_000, every=seconds / 1_001))


@pytest.mark.parametrize("step", [DOWN, ILL])
def test_a_few_slow_answers_in_a_quiet_hour_are_no_outage(step: Step) -> None:
    assert not any(watch(*[step] * (DOWN_TIMES - 1), every=600))


@pytest.mark.parametrize("between", [SENT, BLOCKED, THROTTLED, TOO_BIG])
def test_an_answer_shows_that_teams_is_there(between: Step) -> None:
    half = DOWN_FOR.total_seconds() / 2
    assert not any(watch(DOWN, DOWN, between, DOWN, DOWN, every=half))


def test_being_throttled_is_no_fault() -> None:
    assert not any(watch(*[THROTTLED] * 1_000, every=1.0))
