"""Transitions of a delivery: it is claimed before its request leaves, and settled afterwards.

::

    pending --claimed--> claimed --settled--> sent | failed | in doubt | pending (to retry)
                         claimed --released--> pending (nothing has left)
                         claimed --postponed--> pending (nothing has left)
                         claimed --taken off--> failed (nothing has left)
                         claimed --left out--> skipped (nothing has left)
    pending --cancelled--> cancelled (in doubt, if it was sent before and is in doubt)
    in doubt --resent--> pending
    failed --retried--> pending

Any other change is a bug that could send twice or lose a result: it raises ValueError.

Pure: each function takes a row and returns the changed one; the store makes the change durable.
"""

from __future__ import annotations

from datetime import datetime

import msgspec

from campaigns.delivery import (
    AT_ONCE,
    Attempt,
    Claim,
    Delivery,
    DeliveryStatus,
    PresenceWait,
)
from campaigns.ledger.retry import (
    Decision,
    Done,
    GiveUp,
    InDoubt,
    RetryAt,
    RetryRules,
    has_waited,
)
from campaigns.moment import require_aware
from campaigns.outcome import Outcome, Reason, Sent, Stale, Throttled, outcome_tag

LONGEST_TRACE = 100
"""Attempts that a row keeps: more than a streak has, so dropping the oldest changes no decision."""


def is_due(delivery: Delivery, now: datetime) -> bool:
    """Returns True when it may be claimed now."""
    return delivery.status is DeliveryStatus.PENDING and delivery.due_at <= now


def is_misdated(delivery: Delivery, now: datetime, rules: RetryRules | None) -> bool:
    """Returns True for a pending delivery whose due time was set by a clock that was wrong.

    Such a clock was set back since. The delivery waits for a time that it would not have been given
    by the right clock. There are two signs of it: the due time was set later than now, or it is
    further ahead than any wait between two tries.

    :param rules: bounds of the waits between two tries; None when a schedule holds deliveries back,
        and may choose any time.
    """
    if delivery.status is not DeliveryStatus.PENDING or delivery.due_at <= now:
        return False
    tried_at = delivery.trace[-1].at if delivery.trace else None
    put_off_at = delivery.waiting.at if delivery.waiting is not None else None
    if any(set_at is not None and set_at > now for set_at in (tried_at, put_off_at)):
        return True
    if rules is None:
        return False
    return delivery.due_at - now > rules.longest_wait(delivery.reason)


def redated(delivery: Delivery) -> Delivery:
    """Makes a pending delivery due at once, because its due time was wrong."""
    _require(delivery, DeliveryStatus.PENDING)
    return msgspec.structs.replace(delivery, due_at=AT_ONCE)


def claimed(delivery: Delivery, claim: Claim) -> Delivery:
    """Claims a pending delivery. Its request may leave only after the claim is stored.

    The claim gets the next number of this delivery. All transitions keep it, so a result tells
    which claim it belongs to.
    """
    _require(delivery, DeliveryStatus.PENDING)
    return msgspec.structs.replace(
        delivery, status=DeliveryStatus.CLAIMED, claim=claim, claims=delivery.claims + 1
    )


def released(delivery: Delivery, *, until: datetime | None = None) -> Delivery:
    """Makes a claimed delivery pending again, when its request has definitely not left.

    :param until: it is not claimed again before this time; None: at any time.
    """
    _require(delivery, DeliveryStatus.CLAIMED)
    due_at = delivery.due_at if until is None else max(until, delivery.due_at)
    return msgspec.structs.replace(
        delivery, status=DeliveryStatus.PENDING, claim=None, due_at=due_at
    )


def postponed(delivery: Delivery, at: datetime, waiting: PresenceWait) -> Delivery:
    """Makes a claimed delivery pending until a later time, because it must not be sent yet."""
    return msgspec.structs.replace(
        released(delivery), due_at=at, waiting=waiting, trace=_streak_ended(delivery, at)
    )


def taken_off(delivery: Delivery, reason: Reason, waiting: PresenceWait, now: datetime) -> Delivery:
    """Ends a claimed delivery unsent, because no better time will come.

    It fails, or is in doubt when it was sent before.
    """
    return msgspec.structs.replace(
        released(delivery),
        status=_unless_in_doubt(delivery, DeliveryStatus.FAILED),
        reason=reason,
        waiting=waiting,
        settled_at=now,
    )


def left_out(delivery: Delivery, reason: Reason, now: datetime) -> Delivery:
    """Ends a claimed delivery unsent, because the person does not need it any more."""
    return msgspec.structs.replace(
        released(delivery), status=DeliveryStatus.SKIPPED, reason=reason, settled_at=now
    )


def settled(delivery: Delivery, outcome: Outcome, decision: Decision, now: datetime) -> Delivery:
    """Settles a claimed delivery after an attempt.

    :param outcome: the classified answer to the attempt.
    :param decision: the decision of :func:`~campaigns.ledger.retry.decide` about that outcome.
    """
    _require(delivery, DeliveryStatus.CLAIMED)
    changed = msgspec.structs.replace(
        delivery,
        claim=None,
        attempts=delivery.attempts + 1,
        throttles=delivery.throttles + isinstance(outcome, Throttled),
        trace=_traced(delivery, outcome, decision, now),
        reason=_reason(outcome),
    )
    match decision:
        case Done(activity_id):
            return msgspec.structs.replace(
                changed, status=DeliveryStatus.SENT, activity_id=activity_id, settled_at=now
            )
        case RetryAt(at=retry_at, resend=resend):
            require_aware(retry_at)
            return msgspec.structs.replace(
                changed,
                status=DeliveryStatus.PENDING,
                due_at=retry_at if retry_at > now else AT_ONCE,
                resends=changed.resends + resend,
            )
        case GiveUp(reason=reason):
            return msgspec.structs.replace(
                changed,
                status=_unless_in_doubt(delivery, DeliveryStatus.FAILED),
                reason=reason,
                settled_at=now,
            )
        case InDoubt(reason):
            return msgspec.structs.replace(
                changed, status=DeliveryStatus.IN_DOUBT, reason=reason, settled_at=now
            )


def cancelled(delivery: Delivery, now: datetime) -> Delivery:
    """Ends a pending delivery, because the campaign was stopped.

    It is cancelled, or in doubt when it was sent before.
    """
    _require(delivery, DeliveryStatus.PENDING)
    return msgspec.structs.replace(
        delivery,
        status=_unless_in_doubt(delivery, DeliveryStatus.CANCELLED),
        claim=None,
        reason=Reason.STOPPED,
        settled_at=now,
    )


def resent(delivery: Delivery) -> Delivery:
    """Makes a delivery in doubt due again, because an admin asked for it."""
    _require(delivery, DeliveryStatus.IN_DOUBT)
    return msgspec.structs.replace(
        delivery,
        status=DeliveryStatus.PENDING,
        claim=None,
        due_at=AT_ONCE,
        resends=delivery.resends + 1,
        reason=None,
        settled_at=None,
    )


def retried(delivery: Delivery) -> Delivery:
    """Makes a failed delivery due again, because the fault was not the recipient's."""
    _require(delivery, DeliveryStatus.FAILED)
    return msgspec.structs.replace(
        delivery, status=DeliveryStatus.PENDING, due_at=AT_ONCE, reason=None, settled_at=None
    )


def _require(delivery: Delivery, status: DeliveryStatus) -> None:
    if delivery.status is not status:
        raise ValueError(f"a delivery that is {delivery.status.value}, not {status.value}")


def _unless_in_doubt(delivery: Delivery, status: DeliveryStatus) -> DeliveryStatus:
    """Returns the status; but in doubt after a resend, because the first try may have arrived."""
    return DeliveryStatus.IN_DOUBT if delivery.resends else status


def _reason(outcome: Outcome) -> Reason | None:
    match outcome:
        case Sent():
            return None
        case Throttled():
            return Reason.THROTTLED
        case Stale():
            return Reason.CONVERSATION_GONE
        case _:
            return outcome.reason


def _traced(
    delivery: Delivery, outcome: Outcome, decision: Decision, now: datetime
) -> tuple[Attempt, ...]:
    if isinstance(outcome, Sent):
        return delivery.trace
    tag = outcome_tag(outcome)
    earlier = _streak_ended(delivery, now)
    if isinstance(outcome, Throttled) and isinstance(decision, RetryAt) and earlier:
        before = earlier[-1]
        if before.outcome == tag and not before.ends_streak:
            # Throttled calls do not count towards the limit. With each of them the row would grow
            # without end.
            return earlier
    attempt = Attempt(
        at=now,
        outcome=tag,
        reason=_reason(outcome),
        answer=outcome.answer,
        ends_streak=isinstance(decision, GiveUp),
    )
    return (*earlier, attempt)[-LONGEST_TRACE:]


def _streak_ended(delivery: Delivery, until: datetime) -> tuple[Attempt, ...]:
    """Returns the trace; its last attempt ends a streak if the delivery waits so long after it."""
    if not delivery.trace or not has_waited(delivery, until):
        return delivery.trace
    *earlier, last = delivery.trace
    return (*earlier, msgspec.structs.replace(last, ends_streak=True))
