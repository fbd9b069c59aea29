"""Hearing of what other processes change: LISTEN and NOTIFY, or looking where they do not work."""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import AsyncIterator

import msgspec

from campaigns.campaign import CampaignKey
from storage.errors import StoreError
from storage.postgres.database import Database, Listening

_log = logging.getLogger(__name__)

CHANNEL = "campaigns"
"""As the trigger of migration 0002 has it."""

QUIET = 5.0
"""Seconds without a word after which it is tested whether anything is heard at all."""

LOOK = 1.0
"""Seconds between two looks while nothing is heard."""


async def changes(database: Database) -> AsyncIterator[CampaignKey | None]:
    """The campaigns of which the database tells; None: something may have been missed.

    Behind a pooler that gives each transaction another connection, nothing is ever heard: then it
    is None each second.
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
    """Raises Unavailable when the connection is lost."""
    password = uuid.uuid4().hex
    certain = False
    yield None
    while True:
        try:
            async with asyncio.timeout(QUIET if certain else LOOK):
                said = await listening.next()
        except TimeoutError:
            if not certain:
                yield None
            certain = False
            await listening.say(password)
            continue
        certain = True
        if said != password:
            key = _understood(said)
            if key is not None:
                yield key


def _understood(said: str) -> CampaignKey | None:
    """None for what is another one's test."""
    try:
        tenant_id, campaign_id = msgspec.json.decode(said, type=tuple[str, str])
    except msgspec.DecodeError:
        return None
    return CampaignKey(tenant_id, campaign_id)
