"""Deliveries as the columns of their table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from campaigns.campaign import CampaignKey
from campaigns.delivery import Attempt, Claim, Delivery, DeliveryStatus, PresenceWait
from campaigns.outcome import Reason
from storage.postgres.connection.session import Row
from storage.postgres.encoding import damaged, json_text, row_name, understood


def columns(deliveries: Sequence[Delivery]) -> list[list[Any]]:
    """Returns the deliveries as statements take them: an array for each column."""
    rows = [
        (
            delivery.recipient_id,
            delivery.name,
            delivery.email,
            delivery.status.value,
            delivery.due_at,
            delivery.attempts,
            delivery.throttles,
            delivery.resends,
            json_text(delivery.trace) if delivery.trace else None,
            None if delivery.reason is None else delivery.reason.value,
            delivery.activity_id,
            delivery.settled_at,
            delivery.target_id,
            None if delivery.waiting is None else json_text(delivery.waiting),
            delivery.claims,
        )
        for delivery in deliveries
    ]
    return [list(column) for column in zip(*rows, strict=True)]


def decoded(key: CampaignKey, row: Row) -> Delivery:
    """Returns the delivery in a row of a campaign; raises Damaged when it is not understood."""
    (
        recipient_id, name, email, status, due_at, attempts, throttles, resends, trace, reason,
        activity_id, settled_at, target_id, waiting, claims, claim_owner, claim_until,
    ) = row  # fmt: skip
    place = row_name("deliveries", key.tenant_id, key.campaign_id, recipient_id)
    try:
        return Delivery(
            recipient_id=recipient_id,
            name=name,
            email=email,
            status=_STATUSES[status],
            due_at=due_at,
            claim=None if claim_owner is None else Claim(claim_owner, claim_until),
            claims=claims,
            attempts=attempts,
            throttles=throttles,
            resends=resends,
            trace=() if trace is None else understood(trace, tuple[Attempt, ...], row=place),
            reason=None if reason is None else _REASONS[reason],
            activity_id=activity_id,
            settled_at=settled_at,
            target_id=target_id,
            waiting=None if waiting is None else understood(waiting, PresenceWait, row=place),
        )
    except KeyError as error:
        raise damaged(place, f"{error} is not known") from error


_STATUSES = {status.value: status for status in DeliveryStatus}
_REASONS = {reason.value: reason for reason in Reason}
