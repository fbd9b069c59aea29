"""The hot statements use their indexes, and read one partition alone: by the server's own word."""

from __future__ import annotations

import json
import uuid
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest
import pytest_asyncio

from campaigns.delivery import AT_ONCE
from storage import postgres
from storage.postgres.queries import load
from storage.postgres.store import PostgresStore
from tests.support.examples import CLAIM, NOW
from tests.support.stores.postgresql import empty_database

QUERIES = load(Path(postgres.__file__).with_name("queries.sql"))
RUN = uuid.UUID(int=1)
BIG, OLD_LEDGERS, SMALL = 70, 140, 150
"""The campaign that is asked about has 40,000 deliveries; 139 others, in 3 partitions, 150 each."""

FILL = f"""
INSERT INTO users
SELECT 't' || n % 3, 'u' || n, n % 5 > 0, n % 50 > 0, 'u' || n || '@example.com',
    'u' || n || '@upn', '{{}}'
FROM generate_series(1, 90000) AS n;

INSERT INTO campaigns
SELECT 't' || n % 3, 'c' || n, 1, CASE WHEN n % 100 = 0 THEN 'sending' ELSE 'completed' END,
    now() - n * interval '1 minute', '{{}}'
FROM generate_series(1, 10000) AS n;

UPDATE campaigns SET going_on = true WHERE status = 'sending';

INSERT INTO leases SELECT 't' || n, 'o' || n % 3 FROM generate_series(1, 3000) AS n;
INSERT INTO leases VALUES ('t', 'owner');

INSERT INTO inbox SELECT 'k' || n, 'owner', now() - n * interval '1 second', '{{}}'
FROM generate_series(1, 10000) AS n;

INSERT INTO ledgers (tenant_id, campaign_id) SELECT 't', 'c' || n
FROM generate_series(1, 5000) AS n;

SELECT open_partition(id) FROM ledgers WHERE id <= {OLD_LEDGERS} ORDER BY id;

INSERT INTO deliveries (
    ledger_id, place, recipient_id, name, email, status, due_at, claim_until, claim_run,
    attempts, throttles, resends, activity_id, reason
)
SELECT ledger, n, 'r' || n, 'Name', 'n@example.com',
    CASE WHEN n % 4 = 0 THEN 'pending' WHEN n % 1000 = 1 THEN 'claimed' WHEN n % 1000 = 2
        THEN 'in_doubt' WHEN n % 100 = 3 THEN 'failed' ELSE 'sent' END,
    now() - n * interval '1 second', now(), '{RUN}', 0, 0, 0, '',
    CASE WHEN n % 100 = 3 THEN 'blocked' END
FROM generate_series(1, {OLD_LEDGERS}) AS ledger,
    generate_series(1, CASE WHEN ledger = {BIG} THEN 40000 ELSE {SMALL} END) AS n;

INSERT INTO events (ledger_id, recipient_id, kind, detail, at)
SELECT ledger, 'r' || n, 'click', 'a', now()
FROM generate_series(1, {OLD_LEDGERS}) AS ledger,
    generate_series(1, CASE WHEN ledger = {BIG} THEN 40000 ELSE {SMALL} END) AS n;
"""

ROWS = [
    [f"r{n}" for n in range(200)],
    [""] * 200,
    [""] * 200,
    ["sent"] * 200,
    [NOW] * 200,
    *([[1] * 200] * 3),
    [None] * 200,
    [None] * 200,
    [""] * 200,
    [NOW] * 200,
    [""] * 200,
    [None] * 200,
    [1] * 200,
]

HOT = {
    "user": ("t1", "u1"),
    "user_to_change": ("t1", "u1"),
    "users": ("t1", [f"u{n}" for n in range(200)]),
    "users_by_address": ("t1", [f"u{n}@example.com" for n in range(200)]),
    "reachable_users": ("t1", "u5", 1_000),
    "count_unreachable": ("t1",),
    "unreachable_users": ("t1", "u5", 1_000),
    "users_without_profile": (50, ["t1", "t2"]),
    "tenants_of_users": (),
    "campaign": ("t1", "c1"),
    "campaigns_page": ("t1", ["completed"], 0, 5),
    "campaigns_in_status": (["sending"],),
    "campaigns_going_on": ("t1",),
    "campaigns_starting": (NOW, 100, ["t1"], NOW, "t", "c"),
    "next_start": (NOW,),
    "campaigns_calendar": ("t1", 0, 6),
    "ledger": ("t", f"c{BIG}"),
    "keep_ledger": ("t", f"c{BIG}"),
    "take_places": ("t", f"c{BIG}", 1_000),
    "counts": ("t", f"c{BIG}"),
    "claim": (BIG, NOW, 200, "owner", CLAIM.until, RUN, 1),
    "due": (BIG, NOW, 650),
    "undo_claim": (BIG, RUN, 1),
    "give_back": (BIG, RUN, [f"r{n}" for n in range(20)]),
    "settle": (BIG, *ROWS),
    "take_over": (BIG, NOW, RUN, "owner"),
    "cancel": (BIG, NOW, 200),
    "resend_in_doubt": (BIG, NOW, 200, 0),
    "retry_failed": (BIG, NOW, 100, 0, ["blocked"]),
    "redate": (BIG, NOW, 200, AT_ONCE, NOW, "throttled", NOW),
    "next_due": (BIG,),
    "deliveries_page": (BIG, "success", 5_000, 50),
    "deliveries_after": (BIG, "r5", 1_000),
    "names_of_result": (BIG, "success", 5_000, 1_000),
    "deliveries_to": (BIG, [f"r{n}" for n in range(200)]),
    "recipients_among": (BIG, [f"r{n}" for n in range(200)]),
    "clear_ledger": (BIG, 200),
    "clear_events": (BIG, 200),
    "events_of": (BIG, [f"r{n}" for n in range(200)]),
    "events_of_nobody": (BIG, [NOW] * 200),
    "events_after": (BIG, "r5", 0, 1_000),
    "release": ("owner", ["t1", "t2"]),
    "begin_turn": ("k0", "owner", 60.0),
    "turn_answer": ("k1",),
    "answer_turn": ("k1", "owner", b"{}"),
    "forget_turn": ("k1", "owner"),
    "forget_old_turns": (9_000.0,),
}

ORDERED = {
    "claim",
    "due",
    "next_due",
    "cancel",
    "reachable_users",
    "unreachable_users",
    "campaigns_page",
    "deliveries_page",
}
"""Statements that take the first rows in an order, without sorting all of them."""


@pytest_asyncio.fixture(
    scope="module", loop_scope="module", params=["analysed", "not yet analysed"]
)
async def filled(request: pytest.FixtureRequest, postgresql: str) -> AsyncIterator[str]:
    """A database with realistic numbers of rows; a new campaign is claimed from before the server
    has looked at what it has in it.
    """
    async with empty_database(postgresql) as url:
        store = PostgresStore(url)
        await store.open()
        await store.close()
        connection = await asyncpg.connect(url)
        await connection.execute(FILL)
        await connection.execute("ANALYZE users, campaigns, ledgers, leases, inbox")
        if request.param == "analysed":
            await connection.execute("VACUUM ANALYZE")
        await connection.close()
        yield url


@pytest.mark.parametrize("name", HOT)
async def test_a_hot_statement_uses_its_indexes(filled: str, name: str) -> None:
    plan = await _plan(filled, name)
    nodes = list(_nodes(plan))
    scanned = {node["Relation Name"] for node in nodes if node["Node Type"] == "Seq Scan"}
    assert scanned <= {"replicas"}  # which has a row for each of a few processes
    partitions = {
        node["Relation Name"]
        for node in nodes
        if node.get("Relation Name", "").startswith("deliveries_")
    }
    assert len(partitions) <= 1
    if name in ORDERED:
        limits = [node for node in nodes if node["Node Type"] == "Limit"]
        assert limits
        below = [node["Node Type"] for limit in limits for node in _nodes(limit)]
        assert "Sort" not in below


def test_every_statement_about_deliveries_is_among_the_hot_ones() -> None:
    about = {name for name, text in QUERIES.items() if " deliveries" in text}
    # A timeline counts most of a campaign, and so may read all of it.
    assert about - {"freeze", "timeline"} <= HOT.keys()


async def _plan(url: str, name: str) -> dict[str, Any]:
    connection = await asyncpg.connect(
        url, server_settings={"plan_cache_mode": "force_custom_plan", "jit": "off"}
    )
    try:
        async with connection.transaction():
            text = await connection.fetchval(f"EXPLAIN (FORMAT JSON) {QUERIES[name]}", *HOT[name])
    finally:
        await connection.close()
    [explained] = json.loads(text)
    plan: dict[str, Any] = explained["Plan"]
    return plan


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for below in plan.get("Plans", ()):
        yield from _nodes(below)
