"""A delivery: what one campaign sends to one recipient, the row of the ledger."""

from __future__ import annotations

import enum
from datetime import datetime

import msgspec

from campaigns.moment import require_aware
from campaigns.outcome import Reason, TeamsAnswer


class DeliveryStatus(enum.Enum):
    """Where a delivery is in its life."""

    PENDING = "pending"
    """To be sent when due."""

    CLAIMED = "claimed"
    """Someone has the exclusive right to send it, and may be sending it now."""

    SENT = "sent"
    FAILED = "failed"
    """Given up, for its reason."""
    IN_DOUBT = "in_doubt"
    """The request left us and the answer is not known."""
    SKIPPED = "skipped"
    """Never tried, for its reason: the person could not be reached when sending started, or needs
    no correction any more."""

    CANCELLED = "cancelled"
    """Not sent, because the campaign was stopped."""

    @property
    def has_ended(self) -> bool:
        """Whether nothing more happens to it, unless an admin asks for it."""
        return self not in (DeliveryStatus.PENDING, DeliveryStatus.CLAIMED)


class Attempt(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One send call that did not end in success."""

    at: datetime
    outcome: str
    """The outcome's tag."""

    reason: Reason | None = None
    answer: TeamsAnswer = TeamsAnswer()

    def __post_init__(self) -> None:
        require_aware(self.at)


class Claim(msgspec.Struct, frozen=True):
    """The exclusive right to send a delivery until ``until``."""

    owner: str
    """The process that claimed it."""

    until: datetime

    def __post_init__(self) -> None:
        require_aware(self.until)


class PresenceWait(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What kept a delivery from being sent at its time, besides failed attempts."""

    absences: int = 0
    """How often the recipient was looked for, and was not there."""

    first_at: datetime | None = None
    """When they were first looked for in the present run of looks; None: between two runs."""
    runs: int = 0
    """How many runs have ended."""
    delays: int = 0
    """How often its time had come when it was too late, or could not be known who was there."""

    def __post_init__(self) -> None:
        require_aware(self.first_at)


class Delivery(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One recipient's row in a campaign's ledger, where ``recipient_id`` is unique."""

    recipient_id: str
    """The user's id; for an address that nobody has the app under, ``mailto:<address>``."""

    name: str = ""
    email: str = ""
    status: DeliveryStatus = DeliveryStatus.PENDING
    due_at: datetime
    claim: Claim | None = None
    attempts: int = 0
    """Send calls made, including the one that succeeded."""

    throttles: int = 0
    """Of those, how many were throttled: they do not use up the allowed number."""

    resends: int = 0
    """How often it was sent again although its fate was in doubt."""
    trace: tuple[Attempt, ...] = ()
    """The attempts that did not succeed, oldest first; of throttled ones in a row, the first."""

    waiting: PresenceWait | None = None
    """None: nothing but attempts has kept it from being sent."""
    reason: Reason | None = None
    target_id: str = ""
    """The message that is corrected or recalled: an activity id; empty for a new message."""

    activity_id: str = ""
    """Of the message that was sent, by which it can be changed later."""

    settled_at: datetime | None = None
    """When it got its present status, for a status that ended it."""

    def __post_init__(self) -> None:
        require_aware(self.due_at, self.settled_at)

    @property
    def may_have_arrived(self) -> bool:
        """True when the recipient may have the message."""
        return self.attempts > 0 or self.status in (
            DeliveryStatus.SENT,
            DeliveryStatus.CLAIMED,
            DeliveryStatus.IN_DOUBT,
        )


def key_of_address(email: str) -> str:
    """The recipient id of an address that nobody has the app under."""
    return f"mailto:{email}"
