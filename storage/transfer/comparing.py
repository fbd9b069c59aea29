"""Compares the copy with the original, by numbers and checksums."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any

import msgspec

from campaigns.campaign import CampaignKey
from storage.embedded.store import EmbeddedStore
from storage.errors import StoreError
from storage.postgres.encoding import json_text
from storage.postgres.store import PostgresStore
from storage.transfer.contents import CAMPAIGN_PARTS, CAMPAIGNS, COLLECTIONS


class ContentSum(msgspec.Struct, frozen=True):
    """How many values there are, and the sum of their hashes, which is the same in any order."""

    number: int = 0
    checksum: int = 0

    def __add__(self, other: ContentSum) -> ContentSum:
        return ContentSum(self.number + other.number, (self.checksum + other.checksum) % 2**256)


async def compare(
    source: EmbeddedStore,
    target: PostgresStore,
    campaigns: Sequence[CampaignKey],
    tell: Callable[[str], None],
) -> None:
    """Raises StoreError when the target does not have what the source has."""
    for collection in (*COLLECTIONS, CAMPAIGNS):
        original = await _sum(collection.read(source))
        copy = await _sum(collection.read(target))
        _require_same(collection.name, original, copy, tell)
    for part in CAMPAIGN_PARTS:
        original = copy = ContentSum()
        for key in campaigns:
            original += await _sum(part.read(source, key), key)
            copy += await _sum(part.read(target, key), key)
        _require_same(part.name, original, copy, tell)


def _require_same(
    name: str, original: ContentSum, copy: ContentSum, tell: Callable[[str], None]
) -> None:
    tell(f"{name}: {original.number:,} in the folder, {copy.number:,} in the database")
    if original != copy:
        raise StoreError(
            f"The {name} in the database are not those in the folder. Move into an empty"
            " database, while no bot works with either."
        )


async def _sum(chunks: AsyncIterator[Sequence[Any]], key: CampaignKey | None = None) -> ContentSum:
    """Sums the values as the database keeps them: a replaced character is no difference."""
    total = ContentSum()
    async for chunk in chunks:
        sums = (
            int.from_bytes(hashlib.sha256(json_text((key, value)).encode()).digest(), "big")
            for value in chunk
        )
        total += ContentSum(len(chunk), sum(sums) % 2**256)
    return total
