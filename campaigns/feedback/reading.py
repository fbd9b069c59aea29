"""Which messages a read receipt covers."""

from __future__ import annotations

from collections.abc import Iterable

from campaigns.delivery import Delivery, DeliveryStatus


def covered(deliveries: Iterable[Delivery], last_read: str) -> list[Delivery]:
    """Those of one person's deliveries that have been read, when the message with this activity id
    is the last that was: every earlier one counts as read.

    Teams' ids are the time in milliseconds. Of others it is only known that they are the same, and
    then the ledger knows what was sent before.
    """
    sent = [one for one in deliveries if one.status is DeliveryStatus.SENT and one.activity_id]
    if last_read.isdecimal():
        return [
            one
            for one in sent
            if one.activity_id.isdecimal() and int(one.activity_id) <= int(last_read)
        ]
    last = next((one.settled_at for one in sent if one.activity_id == last_read), None)
    if last is None:
        return []
    return [one for one in sent if one.settled_at is not None and one.settled_at <= last]
