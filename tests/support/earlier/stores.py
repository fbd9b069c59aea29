"""Stores, buttons and links of an earlier version: their expected contents, and opening them."""

from __future__ import annotations

import json
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import asyncpg

from campaigns.campaign import CampaignKey, Status
from campaigns.delivery import Delivery
from storage.base import Store
from storage.embedded.store import EmbeddedStore
from storage.postgres.store import PostgresStore
from tests.support.earlier.document_facts import Facts, facts_of
from tests.support.stores.postgresql import empty_database
from tests.support.tree import ROOT

WRITTEN = ROOT / "tests" / "fixtures" / "stores" / "1392af9"
LATER = datetime(2026, 6, 1, 9, tzinfo=UTC)


def read(name: str) -> Any:
    return json.loads((WRITTEN / name).read_text(encoding="utf-8"))


EXPECTED = read("expected.json")
BUTTONS = read("buttons.json")
LINKS = read("links.json")
CAMPAIGNS: list[Facts] = EXPECTED["campaigns"]
TENANTS = sorted({user["tenant"] for user in EXPECTED["users"]})
CONTOSO, FABRIKAM = TENANTS


@asynccontextmanager
async def from_folder(where: Path) -> AsyncIterator[Store]:
    shutil.copytree(WRITTEN / "folder", where / "data")
    yield EmbeddedStore(where / "data")


@asynccontextmanager
async def from_database(server: str) -> AsyncIterator[Store]:
    async with restored(server) as url:
        yield PostgresStore(url)


@asynccontextmanager
async def restored(server: str) -> AsyncIterator[str]:
    """A database with the content of the dump."""
    async with empty_database(server) as url:
        connection = await asyncpg.connect(url)
        await connection.execute((WRITTEN / "database.sql").read_text(encoding="utf-8"))
        await connection.close()
        yield url


def key_of(expected: Facts) -> CampaignKey:
    return CampaignKey(expected["facts"]["tenant"], expected["facts"]["id"])


def by_id(facts: list[Facts]) -> dict[tuple[str, str], Facts]:
    return {(each["tenant"], each["id"]): each for each in facts}


async def facts_of_all(store: Store) -> dict[tuple[str, str], Facts]:
    campaigns = await store.campaigns.in_status(tuple(Status))
    return by_id([facts_of(campaign) for campaign in campaigns])


async def rows_of(store: Store, key: CampaignKey) -> dict[str, Delivery]:
    return {row.recipient_id: row async for chunk in store.ledger.rows(key) for row in chunk}
