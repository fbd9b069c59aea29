"""Changes to campaigns by other processes: heard by LISTEN and NOTIFY, or looked for."""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import AsyncIterator

import msgspec

from campaigns.campaign import CampaignKey
from storage.errors import StoreError
from storage.postgres.connection.database import Database
from storage.postgres.connection.listening import Listening

_log = logging.getLogger(__name__)

CHANNEL = "campaigns"
"""The channel that the trigger of migration 0002 writes to."""

QUIET = 5.0
"""Seconds without a message after which the connection is tested."""

LOOK = 1.0
"""Seconds between two looks while nothing can be heard."""


async def changes(database: Database) -> AsyncIterator[CampaignKey | None]:
    """Yields the campaigns that the database reports as changed; None: some may have been missed.

    Behind a pooler that gives each transaction another connection, nothing is ever heard. Then this
    yields None each second.
    """
    deaf = False
    while True:
        try:
            async with database.listening(CHANNEL) as listening:
                if deaf:
                    _log.info("changes by others are heard again")
                    deaf = False
                async for key in _heard(listening):
                    yield key
        except StoreError as error:
            if not deaf:
                _log.info("changes by others are not heard just now: %s", error)
            deaf = True
        await asyncio.sleep(LOOK)
        yield None


async def _heard(listening: Listening) -> AsyncIterator[CampaignKey | None]:
    """Yields the changes heard on one connection; raises Unavailable when it is lost."""
    probe = uuid.uuid4().hex
    works = False
    yield None
    while True:
        try:
            async with asyncio.timeout(QUIET if works else LOOK):
                message = await listening.next()
        except TimeoutError:
            if not works:
                yield None
            works = False
            await listening.say(probe)
            continue
        works = True  # any message shows that, also our own probe
        if message != probe:
            key = _decoded(message)
            if key is not None:
                yield key


def _decoded(message: str) -> CampaignKey | None:
    """Returns the campaign that a message names; None for the probe of another process."""
    try:
        tenant_id, campaign_id = msgspec.json.decode(message, type=tuple[str, str])
    except msgspec.DecodeError:
        return None
    return CampaignKey(tenant_id, campaign_id)
