"""Makes the deliveries of an audience that is frozen."""

from __future__ import annotations

from datetime import datetime

import msgspec

from campaigns.delivery import AT_ONCE, Delivery, DeliveryStatus, key_of_address
from campaigns.outcome import Reason
from campaigns.schedule.schedule import Schedule, due, reason_without_time
from campaigns.user import User


def to_user(user: User, now: datetime, schedule: Schedule | None = None) -> Delivery:
    """Returns a delivery to a user, due at once or by the schedule.

    It is skipped when the user can't be reached.
    """
    delivery = Delivery(recipient_id=user.id, name=user.full_name, email=user.email, due_at=AT_ONCE)
    if not user.reachable:
        return _skipped(delivery, user.unreachable_because or Reason.NOT_INSTALLED, now)
    if schedule is None or not schedule.holds_back:
        return delivery
    due_at = due(schedule, user.id, user.time_zone, now)
    if due_at is None:
        return _skipped(delivery, reason_without_time(schedule, user.time_zone), now)
    return msgspec.structs.replace(delivery, due_at=due_at if due_at > now else AT_ONCE)


def to_address(address: str, now: datetime) -> Delivery:
    """Returns a skipped delivery to an address whose owner does not have the app."""
    delivery = Delivery(
        recipient_id=key_of_address(address), name=address, email=address, due_at=AT_ONCE
    )
    return _skipped(delivery, Reason.NOT_INSTALLED, now)


def to_recipient(earlier: Delivery) -> Delivery:
    """Returns a delivery of a new message to the recipient of an earlier one."""
    return Delivery(
        recipient_id=earlier.recipient_id, name=earlier.name, email=earlier.email, due_at=AT_ONCE
    )


def to_known(earlier: Delivery, user: User | None, now: datetime) -> Delivery:
    """Returns a delivery to an earlier one's recipient.

    It is skipped when the user is not known any more.
    """
    if user is not None:
        return to_user(user, now)
    return _skipped(to_recipient(earlier), Reason.NOT_INSTALLED, now)


def to_message(earlier: Delivery, now: datetime) -> Delivery:
    """Returns a delivery that changes the message of an earlier one.

    It is skipped when the message's id is not known.
    """
    delivery = msgspec.structs.replace(to_recipient(earlier), target_id=earlier.activity_id)
    return delivery if earlier.activity_id else _skipped(delivery, Reason.NO_MESSAGE_ID, now)


def _skipped(delivery: Delivery, reason: Reason, now: datetime) -> Delivery:
    return msgspec.structs.replace(
        delivery, status=DeliveryStatus.SKIPPED, reason=reason, settled_at=now
    )
