"""Whatever Teams answers, the row that says so is kept, and read again as it was."""

from __future__ import annotations

import json

import msgspec
import pytest

from campaigns.ledger import ledger as rows_of
from campaigns.ledger.retry import decide
from campaigns.outcome import Reason, Transient
from campaigns.user import LastFailure
from storage.base import Store
from teams.answers import classify
from tests.support.examples import CLAIM, KEY, NOW, TENANT, every_row, pending, user

ODD = "nul \0, half \ud800 a character, \udfff \x1b[31m, \u202eback, ok \U0001f600 é"
BODIES = [
    json.dumps({"id": ODD, "code": ODD, "message": ODD}).encode(),
    json.dumps({"error": {"code": ODD, "message": ODD}}, ensure_ascii=False).encode(
        "utf-8", "surrogatepass"
    ),
    json.dumps({"id": "17\0"}).encode(),
    json.dumps({"id": "1" * 5_000}).encode(),
    b'{"error":{"code":"\xe9\x00\xff","message":"' + bytes(range(256)) + b'"}}',
    b'{"error":{"code":' + b"9" * 5_000 + b"}}",
    bytes(range(256)),
    b"\xff\xfe<\x00h\x00t\x00m\x00l\x00>\x00",
    b"x" * 70_000,
]


@pytest.mark.parametrize("status", [201, 400, 403, 404, 429, 500])
async def test_each_answer_is_kept_as_it_was_classified(store: Store, status: int) -> None:
    rows = [pending(f"r{number}") for number in range(len(BODIES))]
    await store.ledger.freeze(KEY, rows)
    claimed = await store.ledger.claim(KEY, CLAIM, now=NOW, limit=100)
    settled = []
    for row, body in zip(claimed, BODIES, strict=True):
        outcome = classify(status, {"Retry-After": ODD}, body, now=NOW)
        decision = decide(outcome, row, now=NOW, started_at=NOW, dice=0.5)
        settled.append(rows_of.settled(row, outcome, decision, NOW))
    await store.ledger.settle(KEY, settled)
    kept = {row.recipient_id: row for row in await every_row(store.ledger)}
    assert kept == {row.recipient_id: row for row in settled}


async def test_the_end_of_a_streak_is_kept_through_a_retry(store: Store) -> None:
    """There is no column for it: it stands in the trace."""
    await store.ledger.freeze(KEY, [pending("r")])
    now = NOW
    while (await store.ledger.counts(KEY)).open:
        [row] = await store.ledger.claim(KEY, CLAIM, now=now, limit=1)
        refused = Transient(Reason.REFUSED)
        decision = decide(refused, row, now=now, started_at=NOW, dice=0.5)
        await store.ledger.settle(KEY, [rows_of.settled(row, refused, decision, now)])
        now = max(now, await store.ledger.next_due(KEY) or now)
    assert await store.ledger.retry_failed(KEY, {Reason.REFUSED}) == 1
    [row] = await store.ledger.claim(KEY, CLAIM, now=now, limit=1)
    assert [attempt.ends_streak for attempt in row.trace] == [False] * 11 + [True]


async def test_what_makes_somebody_suspect_is_kept_with_them(store: Store) -> None:
    suspect = msgspec.structs.replace(
        user("u"), last_failure=LastFailure(Reason.REFUSED, "Unknown", NOW)
    )
    await store.users.put(suspect)
    assert await store.users.get(TENANT, "u") == suspect
    cleared = msgspec.structs.replace(suspect, last_failure=None)
    await store.users.put(cleared)
    assert await store.users.get(TENANT, "u") == cleared
