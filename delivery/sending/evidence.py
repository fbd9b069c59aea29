"""Evidence of a fault: what one outcome says about the bot and about Teams, whoever it was for.

Two questions are asked about each outcome, because they need different patience:

- :func:`verdict`: is this person served, or is there a trouble that is not theirs? It is asked
  about what has lasted, since an answer of one moment may be another one in the next.
- :func:`silence`: did Teams serve us at all? Nobody's person can be the cause if it did not, so it
  counts at once. But it needs time to be told from a moment's stumble.
"""

from __future__ import annotations

import enum
from datetime import datetime, timedelta

from campaigns.campaign import Fault
from campaigns.delivery import Delivery
from campaigns.ledger.retry import Decision, GiveUp
from campaigns.outcome import (
    Outcome,
    Reason,
    Rejected,
    Sent,
    Stale,
    Transient,
    Unknown,
    Unreachable,
    outcome_tag,
)

LASTED = timedelta(minutes=1)
"""How long one person's tries have to fail, one after the other, before that counts.

Teams is known to refuse somebody for some seconds and then to take the message.
"""

_OUT_OF_REACH = frozenset(
    {Reason.NOT_CONNECTED, Reason.NO_ANSWER, Reason.SERVER_ERROR, Reason.NO_PROFILE}
)
"""Reasons with which Teams has not answered, or not as it should."""

_MESSAGES_FAULT = frozenset({Reason.BAD_REQUEST, Reason.TOO_BIG})
"""Reasons by which Teams says that the message is at fault."""

_SERVICES_FAULT = frozenset({Reason.WRONG_HOST, Reason.REFUSED})
"""Reasons of a refusal for good that is neither the message's nor known to be the person's."""

_NO_EVIDENCE = frozenset({Reason.INTERRUPTED, Reason.NOT_PREPARED, Reason.DAMAGED})
"""Reasons that say nothing about Teams: the bot itself has stumbled."""


class Evidence(enum.Enum):
    """Evidence that one outcome gives."""

    SERVED = "served"
    """Teams knows us and took the message up: the person got it, or was refused by a code that is
    about them.
    """

    SIGN_IN = "sign_in"
    MESSAGE = "message"
    SERVICE = "service"
    """Troubles that are not the person's."""

    NONE = "none"
    """It may still become anything."""

    @property
    def fault(self) -> Fault:
        """The fault that it is evidence for. Only for a trouble."""
        return _FAULTS[self]


_FAULTS = {
    Evidence.SIGN_IN: Fault.SIGN_IN,
    Evidence.MESSAGE: Fault.REFUSED,
    Evidence.SERVICE: Fault.DOWN,
}

TROUBLES = tuple(_FAULTS)
"""All troubles; of two that are equally frequent, the first one names the fault."""


def verdict(
    outcome: Outcome, decision: Decision, delivery: Delivery, since: datetime, now: datetime
) -> Evidence:
    """Returns what is certain about this person.

    :param delivery: the delivery as it was before this attempt.
    :param since: tries before this moment do not count.
    """
    final = isinstance(decision, GiveUp)
    match outcome:
        case Sent() | Unreachable():
            return Evidence.SERVED
        case Rejected(Reason.UNAUTHORISED):
            # A token that has just expired is refused many times at once, and the next one is good.
            again = final or _was_refused_sign_in(delivery, since)
            return Evidence.SIGN_IN if again else Evidence.NONE
        case Rejected(reason) | Transient(reason) if reason in _NO_EVIDENCE:
            return Evidence.NONE
        case Rejected(reason) if reason in _MESSAGES_FAULT:
            return Evidence.MESSAGE
        case Rejected(reason) if reason in _SERVICES_FAULT:
            return Evidence.SERVICE
        case Rejected():
            return Evidence.SERVED
        case Transient(Reason.MESSAGE_GONE):
            # Teams is asked again before this is believed. It is the person's in any case.
            return Evidence.SERVED if final else Evidence.NONE
        case Transient() | Stale() if final or _has_lasted(delivery, since, now):
            return Evidence.SERVICE
        case _:
            return Evidence.NONE


def silence(outcome: Outcome) -> Evidence:
    """Returns SERVICE or SIGN_IN when Teams did not serve us at all, SERVED when it answered."""
    match outcome:
        case Rejected(Reason.UNAUTHORISED):
            return Evidence.SIGN_IN
        case Rejected(reason) | Transient(reason) | Unknown(reason) if reason in _NO_EVIDENCE:
            return Evidence.NONE
        case Unknown():
            return Evidence.SERVICE
        case Transient(reason) if reason in _OUT_OF_REACH:
            return Evidence.SERVICE
        case _:
            return Evidence.SERVED


def _was_refused_sign_in(delivery: Delivery, since: datetime) -> bool:
    if not delivery.trace:
        return False
    before = delivery.trace[-1]
    return before.reason is Reason.UNAUTHORISED and before.at >= since


def _has_lasted(delivery: Delivery, since: datetime, now: datetime) -> bool:
    """Returns True when this person's tries have failed for long enough, with nothing between.

    Being asked to wait is no failure.
    """
    first = now
    for attempt in reversed(delivery.trace):
        failed = attempt.outcome in _FAILED_IN_PASSING and attempt.reason not in _NO_EVIDENCE
        if attempt.at < since or not failed:
            break
        first = attempt.at
    return now - first >= LASTED


_FAILED_IN_PASSING = (outcome_tag(Transient(Reason.REFUSED)), outcome_tag(Stale()))
