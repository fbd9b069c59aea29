"""Streaks of tries: when tries are counted anew, and that each streak is bounded all the same."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.delivery import AT_ONCE, Claim, Delivery, DeliveryStatus, PresenceWait
from campaigns.ledger import ledger
from campaigns.ledger.retry import LONG_WAIT, Decision, GiveUp, RetryAt, RetryRules, decide
from campaigns.outcome import (
    Outcome,
    Reason,
    Rejected,
    Stale,
    Throttled,
    Transient,
    Unknown,
)

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
RULES = RetryRules()
FRESH = Delivery(recipient_id="u", due_at=NOW)
DOWN = Transient(Reason.NOT_CONNECTED)
REFUSED = Transient(Reason.REFUSED)
NO_SIGN_IN = Rejected(Reason.UNAUTHORISED)
SECOND = timedelta(seconds=1)

STUMBLES = [
    pytest.param(DOWN, id="not connected"),
    pytest.param(REFUSED, id="refused"),
    pytest.param(Throttled(2.0), id="throttled"),
    pytest.param(Stale(), id="chat gone"),
    pytest.param(NO_SIGN_IN, id="401"),
]


def tried(
    row: Delivery, outcome: Outcome, now: datetime, *, started_at: datetime = NOW
) -> tuple[Delivery, Decision]:
    claimed = ledger.claimed(row, Claim("p", now + timedelta(minutes=5)))
    decision = decide(outcome, claimed, now=now, started_at=started_at, dice=0.0)
    return ledger.settled(claimed, outcome, decision, now), decision


def given_up(outcome: Outcome) -> tuple[Delivery, datetime]:
    """The row after as many tries as the rules allow, each when it is due."""
    row, now = FRESH, NOW
    while row.status is DeliveryStatus.PENDING:
        now = max(now, row.due_at)
        row, _ = tried(row, outcome, now)
    return row, now


def almost_given_up(outcome: Outcome) -> tuple[Delivery, datetime]:
    """The row that would be given up with the next try, and the time of the last one."""
    row, now, before = FRESH, NOW, FRESH
    while row.status is DeliveryStatus.PENDING:
        before, now = row, max(now, row.due_at)
        row, _ = tried(row, outcome, now)
    return before, before.trace[-1].at


@pytest.mark.parametrize("stumble", STUMBLES)
@pytest.mark.parametrize("ended_by", [DOWN, REFUSED, NO_SIGN_IN, Stale()])
def test_what_was_given_up_and_is_made_due_again_has_a_full_streak(
    ended_by: Outcome, stumble: Outcome
) -> None:
    row, ended_at = given_up(ended_by)
    for minutes in (0, 30, 3 * 24 * 60):
        resumed_at = ended_at + timedelta(minutes=minutes)
        _, decision = tried(ledger.retried(row), stumble, resumed_at)
        assert isinstance(decision, RetryAt)


def test_it_has_as_many_tries_again_and_then_ends() -> None:
    row, ended_at = given_up(DOWN)
    row, now = ledger.retried(row), ended_at
    tries = 0
    while row.status is DeliveryStatus.PENDING:
        now = max(now, row.due_at)
        row, _ = tried(row, DOWN, now)
        tries += 1
    assert tries == RULES.max_attempts


@pytest.mark.parametrize("stumble", STUMBLES)
@pytest.mark.parametrize("before", [DOWN, Throttled(60.0), Stale(), NO_SIGN_IN])
def test_what_merely_waited_is_not_ended_by_the_tries_and_the_age_of_before(
    before: Outcome, stumble: Outcome
) -> None:
    """The campaign was paused, or the process was down: the try comes long after it was due."""
    row, _ = tried(FRESH, before, NOW)
    _, decision = tried(row, stumble, NOW + timedelta(hours=25))
    assert isinstance(decision, RetryAt)
    row, last = almost_given_up(DOWN)
    _, decision = tried(row, stumble, last + timedelta(hours=1))
    assert isinstance(decision, RetryAt)


def test_the_streak_that_began_after_a_wait_goes_on_with_its_second_try() -> None:
    row, _ = tried(FRESH, DOWN, NOW)
    row, _ = tried(row, DOWN, NOW + timedelta(hours=25))
    _, decision = tried(row, DOWN, row.due_at)
    assert isinstance(decision, RetryAt)
    # The third of three: of the second streak.
    assert decision.at - row.due_at == timedelta(seconds=2)


def test_a_wait_after_throttled_tries_is_seen_too() -> None:
    """The trace has only the first of several in a row."""
    row, _ = tried(FRESH, Throttled(1.0), NOW)
    row, _ = tried(row, Throttled(1.0), NOW + SECOND)
    late = NOW + timedelta(hours=23)
    row, _ = tried(row, Throttled(1.0), late)
    _, decision = tried(row, Throttled(7_200.0), late + SECOND)
    assert decision == RetryAt(at=late + SECOND + timedelta(hours=2))


@pytest.mark.parametrize("stumble", STUMBLES)
def test_a_resumed_campaign_counts_anew_however_short_the_pause_was(stumble: Outcome) -> None:
    row, last = almost_given_up(DOWN)
    _, decision = tried(row, stumble, row.due_at, started_at=last + SECOND)
    assert isinstance(decision, RetryAt)
    # Without a pause it would have been the last try.
    _, decision = tried(row, DOWN, row.due_at)
    assert isinstance(decision, GiveUp)


def test_a_token_that_expires_once_more_after_a_resume_is_renewed_once_more() -> None:
    row, _ = tried(FRESH, NO_SIGN_IN, NOW)
    _, decision = tried(row, NO_SIGN_IN, NOW)
    assert decision == RetryAt(at=NOW + 2 * SECOND, new_token=True)
    _, decision = tried(row, NO_SIGN_IN, NOW + SECOND, started_at=NOW + SECOND)
    assert decision == RetryAt(at=NOW + SECOND, new_token=True)


def test_hours_that_were_over_are_no_tries() -> None:
    """Tried on Friday evening, and put off until Monday."""
    row, _ = tried(FRESH, DOWN, NOW)
    claimed = ledger.claimed(row, Claim("p", NOW + timedelta(minutes=5)))
    monday = NOW + timedelta(days=3)
    row = ledger.postponed(claimed, monday, PresenceWait(delays=1))
    for stumble in (DOWN, Throttled(2.0), NO_SIGN_IN):
        _, decision = tried(row, stumble, monday)
        assert isinstance(decision, RetryAt)


def test_a_moment_of_waiting_for_somebody_is_no_new_streak() -> None:
    """Otherwise somebody who comes and goes would be tried without end."""
    row, _ = almost_given_up(DOWN)
    claimed = ledger.claimed(row, Claim("p", row.due_at + timedelta(minutes=5)))
    row = ledger.postponed(claimed, row.due_at + LONG_WAIT, PresenceWait(absences=1))
    _, decision = tried(row, DOWN, row.due_at)
    assert isinstance(decision, GiveUp)


def test_tries_count_while_the_clock_is_behind_the_last_resume() -> None:
    """The clock was set back after it: the streak ends all the same."""
    resumed_at = NOW + timedelta(hours=1)
    row, tries = FRESH, 0
    while row.status is DeliveryStatus.PENDING:
        row, _ = tried(row, DOWN, row.due_at, started_at=resumed_at)
        tries += 1
    assert tries == RULES.max_attempts


def test_a_row_of_an_earlier_version_is_read() -> None:
    row, _ = given_up(DOWN)
    old = msgspec.to_builtins(row)
    for attempt in old["trace"]:
        attempt.pop("ends_streak", None)
    before = msgspec.convert(old, Delivery)
    assert not any(attempt.ends_streak for attempt in before.trace)
    # The campaign's own resumption begins the streak then.
    resumed_at = row.trace[-1].at + SECOND
    due = ledger.retried(before)
    _, decision = tried(due, DOWN, resumed_at, started_at=resumed_at)
    assert isinstance(decision, RetryAt)


outcomes = st.one_of(
    st.builds(Throttled, st.none() | st.floats(min_value=0, max_value=4_000)),
    st.just(DOWN),
    st.just(REFUSED),
    st.just(Stale()),
    st.just(NO_SIGN_IN),
    st.just(Unknown(Reason.NO_ANSWER)),
)
delays = st.sampled_from([0.0, 1.0, 60.0, 299.0, 301.0, 3_600.0, 90_000.0])


@given(
    st.lists(
        st.tuples(outcomes, st.floats(0, 1, exclude_max=True), delays, st.booleans()),
        max_size=150,
    )
)
def test_a_streak_is_bounded_whatever_waits_and_requests_come_between(
    answers: list[tuple[Outcome, float, float, bool]],
) -> None:
    row, now, started_at = FRESH, NOW, NOW
    # Of the present streak: its tries but the throttled ones, and its first try.
    counted, began, last_tried = 0, NOW, NOW
    for outcome, dice, delay, resumes in answers:
        if resumes:
            started_at = now = max(now, row.due_at) + SECOND
            if row.status is DeliveryStatus.FAILED:
                row = ledger.retried(row)
        if row.status is DeliveryStatus.IN_DOUBT:
            row = ledger.resent(row)
            started_at = now
        if row.status is not DeliveryStatus.PENDING:
            return
        now = max(now, row.due_at) + timedelta(seconds=delay)
        due_at = last_tried if row.due_at == AT_ONCE else row.due_at
        if now - due_at > LONG_WAIT or began < started_at:
            counted, began = 0, now
        last_tried = now
        claimed = ledger.claimed(row, Claim("p", now))
        decision = decide(outcome, claimed, now=now, started_at=started_at, dice=dice)
        row = ledger.settled(claimed, outcome, decision, now)
        counted += not isinstance(outcome, Throttled)
        if isinstance(decision, RetryAt):
            assert counted <= RULES.max_attempts
            assert now <= decision.at <= began + RULES.max_age
        assert len(row.trace) <= ledger.LONGEST_TRACE
        assert msgspec.json.decode(msgspec.json.encode(row), type=Delivery) == row
