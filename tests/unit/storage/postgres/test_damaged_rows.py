"""A row that is not understood is named, and hides no other one."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from typing import TypeAlias

import asyncpg
import msgspec
import pytest

from campaigns.campaign import Status
from campaigns.feedback.events import Event, EventKind
from campaigns.report import Result
from campaigns.schedule.schedule import Schedule
from campaigns.surveys.answers import Answer, Response
from storage.errors import Damaged
from storage.postgres.store import PostgresStore
from tests.support.examples import (
    CLAIM,
    KEY,
    NOW,
    TENANT,
    campaign,
    ended,
    ids,
    many,
    people,
    user,
)

LAPSED = CLAIM.until
Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"


@pytest.fixture
async def connection(url: str) -> AsyncIterator[Connection]:
    connection = await asyncpg.connect(url)
    yield connection
    await connection.close()


async def test_of_many_users_the_damaged_ones_are_told_by_their_ids(
    store: PostgresStore, connection: Connection, caplog: pytest.LogCaptureFixture
) -> None:
    for number in range(5):
        await store.users.put(user(f"u{number}", email=f"u{number}@example.com"))
    await connection.execute("""UPDATE users SET document = '{"x": 1}' WHERE id IN ('u1', 'u3')""")
    with pytest.raises(Damaged, match=rf"users \('{TENANT}', 'u[13]'\)") as caught:
        await store.users.get_many(TENANT, ["u0", "u1", "u2", "u3"])
    assert caught.value.rows == {"u1", "u3"}
    left = {"u0", "u1", "u2", "u3"} - caught.value.rows
    assert (await store.users.get_many(TENANT, left)).keys() == {"u0", "u2"}
    with pytest.raises(Damaged, match=rf"users \('{TENANT}', 'u1'\)"):
        await store.users.get(TENANT, "u1")
    for _ in range(2):
        chunks = [chunk async for chunk in store.users.reachable(TENANT)]
        assert [found.id for chunk in chunks for found in chunk] == ["u0", "u2", "u4"]
        found = await store.users.by_emails(TENANT, [f"u{n}@example.com" for n in range(5)])
        assert sorted(owner.id for owner in found.values()) == ["u0", "u2", "u4"]
        without = await store.users.without_profile(9)
        assert sorted(user.id for user in without) == ["u0", "u2", "u4"]
    assert caplog.text.count("left out:") == 2
    with pytest.raises(Damaged, match="users"):
        [chunk async for chunk in store.users.everyone()]


async def test_a_damaged_campaign_hides_no_other_one(
    store: PostgresStore, connection: Connection
) -> None:
    for name in ("a", "b", "c"):
        await store.campaigns.add(
            campaign(name, status=Status.SCHEDULED, schedule=Schedule(at=NOW, zone="Europe/Paris"))
        )
        await store.campaigns.add(campaign(f"s{name}", status=Status.SENDING, started_at=NOW))
    await connection.execute(
        "UPDATE campaigns SET campaign = jsonb_set(campaign, '{author_id}', '7')"
        " WHERE id IN ('b', 'sb')"
    )
    assert [kept.id for kept in await store.campaigns.starting(NOW, limit=9)] == ["a", "c"]
    assert [kept.id for kept in await store.campaigns.going_on()] == ["sa", "sc"]
    page = await store.campaigns.page(TENANT, tuple(Status), offset=0, limit=9)
    assert {kept.id for kept in page.items} == {"a", "c", "sa", "sc"}
    with pytest.raises(Damaged, match=rf"campaigns \('{TENANT}', 'sb'\)"):
        await store.campaigns.get(campaign("sb").key)


async def test_a_damaged_list_hides_no_other_one(
    store: PostgresStore, connection: Connection
) -> None:
    for name in ("a", "b", "c"):
        await store.lists.add(people(name, name=name))
    await connection.execute("""UPDATE lists SET document = '{"x": 1}' WHERE id = 'b'""")
    page = await store.lists.page(TENANT, offset=0, limit=9)
    assert [kept.id for kept in page.items] == ["a", "c"]
    with pytest.raises(Damaged, match=rf"lists \('{TENANT}', 'b'\)"):
        await store.lists.get(TENANT, "b")


async def test_others_are_claimed_and_a_damaged_delivery_is_told_when_it_is_the_last(
    store: PostgresStore, connection: Connection
) -> None:
    rows = many(5)
    await store.ledger.freeze(KEY, rows)
    broken = rows[0].recipient_id
    await connection.execute(
        "UPDATE deliveries SET reason = 'of a later version' WHERE recipient_id = $1", broken
    )
    # It is the first that is due, and it would take the only place.
    claimed = await store.ledger.claim(KEY, CLAIM, now=NOW, limit=1)
    assert ids(claimed) == [rows[1].recipient_id]
    claimed = [*claimed, *await store.ledger.claim(KEY, CLAIM, now=NOW, limit=9)]
    assert sorted(ids(claimed)) == ids(rows[1:])
    await store.ledger.settle(KEY, [ended(row) for row in claimed])
    for _ in range(2):
        with pytest.raises(Damaged, match=r"deliveries .* 'of a later version' is") as caught:
            await store.ledger.claim(KEY, CLAIM, now=NOW, limit=9)
        assert caught.value.rows == {broken}
    assert (
        await connection.fetchval("SELECT count(*) FROM deliveries WHERE status = 'claimed'") == 0
    )
    await connection.execute("UPDATE deliveries SET reason = NULL WHERE status = 'pending'")
    assert ids(await store.ledger.claim(KEY, CLAIM, now=NOW, limit=9)) == [broken]


async def test_of_abandoned_deliveries_the_damaged_one_is_told_when_it_is_the_last(
    store: PostgresStore, other: PostgresStore, connection: Connection
) -> None:
    await store.ledger.freeze(KEY, many(3))
    claimed = await store.ledger.claim(KEY, CLAIM, now=NOW, limit=3)
    broken = claimed[1].recipient_id
    await connection.execute("UPDATE deliveries SET reason = 'new' WHERE recipient_id = $1", broken)
    abandoned = await other.ledger.abandoned(KEY, LAPSED)
    assert len(abandoned) == 2
    await other.ledger.settle(KEY, [ended(row) for row in abandoned])
    with pytest.raises(Damaged, match="deliveries"):
        await other.ledger.abandoned(KEY, LAPSED)
    with pytest.raises(Damaged) as caught:
        await store.ledger.get_many(KEY, ids(claimed))
    assert caught.value.rows == {broken}


async def test_damage_names_its_row_wherever_it_is(
    store: PostgresStore, connection: Connection, caplog: pytest.LogCaptureFixture
) -> None:
    await store.ledger.freeze(KEY, many(1))
    [row] = many(1)
    click = Event(kind=EventKind.CLICK, at=NOW, recipient_id=row.recipient_id)
    await store.events.append(KEY, [click, msgspec.structs.replace(click, kind=EventKind.READ)])
    await connection.execute("UPDATE events SET kind = 'new' WHERE kind = 'read'")
    named = rf"events \('{TENANT}', .*'{row.recipient_id}', '\d+'\)"
    assert await store.events.by_recipient(KEY, [row.recipient_id]) == {row.recipient_id: [click]}
    assert re.search(named, caplog.text)
    with pytest.raises(Damaged, match=named):
        await store.events.append(KEY, [msgspec.structs.replace(click, kind=EventKind.REACTED)])
    given = Response("r1", {"q1": Answer(number=3)})
    await store.responses.record(KEY, "p", given, day=NOW.date(), change=True)
    await connection.execute("""UPDATE responses SET answers = '{"q1": 3}'""")
    with pytest.raises(Damaged, match=rf"responses \('{TENANT}', .*'r1'\)"):
        await store.responses.get(KEY, "r1")


async def test_pages_searches_and_exports_leave_damaged_rows_out(
    store: PostgresStore, connection: Connection, caplog: pytest.LogCaptureFixture
) -> None:
    first, broken, last = many(3)
    await store.ledger.freeze(KEY, [first, broken, last])
    await connection.execute(
        "UPDATE deliveries SET reason = 'new' WHERE recipient_id = $1", broken.recipient_id
    )
    others = [first.recipient_id, last.recipient_id]
    page = await store.ledger.page(KEY, Result.ONGOING, offset=0, limit=9)
    assert ids(page.items) == others
    assert page.total == 3
    found = await store.ledger.search(KEY, Result.ONGOING, "", offset=0, limit=9)
    assert sorted(ids(found.items)) == sorted(others)
    rows = [row.recipient_id async for chunk in store.ledger.rows(KEY) for row in chunk]
    assert sorted(rows) == sorted(others)
    with pytest.raises(Damaged):  # an empty page would say that there is nobody
        await store.ledger.page(KEY, Result.ONGOING, offset=1, limit=1)
    assert broken.recipient_id in caplog.text

    for name in ("r1", "r2"):
        given = Response(name, {"q1": Answer(number=3)})
        await store.responses.record(KEY, name, given, day=NOW.date(), change=True)
    await connection.execute("""UPDATE responses SET answers = '{"q1": 3}' WHERE id = 'r1'""")
    kept = [each.id async for chunk in store.responses.rows(KEY) for each in chunk]
    assert kept == ["r2"]
