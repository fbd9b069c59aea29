"""The retry decision, answer by answer, and its bounds."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.campaign import InDoubtPolicy, Purpose
from campaigns.delivery import Claim, Delivery, DeliveryStatus
from campaigns.ledger import ledger
from campaigns.ledger.retry import (
    Decision,
    Done,
    GiveUp,
    InDoubt,
    RetryAt,
    RetryRules,
    decide,
    interrupted,
)
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

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
RULES = RetryRules()
FRESH = Delivery(recipient_id="u", due_at=NOW)
SHORTEST = 0.0
"""A throw of the dice that halves every backoff."""


def after(*outcomes: Outcome, policy: InDoubtPolicy = InDoubtPolicy.ASK) -> Delivery:
    """The row after these outcomes at NOW, in turn; an admin resends what is in doubt."""
    row = FRESH
    for outcome in outcomes:
        if row.status is DeliveryStatus.IN_DOUBT:
            row = ledger.resent(row)
        decision = decide(outcome, row, now=NOW, started_at=NOW, policy=policy, dice=0)
        claim = Claim("p", NOW + timedelta(minutes=5))
        row = ledger.settled(ledger.claimed(row, claim), outcome, decision, NOW)
    return ledger.resent(row) if row.status is DeliveryStatus.IN_DOUBT else row


def decided(
    outcome: Outcome,
    delivery: Delivery = FRESH,
    *,
    now: datetime = NOW,
    policy: InDoubtPolicy = InDoubtPolicy.ASK,
    dice: float = SHORTEST,
) -> Decision:
    return decide(outcome, delivery, now=now, started_at=NOW, policy=policy, rules=RULES, dice=dice)


def throttled_until(due_at: datetime) -> Delivery:
    """The row after a throttled first try at NOW, with a wait until then."""
    return msgspec.structs.replace(after(Throttled(1)), due_at=due_at)


def in_seconds(seconds: float) -> RetryAt:
    return RetryAt(at=NOW + timedelta(seconds=seconds))


ANSWERS: list[tuple[str, Outcome, Decision]] = [
    # Sent: nothing more to do.
    ("200, 201 + id", Sent("1:2"), Done("1:2")),
    # Our own mistake: it would be refused again.
    ("400 BadArgument", Rejected(Reason.BAD_REQUEST), GiveUp(reason=Reason.BAD_REQUEST)),
    ("413 MessageSizeTooBig", Rejected(Reason.TOO_BIG), GiveUp(reason=Reason.TOO_BIG)),
    ("403 InvalidBotApiHost", Rejected(Reason.WRONG_HOST), GiveUp(reason=Reason.WRONG_HOST)),
    # The token may have run out: at once again with a new one.
    ("401", Rejected(Reason.UNAUTHORISED), RetryAt(at=NOW, new_token=True)),
    # The person is not to be reached, by later campaigns neither. The organisation's own switch
    # says nothing of a person.
    (
        "403 ConversationBlockedByUser, MessageWritesBlocked",
        Unreachable(Reason.BLOCKED),
        GiveUp(reason=Reason.BLOCKED, unreachable=True),
    ),
    (
        "403 BotDisabledByAdmin",
        Unreachable(Reason.DISABLED_BY_ADMIN),
        GiveUp(reason=Reason.DISABLED_BY_ADMIN),
    ),
    (
        "403 ForbiddenOperationException, BotNotInConversationRoster",
        Unreachable(Reason.NOT_INSTALLED),
        GiveUp(reason=Reason.NOT_INSTALLED, unreachable=True),
    ),
    # The chat is gone, or Teams does not find it just now: a little later in a new one.
    (
        "404 ConversationNotFound",
        Stale(),
        RetryAt(at=NOW + timedelta(seconds=1), new_conversation=True),
    ),
    # Refused for certain, and nobody knows why.
    ("403 Unknown, 404 NotFound", Transient(Reason.REFUSED), in_seconds(1)),
    # Definitely not done: tried again, after half of the first backoff of 2 s.
    ("412 PreconditionFailed", Transient(Reason.NOT_DONE), in_seconds(1)),
    ("DNS, connection refused, TLS", Transient(Reason.NOT_CONNECTED), in_seconds(1)),
    # Not done: tried again exactly when asked to.
    ("429, Retry-After: 17", Throttled(17), in_seconds(17)),
    ("429, Retry-After: 0.25", Throttled(0.25), in_seconds(0.25)),
    # Without a word on how long, or with one that would mean without end: our own 5 s.
    ("429", Throttled(None), in_seconds(5)),
    ("429, Retry-After: 0", Throttled(0), in_seconds(5)),
    ("429, Retry-After: -3", Throttled(-3), in_seconds(5)),
    ("429, not a number", Throttled(float("nan")), in_seconds(5)),
    # Longer than anything is retried.
    ("429, Retry-After: 86401", Throttled(86_401), GiveUp(reason=Reason.THROTTLED)),
    ("429, without end", Throttled(float("inf")), GiveUp(reason=Reason.THROTTLED)),
    # Perhaps done: only a person, or the campaign's policy, may send it again.
    ("408, 500, 502, 503, 504", Unknown(Reason.SERVER_ERROR), InDoubt(Reason.SERVER_ERROR)),
    ("read timeout, reset", Unknown(Reason.NO_ANSWER), InDoubt(Reason.NO_ANSWER)),
    ("stopped in between", Unknown(Reason.INTERRUPTED), InDoubt(Reason.INTERRUPTED)),
]


@pytest.mark.parametrize(
    ("outcome", "decision"),
    [pytest.param(outcome, decision, id=answer) for answer, outcome, decision in ANSWERS],
)
def test_each_answer_to_a_first_try_has_its_consequence(
    outcome: Outcome, decision: Decision
) -> None:
    assert decided(outcome) == decision


NOT_DONE: Outcome = Transient(Reason.NOT_DONE)
REFUSED: Outcome = Rejected(Reason.UNAUTHORISED)
NO_ANSWER = Unknown(Reason.NO_ANSWER)
BY_TURNS: list[Outcome] = [REFUSED, NOT_DONE]

# What happened before, what comes now, and what follows.
SEQUENCES: list[tuple[str, list[Outcome], Outcome, Decision]] = [
    ("the backoff doubles", [NOT_DONE], NOT_DONE, in_seconds(2)),
    ("with each try", [NOT_DONE] * 2, NOT_DONE, in_seconds(4)),
    ("up to five minutes", [NOT_DONE] * 9, NOT_DONE, in_seconds(150)),
    ("and the last", [NOT_DONE] * 10, NOT_DONE, in_seconds(150)),
    ("which is the twelfth", [NOT_DONE] * 11, NOT_DONE, GiveUp(reason=Reason.NOT_DONE)),
    (
        "for the reason of the last try",
        [NOT_DONE] * 11,
        Transient(Reason.NOT_CONNECTED),
        GiveUp(reason=Reason.NOT_CONNECTED),
    ),
    ("throttled tries are not counted", [Throttled(1)] * 50, NOT_DONE, in_seconds(1)),
    ("nor bounded in number", [Throttled(1)] * 50, Throttled(3), in_seconds(3)),
    ("also among others", [NOT_DONE, Throttled(1)] * 4, NOT_DONE, in_seconds(16)),
    ("a throttle waits, however many tries", [NOT_DONE] * 11, Throttled(3), in_seconds(3)),
    (
        "a chat may be stale for a while",
        [Stale()] * 4,
        Stale(),
        RetryAt(at=NOW + timedelta(seconds=16), new_conversation=True),
    ),
    (
        "until the tries are used up",
        [Stale()] * 11,
        Stale(),
        GiveUp(reason=Reason.CONVERSATION_GONE, perhaps_unreachable=True),
    ),
    (
        "also among others",
        [*[Stale()] * 6, Throttled(1), *[NOT_DONE] * 5],
        Stale(),
        GiveUp(reason=Reason.CONVERSATION_GONE, perhaps_unreachable=True),
    ),
    (
        "refused and refused",
        [Transient(Reason.REFUSED)] * 11,
        Transient(Reason.REFUSED),
        GiveUp(reason=Reason.REFUSED, perhaps_unreachable=True),
    ),
    (
        "the second new token is not fetched at once",
        [REFUSED],
        REFUSED,
        RetryAt(at=NOW + timedelta(seconds=2), new_token=True),
    ),
    (
        "a sign-in may stay refused for as long as anything else",
        [REFUSED] * 10,
        REFUSED,
        RetryAt(at=NOW + timedelta(seconds=150), new_token=True),
    ),
    ("and no longer", [REFUSED] * 11, REFUSED, GiveUp(reason=Reason.UNAUTHORISED)),
    (
        "nor by turns with something else",
        [NOT_DONE, *BY_TURNS * 5],
        REFUSED,
        GiveUp(reason=Reason.UNAUTHORISED),
    ),
    (
        "a stale chat behind a refused token",
        [REFUSED],
        Stale(),
        RetryAt(at=NOW + timedelta(seconds=2), new_conversation=True),
    ),
    ("in doubt after tries that failed", [NOT_DONE], NO_ANSWER, InDoubt(Reason.NO_ANSWER)),
    # What an admin resends gets a full round again.
    ("resent: tries count anew", [*[NOT_DONE] * 11, NO_ANSWER], NOT_DONE, in_seconds(1)),
    (
        "resent: the chat may be stale anew",
        [*[Stale()] * 11, NO_ANSWER],
        Stale(),
        RetryAt(at=NOW + timedelta(seconds=1), new_conversation=True),
    ),
    (
        "resent: the token may run out anew",
        [REFUSED, NO_ANSWER],
        REFUSED,
        RetryAt(at=NOW, new_token=True),
    ),
]


@pytest.mark.parametrize(
    ("before", "outcome", "decision"),
    [pytest.param(*row, id=name) for name, *row in SEQUENCES],
)
def test_what_happened_before_counts(
    before: list[Outcome], outcome: Outcome, decision: Decision
) -> None:
    assert decided(outcome, after(*before)) == decision


def test_an_unknown_fate_is_resent_once_where_the_campaign_says_so() -> None:
    resend = InDoubtPolicy.RESEND
    first = decided(NO_ANSWER, policy=resend)
    assert first == RetryAt(at=NOW + timedelta(seconds=1), resend=True)
    row = after(NO_ANSWER, policy=resend)
    assert (row.status, row.resends) == (DeliveryStatus.PENDING, 1)
    assert decided(NO_ANSWER, row, policy=resend) == InDoubt(Reason.NO_ANSWER)
    # However often an admin resends it.
    assert decided(NO_ANSWER, after(NO_ANSWER), policy=resend) == InDoubt(Reason.NO_ANSWER)


@pytest.mark.parametrize(
    ("outcome", "at_the_bound"),
    [
        (Throttled(1), GiveUp(reason=Reason.THROTTLED)),
        (NOT_DONE, GiveUp(reason=Reason.NOT_DONE)),
        (Stale(), GiveUp(reason=Reason.CONVERSATION_GONE, perhaps_unreachable=True)),
        (REFUSED, GiveUp(reason=Reason.UNAUTHORISED)),
        (NO_ANSWER, InDoubt(Reason.NO_ANSWER)),
        (Sent("1"), Done("1")),
    ],
)
def test_nothing_is_retried_a_day_after_its_first_try(
    outcome: Outcome, at_the_bound: Decision
) -> None:
    late = NOW + RULES.max_age + timedelta(microseconds=1)
    row = throttled_until(late)
    assert decided(outcome, row, now=late, policy=InDoubtPolicy.RESEND) == at_the_bound


def test_a_retry_may_fall_on_the_very_bound() -> None:
    late = NOW + RULES.max_age - timedelta(seconds=7)
    row = throttled_until(late)
    assert decided(Throttled(7), row, now=late) == RetryAt(at=NOW + RULES.max_age)
    assert decided(Throttled(7.001), row, now=late) == GiveUp(reason=Reason.THROTTLED)


def test_a_delivery_first_tried_days_after_the_start_is_retried_as_any_other() -> None:
    """Spread over a week, or held by a pause: its own first try begins its day."""
    days_later = NOW + timedelta(days=5)
    assert decided(Throttled(17), now=days_later) == RetryAt(at=days_later + timedelta(seconds=17))
    # Resent by an admin days later: the same.
    assert decided(NOT_DONE, after(NOT_DONE, NO_ANSWER), now=days_later) == RetryAt(
        at=days_later + timedelta(seconds=1)
    )


def test_the_backoff_has_an_upper_bound() -> None:
    rules = RetryRules(max_attempts=1_000)
    row = FRESH
    for _ in range(200):
        row = ledger.settled(ledger.claimed(row, Claim("p", NOW)), NOT_DONE, RetryAt(at=NOW), NOW)
    late = decide(NOT_DONE, row, now=NOW, started_at=NOW, rules=rules, dice=0.999)
    assert isinstance(late, RetryAt)
    assert late.at <= NOW + rules.longest_backoff


def test_a_time_without_a_zone_is_refused() -> None:
    naive = NOW.replace(tzinfo=None)
    for now, started_at in ((naive, NOW), (NOW, naive)):
        with pytest.raises(ValueError, match="without a time zone"):
            decide(Sent("1"), FRESH, now=now, started_at=started_at, dice=0)


outcomes = st.one_of(
    st.builds(
        Throttled,
        st.none() | st.floats(min_value=-10, max_value=1e12) | st.just(float("nan")),
    ),
    st.builds(Transient, st.sampled_from([Reason.NOT_DONE, Reason.NOT_CONNECTED, Reason.REFUSED])),
    st.just(Stale()),
    st.builds(Unreachable, st.just(Reason.BLOCKED)),
    st.builds(Rejected, st.sampled_from([Reason.UNAUTHORISED, Reason.TOO_BIG])),
    st.builds(Unknown, st.sampled_from([Reason.NO_ANSWER, Reason.SERVER_ERROR])),
)
dice = st.floats(min_value=0, max_value=1, exclude_max=True)


@given(
    st.lists(st.tuples(outcomes, dice, st.integers(min_value=0, max_value=300)), max_size=60),
    st.sampled_from(InDoubtPolicy),
)
def test_a_delivery_left_to_itself_ends_within_its_bounds(
    answers: list[tuple[Outcome, float, int]], policy: InDoubtPolicy
) -> None:
    """Every retry lies between now and the bound, and tries that count come to an end.

    No try is so late that it begins a new streak; for those see test_streaks.py.
    """
    row, now = FRESH, NOW
    began: datetime | None = None
    counted = 0
    for outcome, throw, seconds in answers:
        now = max(now, row.due_at) + timedelta(seconds=seconds)
        began = began or now
        counted += not isinstance(outcome, Throttled)
        decision = decide(outcome, row, now=now, started_at=NOW, policy=policy, dice=throw)
        row = ledger.settled(ledger.claimed(row, Claim("p", now)), outcome, decision, now)
        if not isinstance(decision, RetryAt):
            assert row.status.has_ended
            return
        assert now <= decision.at <= began + RULES.max_age
        if isinstance(outcome, Throttled) and outcome.retry_after and outcome.retry_after > 0:
            assert decision.at == now + timedelta(seconds=outcome.retry_after)
        if decision.resend:
            assert policy is InDoubtPolicy.RESEND
            assert row.resends == 1
            began, counted = None, 0
        assert counted <= RULES.max_attempts
        assert len(row.trace) <= 4 * (RULES.max_attempts + 2) + 1


@given(st.lists(dice, min_size=RULES.max_attempts, max_size=RULES.max_attempts))
def test_nobodys_tries_are_over_within_ten_minutes(throws: list[float]) -> None:
    """A campaign of a few people has no breaker: an outage must not outlast the unlucky."""
    row, now = FRESH, NOW
    for throw in throws:
        decision = decided(NOT_DONE, row, now=now, dice=throw)
        row = ledger.settled(ledger.claimed(row, Claim("p", now)), NOT_DONE, decision, now)
        now = max(now, row.due_at)
    assert row.status is DeliveryStatus.FAILED
    assert timedelta(minutes=10) < now - NOW < timedelta(minutes=25)


@given(dice, st.integers(min_value=1, max_value=40))
def test_the_backoffs_bound_never_falls(throw: float, tries: int) -> None:
    rules = RetryRules(max_attempts=1_000)

    def wait(tries_before: int) -> timedelta:
        attempt = after(NOT_DONE).trace[0]
        row = msgspec.structs.replace(FRESH, trace=(attempt,) * tries_before)
        decision = decide(NOT_DONE, row, now=NOW, started_at=NOW, rules=rules, dice=throw)
        assert isinstance(decision, RetryAt)
        return decision.at - NOW

    assert timedelta(0) <= wait(tries - 1) <= wait(tries) <= rules.longest_backoff


def test_a_change_that_was_interrupted_is_repeated_and_a_message_is_in_doubt() -> None:
    assert decided(interrupted(Purpose.SEND)) == InDoubt(Reason.INTERRUPTED)
    for purpose in (Purpose.CORRECT, Purpose.RECALL):
        assert isinstance(decided(interrupted(purpose)), RetryAt)
