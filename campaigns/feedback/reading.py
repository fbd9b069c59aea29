"""Read receipts, and the messages that a receipt covers."""

from __future__ import annotations

from collections.abc import Iterable

from campaigns.delivery import Delivery, DeliveryStatus


def covered(deliveries: Iterable[Delivery], last_read: str) -> list[Delivery]:
    """Returns the deliveries that a read receipt covers.

    The receipt names the last message that was read, and every earlier one counts as read, too.
    Teams' ids are times in milliseconds. Other ids can only be compared for equality; then the
    ledger's times say which messages were sent before.

    :param deliveries: the deliveries to one person.
    :param last_read: the activity id that the receipt names.
    """
    sent = [
        delivery
        for delivery in deliveries
        if delivery.status is DeliveryStatus.SENT and delivery.activity_id
    ]
    if last_read.isdecimal():
        return [
            delivery
            for delivery in sent
            if delivery.activity_id.isdecimal() and int(delivery.activity_id) <= int(last_read)
        ]
    last = next(
        (delivery.settled_at for delivery in sent if delivery.activity_id == last_read), None
    )
    if last is None:
        return []
    return [
        delivery
        for delivery in sent
        if delivery.settled_at is not None and delivery.settled_at <= last
    ]
