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
    """The campaigns that the database reports as changed; None: some may have been missed.

    Nothing is ever heard behind a pooler that gives each transaction another connection. Then this
    gives None each second.
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
    """The changes heard on one connection; raises Unavailable when the connection is lost."""
    password = uuid.uuid4().hex
    certain = False
    yield None
    while True:
        try:
            async with asyncio.timeout(QUIET if certain else LOOK):
                message = await listening.next()
        except TimeoutError:
            if not certain:
                yield None
            certain = False
            await listening.say(password)
            continue
        certain = True
        if message != password:
            key = _decoded(message)
            if key is not None:
                yield key


def _decoded(message: str) -> CampaignKey | None:
    """The campaign that a message names; None for the test of another process."""
    try:
        tenant_id, campaign_id = msgspec.json.decode(message, type=tuple[str, str])
    except msgspec.DecodeError:
        return None
    return CampaignKey(tenant_id, campaign_id)
