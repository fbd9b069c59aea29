"""A start with everything paused: for the first one after restoring a backup.

The restored ledger does not know who got a message after the backup. So nothing may go on before
somebody has looked at it.
"""

from __future__ import annotations

import logging

from campaigns import lifecycle
from campaigns.campaign import Status
from campaigns.errors import NotPossible
from delivery.changes import change
from delivery.clock import Clock
from storage.base import Store

_log = logging.getLogger(__name__)


async def pause_everything(store: Store, clock: Clock) -> None:
    """Pauses every campaign of every tenant that is being sent, or that a fault has paused.

    It is written down before this returns. Several processes may do it at the same time. Raises
    StoreError when the store can't serve, and then nothing may be started.
    """
    _log.warning(
        "START_PAUSED is on: nothing goes out by itself. When everything has been looked at, take "
        "it out and start again."
    )
    for campaign in await store.campaigns.in_status((Status.SENDING, Status.PAUSED)):
        try:
            await change(
                store.campaigns, campaign.key, lambda present: lifecycle.hold(present, clock.now())
            )
        except NotPossible:
            continue  # a person has paused it, or has stopped it just now
        _log.warning("campaign %s is paused, because START_PAUSED is on", campaign.id)
