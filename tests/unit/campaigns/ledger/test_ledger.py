"""How a delivery's row changes, and what can never happen to it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from campaigns.campaign import InDoubtPolicy
from campaigns.delivery import AT_ONCE, Attempt, Claim, Delivery, DeliveryStatus, PresenceWait
from campaigns.ledger import ledger
from campaigns.ledger.retry import (
    STANDARD,
    Decision,
    Done,
    GiveUp,
    InDoubt,
    RetryAt,
    RetryRules,
    decide,
)
from campaigns.outcome import (
    Outcome,
    Reason,
    Rejected,
    Sent,
    Stale,
    TeamsAnswer,
    Throttled,
    Transient,
    Unknown,
    Unreachable,
)

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
LATER = NOW + timedelta(seconds=30)
CLAIM = Claim("dispatcher", NOW + timedelta(minutes=5))
PENDING = Delivery(recipient_id="u", name="Adele", email="a@example.com", due_at=NOW)
CLAIMED = ledger.claimed(PENDING, CLAIM)
ANSWER = TeamsAnswer(status=500, code="ServiceError", message="Unknown")
IN_DOUBT = ledger.settled(
    CLAIMED, Unknown(Reason.NO_ANSWER, ANSWER), InDoubt(Reason.NO_ANSWER), NOW
)


def in_status(status: DeliveryStatus) -> Delivery:
    return msgspec.structs.replace(
        PENDING, status=status, claim=CLAIM if status is DeliveryStatus.CLAIMED else None
    )


@pytest.mark.parametrize("status", DeliveryStatus)
@pytest.mark.parametrize("seconds", [-1, 0, 1])
def test_a_delivery_is_due_when_it_is_pending_and_its_time_has_come(
    status: DeliveryStatus, seconds: int
) -> None:
    due = ledger.is_due(in_status(status), NOW + timedelta(seconds=seconds))
    assert due == (status is DeliveryStatus.PENDING and seconds >= 0)


CHANGES: list[tuple[str, DeliveryStatus, Callable[[Delivery], Delivery]]] = [
    ("claimed", DeliveryStatus.PENDING, lambda row: ledger.claimed(row, CLAIM)),
    ("released", DeliveryStatus.CLAIMED, ledger.released),
    ("settled", DeliveryStatus.CLAIMED, lambda row: ledger.settled(row, Sent("1"), Done("1"), NOW)),
    ("cancelled", DeliveryStatus.PENDING, lambda row: ledger.cancelled(row, NOW)),
    ("resent", DeliveryStatus.IN_DOUBT, lambda row: ledger.resent(row)),
]


@pytest.mark.parametrize("status", DeliveryStatus)
@pytest.mark.parametrize(
    ("possible", "change"), [pytest.param(*row, id=name) for name, *row in CHANGES]
)
def test_each_change_is_possible_from_one_status_only(
    possible: DeliveryStatus, change: Callable[[Delivery], Delivery], status: DeliveryStatus
) -> None:
    if status is possible:
        assert change(in_status(status)).status is not status
    else:
        with pytest.raises(ValueError, match=f"is {status.value}, not {possible.value}"):
            change(in_status(status))


def test_a_released_delivery_is_as_before_but_knows_of_its_claim() -> None:
    assert ledger.released(CLAIMED) == msgspec.structs.replace(PENDING, claims=1)


def test_each_claim_has_a_number_which_its_result_keeps() -> None:
    again = ledger.claimed(ledger.released(CLAIMED), CLAIM)
    assert (CLAIMED.claims, again.claims) == (1, 2)
    assert ledger.settled(again, Sent("1"), Done("1"), NOW).claims == 2
    assert ledger.resent(IN_DOUBT).claims == IN_DOUBT.claims == 1


def row(**changes: object) -> Delivery:
    """The row expected for CLAIMED after it was settled."""
    return msgspec.structs.replace(PENDING, attempts=1, claims=1, **changes)


def tried(at: datetime) -> Attempt:
    return Attempt(at=at, outcome="transient", reason=Reason.NOT_CONNECTED)


def trace(
    outcome: str,
    reason: Reason,
    answer: TeamsAnswer = TeamsAnswer(),  # noqa: B008
    *,
    given_up: bool = False,
) -> tuple[Attempt]:
    return (Attempt(at=NOW, outcome=outcome, reason=reason, answer=answer, ends_streak=given_up),)


@pytest.mark.parametrize(
    ("outcome", "decision", "settled"),
    [
        (
            Sent("1:2"),
            Done("1:2"),
            row(status=DeliveryStatus.SENT, activity_id="1:2", settled_at=NOW),
        ),
        (
            Throttled(30, ANSWER),
            RetryAt(at=LATER),
            row(
                due_at=LATER,
                throttles=1,
                reason=Reason.THROTTLED,
                trace=trace("throttled", Reason.THROTTLED, ANSWER),
            ),
        ),
        (
            Transient(Reason.NOT_CONNECTED),
            RetryAt(at=LATER),
            row(
                due_at=LATER,
                reason=Reason.NOT_CONNECTED,
                trace=trace("transient", Reason.NOT_CONNECTED),
            ),
        ),
        (
            Stale(),
            RetryAt(at=NOW, new_conversation=True),
            row(
                due_at=AT_ONCE,
                reason=Reason.CONVERSATION_GONE,
                trace=trace("stale", Reason.CONVERSATION_GONE),
            ),
        ),
        (
            Unreachable(Reason.BLOCKED),
            GiveUp(reason=Reason.BLOCKED, unreachable=True),
            row(
                status=DeliveryStatus.FAILED,
                reason=Reason.BLOCKED,
                trace=trace("unreachable", Reason.BLOCKED, given_up=True),
                settled_at=NOW,
            ),
        ),
        (
            Rejected(Reason.TOO_BIG),
            GiveUp(reason=Reason.TOO_BIG),
            row(
                status=DeliveryStatus.FAILED,
                reason=Reason.TOO_BIG,
                trace=trace("rejected", Reason.TOO_BIG, given_up=True),
                settled_at=NOW,
            ),
        ),
        (
            Unknown(Reason.NO_ANSWER, ANSWER),
            InDoubt(Reason.NO_ANSWER),
            row(
                status=DeliveryStatus.IN_DOUBT,
                reason=Reason.NO_ANSWER,
                trace=trace("unknown", Reason.NO_ANSWER, ANSWER),
                settled_at=NOW,
            ),
        ),
        (
            Unknown(Reason.NO_ANSWER),
            RetryAt(at=LATER, resend=True),
            row(
                due_at=LATER,
                resends=1,
                reason=Reason.NO_ANSWER,
                trace=trace("unknown", Reason.NO_ANSWER),
            ),
        ),
    ],
)
def test_a_settled_row_says_what_came_and_what_follows(
    outcome: Outcome, decision: Decision, settled: Delivery
) -> None:
    assert ledger.settled(CLAIMED, outcome, decision, NOW) == settled


def test_a_success_keeps_the_trace_of_what_went_before() -> None:
    first = ledger.settled(CLAIMED, Throttled(1), RetryAt(at=NOW), NOW)
    done = ledger.settled(ledger.claimed(first, CLAIM), Sent("1"), Done("1"), LATER)
    assert (done.attempts, done.trace, done.reason) == (2, first.trace, None)


def test_of_throttled_attempts_in_a_row_the_first_is_traced_and_all_are_counted() -> None:
    delivery = PENDING
    for seconds in range(100):
        moment = NOW + timedelta(seconds=seconds)
        delivery = ledger.settled(
            ledger.claimed(delivery, CLAIM), Throttled(1), RetryAt(at=moment), moment
        )
    assert (delivery.attempts, delivery.throttles) == (100, 100)
    assert delivery.trace == trace("throttled", Reason.THROTTLED)


def test_a_cancelled_delivery_says_why_and_when() -> None:
    delivery = ledger.cancelled(PENDING, LATER)
    assert (delivery.status, delivery.reason, delivery.settled_at) == (
        DeliveryStatus.CANCELLED,
        Reason.STOPPED,
        LATER,
    )


def test_a_resent_delivery_is_due_at_once_and_remembers_its_attempts() -> None:
    delivery = ledger.resent(IN_DOUBT)
    assert delivery == row(due_at=AT_ONCE, resends=1, trace=IN_DOUBT.trace)


@pytest.mark.parametrize(
    "build",
    [
        lambda naive: Delivery(recipient_id="u", due_at=naive),
        lambda naive: Claim("p", naive),
        lambda naive: Attempt(at=naive, outcome="stale"),
        lambda naive: ledger.settled(CLAIMED, Sent("1"), Done("1"), naive),
        lambda naive: ledger.settled(CLAIMED, Throttled(1), RetryAt(at=naive), NOW),
        lambda naive: ledger.cancelled(PENDING, naive),
    ],
)
def test_a_time_without_a_zone_is_refused(build: Callable[[datetime], object]) -> None:
    with pytest.raises(ValueError, match="without a time zone"):
        build(NOW.replace(tzinfo=None))


OUTCOMES: list[Outcome] = [
    Sent("1:2"),
    Throttled(3),
    Throttled(None),
    Transient(Reason.NOT_DONE),
    Stale(),
    Unreachable(Reason.BLOCKED),
    Rejected(Reason.UNAUTHORISED),
    Rejected(Reason.BAD_REQUEST),
    Unknown(Reason.NO_ANSWER),
]


class Row(RuleBasedStateMachine):
    """One row under claims, outcomes, releases, stops and resends in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.now = NOW
        self.row = PENDING
        self.tries = 0
        self.throttled = 0
        self.successes = 0
        self.in_doubt_sent_again = 0

    def status_is(self, status: DeliveryStatus) -> bool:
        return self.row.status is status

    @rule(seconds=st.integers(min_value=0, max_value=100_000))
    def time_passes(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    @precondition(lambda self: ledger.is_due(self.row, self.now))
    @rule()
    def claim(self) -> None:
        self.row = ledger.claimed(self.row, Claim("p", self.now + timedelta(minutes=5)))

    @precondition(lambda self: self.status_is(DeliveryStatus.CLAIMED))
    @rule()
    def release(self) -> None:
        self.row = ledger.released(self.row)

    @precondition(lambda self: self.status_is(DeliveryStatus.CLAIMED))
    @rule(
        outcome=st.sampled_from(OUTCOMES),
        policy=st.sampled_from(InDoubtPolicy),
        dice=st.floats(min_value=0, max_value=1, exclude_max=True),
    )
    def settle(self, outcome: Outcome, policy: InDoubtPolicy, dice: float) -> None:
        decision = decide(outcome, self.row, now=self.now, started_at=NOW, policy=policy, dice=dice)
        self.row = ledger.settled(self.row, outcome, decision, self.now)
        self.tries += 1
        self.throttled += isinstance(outcome, Throttled)
        self.successes += isinstance(outcome, Sent)
        self.in_doubt_sent_again += isinstance(decision, RetryAt) and decision.resend

    @precondition(lambda self: self.status_is(DeliveryStatus.PENDING))
    @rule()
    def cancel(self) -> None:
        self.row = ledger.cancelled(self.row, self.now)

    @precondition(lambda self: self.status_is(DeliveryStatus.IN_DOUBT))
    @rule()
    def resend(self) -> None:
        self.row = ledger.resent(self.row)
        self.in_doubt_sent_again += 1

    @rule()
    def nothing_else_is_possible(self) -> None:
        for _, possible, change in CHANGES:
            if not self.status_is(possible):
                with pytest.raises(ValueError, match="a delivery that is"):
                    change(self.row)

    @invariant()
    def it_was_sent_at_most_once(self) -> None:
        assert self.successes == self.status_is(DeliveryStatus.SENT)
        assert bool(self.row.activity_id) == self.status_is(DeliveryStatus.SENT)

    @invariant()
    def its_claim_and_end_fit_its_status(self) -> None:
        delivery = self.row
        assert (delivery.claim is not None) == self.status_is(DeliveryStatus.CLAIMED)
        assert (delivery.settled_at is not None) == delivery.status.has_ended
        if delivery.status.has_ended:
            assert (delivery.reason is None) == self.status_is(DeliveryStatus.SENT)

    @invariant()
    def its_counts_are_those_of_its_attempts(self) -> None:
        delivery = self.row
        assert (delivery.attempts, delivery.throttles) == (self.tries, self.throttled)
        assert delivery.resends == self.in_doubt_sent_again
        assert len(delivery.trace) <= delivery.attempts - self.successes
        assert sum(a.outcome != "throttled" for a in delivery.trace) == (
            delivery.attempts - delivery.throttles - self.successes
        )
        assert sorted(delivery.trace, key=lambda attempt: attempt.at) == list(delivery.trace)

    @invariant()
    def it_survives_being_stored(self) -> None:
        assert msgspec.json.decode(msgspec.json.encode(self.row), type=Delivery) == self.row


TestRow = Row.TestCase


PAST, TO_COME = NOW - timedelta(minutes=1), NOW + timedelta(minutes=1)


@pytest.mark.parametrize(
    ("changes", "rules", "misdated"),
    [
        pytest.param({"due_at": PAST}, STANDARD, False, id="due"),
        pytest.param({"due_at": AT_ONCE}, STANDARD, False, id="due at once"),
        pytest.param({"due_at": TO_COME}, STANDARD, False, id="a wait that is possible"),
        pytest.param({"due_at": TO_COME, "trace": (tried(PAST),)}, STANDARD, False, id="a retry"),
        pytest.param({"due_at": TO_COME, "trace": (tried(TO_COME),)}, STANDARD, True, id="tried"),
        pytest.param({"due_at": TO_COME, "trace": (tried(TO_COME),)}, None, True, id="by plan"),
        pytest.param({"due_at": PAST, "trace": (tried(TO_COME),)}, STANDARD, False, id="no harm"),
        pytest.param(
            {"due_at": TO_COME, "waiting": PresenceWait(at=TO_COME)}, None, True, id="put off"
        ),
        pytest.param(
            {"due_at": TO_COME, "waiting": PresenceWait(at=PAST)}, None, False, id="put off before"
        ),
        pytest.param(
            {"due_at": TO_COME, "waiting": PresenceWait()}, None, False, id="earlier version"
        ),
        pytest.param({"due_at": NOW + timedelta(hours=1)}, STANDARD, True, id="longer than any"),
        pytest.param({"due_at": NOW + timedelta(hours=1)}, None, False, id="a window's time"),
        pytest.param(
            {"due_at": NOW + timedelta(hours=1), "reason": Reason.THROTTLED},
            STANDARD,
            False,
            id="Teams names long waits",
        ),
        pytest.param(
            {"due_at": NOW + timedelta(hours=25), "reason": Reason.THROTTLED},
            STANDARD,
            True,
            id="no wait is as long as that",
        ),
        pytest.param(
            {"due_at": TO_COME, "trace": (tried(TO_COME),), "status": DeliveryStatus.SENT},
            STANDARD,
            False,
            id="ended",
        ),
    ],
)
def test_a_due_time_that_a_wrong_clock_has_set_is_told_from_a_right_one(
    changes: dict[str, object], rules: RetryRules | None, misdated: bool
) -> None:
    delivery = msgspec.structs.replace(PENDING, **changes)
    assert ledger.is_misdated(delivery, NOW, rules) is misdated
    if misdated:
        assert ledger.is_due(ledger.redated(delivery), datetime(1970, 1, 1, tzinfo=UTC))
