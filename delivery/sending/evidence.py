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
)

LASTED = timedelta(minutes=1)
"""How long one person has to be refused, at every try, before an unknown refusal counts.

Teams is known to refuse somebody for some seconds and then to take the message.
"""

_MESSAGES_FAULT = frozenset({Reason.BAD_REQUEST, Reason.TOO_BIG})
"""Reasons by which Teams says that the message is at fault."""

_OUR_STUMBLES = frozenset({Reason.INTERRUPTED})
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
            return Evidence.SIGN_IN if final else Evidence.NONE
        case Rejected(reason) if reason in _MESSAGES_FAULT:
            return Evidence.MESSAGE
        case Rejected(Reason.WRONG_HOST | Reason.REFUSED):
            return Evidence.SERVICE
        case Rejected():
            return Evidence.SERVED
        case Stale() | Transient(Reason.CONVERSATION_GONE):
            return Evidence.SERVED if final else Evidence.NONE
        case Transient(Reason.REFUSED) if _has_lasted(delivery, since, now):
            return Evidence.SERVICE
        case Transient(reason) if final and reason not in _OUR_STUMBLES:
            return Evidence.SERVICE
        case _:
            return Evidence.NONE


def silence(outcome: Outcome, decision: Decision) -> Evidence:
    """Returns SERVICE or SIGN_IN when Teams did not serve us at all, SERVED when it answered."""
    match outcome:
        case Rejected(Reason.UNAUTHORISED):
            return Evidence.SIGN_IN if isinstance(decision, GiveUp) else Evidence.NONE
        case Transient(Reason.REFUSED):
            return Evidence.SERVED
        case Transient(reason) | Unknown(reason):
            return Evidence.NONE if reason in _OUR_STUMBLES else Evidence.SERVICE
        case _:
            return Evidence.SERVED


def _has_lasted(delivery: Delivery, since: datetime, now: datetime) -> bool:
    """Returns True when this person's tries have all been refused so for long enough."""
    first = now
    for attempt in reversed(delivery.trace):
        if attempt.at < since or attempt.reason is not Reason.REFUSED:
            break
        first = attempt.at
    return now - first >= LASTED
