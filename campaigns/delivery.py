"""Deliveries: one campaign for one recipient, a row of the ledger."""

from __future__ import annotations

import enum
from datetime import UTC, datetime

import msgspec

from campaigns.moment import require_aware
from campaigns.outcome import Reason, TeamsAnswer

AT_ONCE = datetime(1, 1, 2, tzinfo=UTC)
"""Due time of a delivery that waits for nothing.

No clock shows an earlier time, so no clock that is set back can hide it. It is not the very first
moment, because in some zones that has no date.
"""


class DeliveryStatus(enum.Enum):
    """Stage of a delivery's life."""

    PENDING = "pending"
    """Waits for its time."""

    CLAIMED = "claimed"
    """A process has the exclusive right to send it, and may be sending it now."""

    SENT = "sent"
    FAILED = "failed"
    """Given up, for its reason."""
    IN_DOUBT = "in_doubt"
    """The request left us and the answer is not known."""
    SKIPPED = "skipped"
    """Never tried, for its reason: the person could not be reached when sending started, or needs
    no correction any more."""

    CANCELLED = "cancelled"
    """Was not sent, because the campaign was stopped."""

    @property
    def has_ended(self) -> bool:
        """True when nothing more happens to it, unless an admin asks for it."""
        return self not in (DeliveryStatus.PENDING, DeliveryStatus.CLAIMED)


class Attempt(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A send call that did not succeed."""

    at: datetime
    outcome: str
    """The outcome's tag."""

    reason: Reason | None = None
    answer: TeamsAnswer = TeamsAnswer()
    ends_streak: bool = False
    """True when tries after this one are counted anew: it was given up after this one, or it waited
    for long."""

    def __post_init__(self) -> None:
        require_aware(self.at)


class Claim(msgspec.Struct, frozen=True):
    """The exclusive right to send a delivery, with its end."""

    owner: str
    """The process that claimed it."""

    until: datetime

    def __post_init__(self) -> None:
        require_aware(self.until)


class PresenceWait(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Waits of a delivery past its due time, other than those between attempts."""

    absences: int = 0
    """Number of looks at which the recipient was not there."""

    first_at: datetime | None = None
    """Time of the first look in the present round; None between two rounds."""
    rounds: int = msgspec.field(default=0, name="runs")
    """Number of rounds that have ended."""
    delays: int = 0
    """Number of times that it was put off because its hours were over or presence was not known."""

    at: datetime | None = None
    """Time at which it was put off last. Earlier versions did not keep it."""

    def __post_init__(self) -> None:
        require_aware(self.first_at, self.at)


class Delivery(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A recipient's row in a campaign's ledger, where ``recipient_id`` is unique."""

    recipient_id: str
    """The user's id; ``mailto:<address>`` for an address whose owner does not have the app."""

    name: str = ""
    email: str = ""
    status: DeliveryStatus = DeliveryStatus.PENDING
    due_at: datetime
    """Time from which it may be sent: :data:`AT_ONCE`, or a time on the wall clock."""

    claim: Claim | None = None
    claims: int = 0
    """Number of times that it was claimed. A result has the number of its own claim, and replaces
    that claim only."""
    attempts: int = 0
    """Number of send calls, including the one that succeeded."""

    throttles: int = 0
    """Number of throttled calls among them, which do not count towards the limit."""

    resends: int = 0
    """Number of times that it was sent again while in doubt."""
    trace: tuple[Attempt, ...] = ()
    """Attempts that did not succeed, oldest first; only the first of several throttled in a row.

    When there are very many, the oldest are dropped.
    """

    waiting: PresenceWait | None = None
    """Waits apart from attempts; None when there were none."""
    reason: Reason | None = None
    target_id: str = ""
    """Activity id of the message that is corrected or recalled; empty for a new message."""

    activity_id: str = ""
    """Activity id of the sent message, by which it can be changed later."""

    settled_at: datetime | None = None
    """Time at which it ended; None while it has not."""

    def __post_init__(self) -> None:
        require_aware(self.due_at, self.settled_at)

    @property
    def may_have_arrived(self) -> bool:
        """True when the recipient may have the message: it was tried, or is being tried now.

        Failed attempts count, so it may be true for somebody who has nothing.
        """
        return self.attempts > 0 or self.status in (
            DeliveryStatus.SENT,
            DeliveryStatus.CLAIMED,
            DeliveryStatus.IN_DOUBT,
        )


def key_of_address(email: str) -> str:
    """Returns the recipient id of an address whose owner does not have the app."""
    return f"mailto:{email}"
