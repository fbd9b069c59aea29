"""Moves what is in an embedded store into a PostgreSQL database, and checks that it is there.

What is there already is not copied again, so a move that was cut off goes on when it is begun anew.
Campaigns come last: only when all else of them is there.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any

import msgspec

from campaigns.campaign import Campaign, Status
from campaigns.delivery import Delivery
from campaigns.lists import DistributionList
from campaigns.user import User
from storage.embedded import EmbeddedStore
from storage.errors import StoreError
from storage.postgres_store import PostgresStore
from storage.wording import json_text

_AT_ONCE = 8
"""Users written at the same time, each on a connection of its own."""


class Content(msgspec.Struct, frozen=True):
    """How many there are of a kind, and the sum of their hashes: the same in whatever order."""

    number: int = 0
    checksum: int = 0

    def __add__(self, other: Content) -> Content:
        return Content(self.number + other.number, (self.checksum + other.checksum) % 2**256)


async def move(source: EmbeddedStore, target: PostgresStore, tell: Callable[[str], None]) -> None:
    """Copies everything, compares it, and marks the source as moved. Both are open.

    ``tell`` is given a line for each step. Raises StoreError when the copy is not like the original
    (as when there was something else in the database), or when bots work with the database.
    """
    if await target.leases.living():
        raise StoreError("Bots are working with the database. Stop them first.")
    campaigns = await source.campaigns.in_status(tuple(Status))
    await _copy_users(source, target)
    async for of in source.lists.everything():
        await target.lists.put(of)
    for number, campaign in enumerate(campaigns, start=1):
        if await target.campaigns.get(campaign.key) is None:
            async for rows in source.ledger.rows(campaign.key):
                await target.ledger.freeze(campaign.key, rows)
            await target.campaigns.put(campaign)
        tell(f"campaign {number:,} of {len(campaigns):,}")
    await _compare(source, target, tell)
    await source.mark_moved()


async def _copy_users(source: EmbeddedStore, target: PostgresStore) -> None:
    there = asyncio.Semaphore(_AT_ONCE)

    async def put(user: User) -> None:
        async with there:
            await target.users.put(user)

    async for users in source.users.everyone():
        known: dict[tuple[str, str], User] = {}
        for tenant_id in {user.tenant_id for user in users}:
            ids = [user.id for user in users if user.tenant_id == tenant_id]
            found = await target.users.get_many(tenant_id, ids)
            known |= {(tenant_id, user.id): user for user in found.values()}
        await asyncio.gather(
            *(put(user) for user in users if known.get((user.tenant_id, user.id)) != user)
        )


async def _compare(
    source: EmbeddedStore, target: PostgresStore, tell: Callable[[str], None]
) -> None:
    campaigns = await source.campaigns.in_status(tuple(Status))
    copied = await target.campaigns.in_status(tuple(Status))
    pairs = {
        "users": (await _of_users(source), await _of_users(target)),
        "lists": (await _of_lists(source), await _of_lists(target)),
        "campaigns": (_of(campaigns), _of(copied)),
        "deliveries": (
            await _of_deliveries(source, campaigns),
            await _of_deliveries(target, campaigns),
        ),
    }
    for kind, (original, copy) in pairs.items():
        tell(f"{kind}: {original.number:,} in the folder, {copy.number:,} in the database")
        if original != copy:
            raise StoreError(
                f"The {kind} in the database are not those in the folder. Move into an empty"
                " database, while no bot works with either."
            )


async def _of_users(store: EmbeddedStore | PostgresStore) -> Content:
    return await _sum(store.users.everyone())


async def _of_lists(store: EmbeddedStore | PostgresStore) -> Content:
    total = Content()
    async for of in store.lists.everything():
        total += _of([of])
    return total


async def _of_deliveries(
    store: EmbeddedStore | PostgresStore, campaigns: Sequence[Campaign]
) -> Content:
    total = Content()
    for campaign in campaigns:
        total += await _sum(_unclaimed(store.ledger.rows(campaign.key)))
    return total


async def _unclaimed(chunks: AsyncIterator[Sequence[Delivery]]) -> AsyncIterator[Sequence[Any]]:
    """Without their claims, which end with the process that made them."""
    async for chunk in chunks:
        yield [msgspec.structs.replace(delivery, claim=None) for delivery in chunk]


async def _sum(chunks: AsyncIterator[Sequence[Any]]) -> Content:
    total = Content()
    async for chunk in chunks:
        total += _of(chunk)
    return total


def _of(values: Sequence[User | Campaign | DistributionList | Delivery]) -> Content:
    """Of the values as the database can keep them: a character that it can't is no difference."""
    sums = (
        int.from_bytes(hashlib.sha256(json_text(value).encode()).digest(), "big")
        for value in values
    )
    return Content(len(values), sum(sums) % 2**256)
