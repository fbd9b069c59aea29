"""Finds faults: something is wrong with the bot or with Teams, not with a recipient.

There is one for each campaign that is being sent. It only watches; the reconciler pauses the
campaign and tells its sender.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from campaigns.campaign import Fault
from campaigns.ledger.retry import Decision, GiveUp
from campaigns.outcome import (
    OUR_FAULT,
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

REFUSED_IN_A_ROW = 5
"""Refusals that make a fault, in a row: each of another recipient.

A success, or a refusal because of the recipient, ends the row.
"""

DOWN_FOR = timedelta(minutes=1)
"""How long Teams may accept nothing before we stop trying."""

DOWN_TIMES = 5
"""Fewest failures in that time that make a fault.

Two slow answers in a quiet minute are no outage.
"""


_OUT_OF_REACH = frozenset({Reason.NOT_CONNECTED, Reason.NO_ANSWER, Reason.SERVER_ERROR})


class Breaker:
    """Watches a campaign's outcomes in the order in which they come."""

    def __init__(self) -> None:
        self._refused = 0
        self._down_since: datetime | None = None
        self._down = 0
        """Failures since ``_down_since``."""

    def observe(self, outcome: Outcome, decision: Decision, now: datetime) -> Fault | None:
        """Returns the fault that this outcome makes certain; None while there is none.

        A refusal counts only when it is final: a token that has just expired is refused many times
        at once, and the next one is good.
        """
        match outcome:
            case Sent() | Unreachable() | Stale():
                # Teams knows us, and took or refused this because of the recipient.
                self._refused = 0
                self._down_since = None
            case Rejected(reason) if reason in OUR_FAULT and isinstance(decision, GiveUp):
                self._refused += 1
                self._down_since = None
                if self._refused >= REFUSED_IN_A_ROW:
                    return Fault.SIGN_IN if reason is Reason.UNAUTHORISED else Fault.REFUSED
            case Transient(reason) if reason not in _OUT_OF_REACH:
                # Teams answers, and refuses this one message.
                self._down_since = None
            case Transient() | Unknown():
                if self._down_since is None:
                    self._down_since, self._down = now, 0
                self._down += 1
                if self._down >= DOWN_TIMES and now - self._down_since >= DOWN_FOR:
                    return Fault.DOWN
            case Rejected() | Throttled():
                # Teams answers; it is not known whether it would accept the message.
                self._down_since = None
        return None
