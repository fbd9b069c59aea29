"""A row that is not understood is set aside: it stays as it is, and harms nobody else."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from campaigns.campaign import CampaignKey, Status
from campaigns.delivery import DeliveryStatus
from campaigns.report import Result
from campaigns.surveys.answers import Answer, Response
from storage.embedded.store import EmbeddedStore
from storage.errors import Damaged
from tests.support.examples import (
    CLAIM,
    KEY,
    NOW,
    TENANT,
    campaign,
    ended,
    pending,
    people,
    template,
    user,
)
from tests.support.stores.damaging import Row, damage_row
from tests.support.stores.embedded import opened

STATUSES = tuple(Status)


async def filled(folder: Path) -> None:
    store = await opened(folder)
    for name in ("a", "b", "c"):
        await store.users.put(user(name, email=f"{name}@example.com"))
        await store.campaigns.add(campaign(name))
        await store.lists.add(people(name))
        await store.templates.add(template(name))
    await store.ledger.freeze(KEY, [pending(name) for name in ("a", "b", "c")])
    await store.close()


@pytest.mark.parametrize("value", [None, 5, []])
@pytest.mark.parametrize("field", ["profile", "email", "tenant_id", "reachable"])
async def test_a_damaged_user_keeps_nobody_from_starting(
    tmp_path: Path, field: str, value: Any
) -> None:
    await filled(tmp_path)

    def change(row: Row) -> None:
        (row["profile"] if field == "email" else row)[field] = value

    path = damage_row(tmp_path, "users", ":b", change)
    before = path.read_bytes()

    store = await opened(tmp_path)
    with pytest.raises(Damaged, match=r"users/00000\.json.*:b'"):
        await store.users.get(TENANT, "b")
    assert set(await store.users.get_many(TENANT, ["a", "c"])) == {"a", "c"}
    found = await store.users.by_emails(TENANT, ["a@example.com", "c@example.com"])
    assert {each.id for each in found.values()} == {"a", "c"}
    assert path.read_bytes() == before
    await store.users.put(user("d"))  # into the same file
    await store.close()
    assert damage_row(tmp_path, "users", ":b", lambda row: None) == path, "it is still there"


@pytest.mark.parametrize("field", ["status", "tenant_id", "updated_at", "content"])
async def test_a_damaged_campaign_keeps_nobody_from_starting(tmp_path: Path, field: str) -> None:
    await filled(tmp_path)
    damage_row(tmp_path, "campaigns", ":b", lambda row: row.update({field: 5}))

    store = await opened(tmp_path)
    with pytest.raises(Damaged, match=r"campaigns/00000\.json.*:b'"):
        await store.campaigns.get(CampaignKey(TENANT, "b"))
    assert {each.id for each in await store.campaigns.in_status(STATUSES)} == {"a", "c"}
    with pytest.raises(Damaged):  # never replaced in silence
        await store.campaigns.add(campaign("b"))
    with pytest.raises(Damaged):
        await store.campaigns.delete(CampaignKey(TENANT, "b"))
    kept = await store.campaigns.get(CampaignKey(TENANT, "a"))
    assert kept is not None
    await store.campaigns.save(kept)  # writes the file anew
    await store.close()
    damage_row(tmp_path, "campaigns", ":b", lambda row: row.update({field: row[field]}))


async def test_of_a_damaged_campaign_nothing_goes_that_belongs_to_it(tmp_path: Path) -> None:
    await filled(tmp_path)
    store = await opened(tmp_path)
    key = CampaignKey(TENANT, "b")
    await store.ledger.freeze(key, [pending("a")])
    await store.close()
    damage_row(tmp_path, "campaigns", ":b", lambda row: row.update(status=5))

    store = await opened(tmp_path)
    with pytest.raises(Damaged):
        await store.campaigns.delete(key)
    await store.close()
    store = await opened(tmp_path)  # goes on with deletions
    assert (await store.ledger.counts(key)).recipients == 1
    await store.close()


@pytest.mark.parametrize("collection", ["lists", "templates"])
@pytest.mark.parametrize("damage", [b"", b'{"rows":{"x', "name", "folder"])
async def test_one_of_the_named_documents_harms_only_itself_and_is_back_when_repaired(
    tmp_path: Path, collection: str, damage: bytes | str
) -> None:
    await filled(tmp_path)
    path = damage_row(tmp_path, collection, ":b", lambda row: None)
    whole = path.read_bytes()
    if damage == "name":
        damage_row(tmp_path, collection, ":b", lambda row: row.update(name=5))
    elif damage == "folder":
        path.unlink()
        path.mkdir()
    else:
        assert isinstance(damage, bytes)
        path.write_bytes(damage)

    store = await opened(tmp_path)
    documents: Any = getattr(store, collection)
    with pytest.raises(Damaged, match=rf"{collection}/00001\.json"):
        await documents.get(TENANT, "b")
    assert [each.id for each in (await documents.page(TENANT, offset=0, limit=9)).items] == [
        "a",
        "c",
    ]
    assert await documents.get(TENANT, "a") is not None
    with pytest.raises(Damaged):  # nothing is moved without it
        _ = [each async for each in documents.everything()]
    if damage == "name":
        await store.close()
        path.write_bytes(whole)
        store = await opened(tmp_path)
        documents = getattr(store, collection)
    else:
        if path.is_dir():
            path.rmdir()
        path.write_bytes(whole)
    repaired = await documents.get(TENANT, "b")
    assert repaired is not None
    assert repaired.id == "b"
    page = await documents.page(TENANT, offset=0, limit=9)
    assert sorted(each.id for each in page.items) == ["a", "b", "c"]
    await store.close()


DELIVERY_DAMAGE = [("status", "lost"), ("due_at", "soon"), ("due_at", None), ("attempts", "x")]


@pytest.mark.parametrize(("field", "value"), DELIVERY_DAMAGE)
async def test_of_a_ledger_the_others_are_sent_and_then_it_stands_still(
    tmp_path: Path, field: str, value: object
) -> None:
    await filled(tmp_path)
    damage_row(tmp_path, "ledger", "b", lambda row: row.update({field: value}))

    store = await opened(tmp_path)
    assert (await store.ledger.counts(KEY)).ongoing == 3, "nobody knows what became of it"
    assert await store.ledger.freeze(KEY, [pending(name) for name in ("a", "b", "c")]) == 0
    claimed = await store.ledger.claim(KEY, CLAIM, now=NOW, limit=9)
    assert [row.recipient_id for row in claimed] == ["a", "c"]
    await store.ledger.settle(KEY, [ended(row) for row in claimed])
    assert (await store.ledger.counts(KEY)).open == 1
    with pytest.raises(Damaged, match=r"the row 'b'") as caught:
        await store.ledger.next_due(KEY)
    assert caught.value.rows == {"b"}
    with pytest.raises(Damaged, match=r"the row 'b'"):
        await store.ledger.find(KEY, "b")
    page = await store.ledger.page(KEY, Result.SUCCESS, offset=0, limit=9)
    assert [row.recipient_id for row in page.items] == ["a", "c"]
    assert sum((await store.ledger.timeline(KEY, timedelta(hours=1))).values()) == 2
    await store.close()


@pytest.mark.parametrize(("field", "value"), [*DELIVERY_DAMAGE, ("name", 5), ("trace", 5)])
async def test_of_a_stopped_campaign_the_others_are_cancelled(
    tmp_path: Path, field: str, value: object
) -> None:
    await filled(tmp_path)
    damage_row(tmp_path, "ledger", "b", lambda row: row.update({field: value}))

    store = await opened(tmp_path)
    with pytest.raises(Damaged, match=r"the row 'b'"):
        await store.ledger.cancel(KEY, NOW)
    for name in ("a", "c"):
        row = await store.ledger.find(KEY, name)
        assert row is not None
        assert row.status is DeliveryStatus.CANCELLED
    await store.close()


@pytest.mark.parametrize("field", ["name", "email"])
async def test_pages_searches_and_exports_leave_a_damaged_delivery_out(
    tmp_path: Path, field: str, caplog: pytest.LogCaptureFixture
) -> None:
    await filled(tmp_path)
    damage_row(tmp_path, "ledger", "b", lambda row: row.update({field: 5}))

    store = await opened(tmp_path)
    page = await store.ledger.page(KEY, Result.ONGOING, offset=0, limit=2)
    assert [row.recipient_id for row in page.items] == ["a"]
    second = await store.ledger.page(KEY, Result.ONGOING, offset=2, limit=2)
    assert [row.recipient_id for row in second.items] == ["c"]
    with pytest.raises(Damaged):  # an empty page would say that there is nobody
        await store.ledger.page(KEY, Result.ONGOING, offset=1, limit=1)
    found = await store.ledger.search(KEY, Result.ONGOING, "", offset=0, limit=9)
    assert [row.recipient_id for row in found.items] == ["a", "c"]
    exported = [row.recipient_id async for chunk in store.ledger.rows(KEY) for row in chunk]
    assert exported == ["a", "c"]
    assert "the row 'b'" in caplog.text
    await store.close()


async def test_what_is_moved_out_leaves_no_damaged_row_behind(tmp_path: Path) -> None:
    await filled(tmp_path)
    damage_row(tmp_path, "ledger", "b", lambda row: row.update(name=5))
    store = EmbeddedStore(tmp_path, moving_out=True)
    await store.open()
    with pytest.raises(Damaged, match=r"the row 'b'"):
        _ = [chunk async for chunk in store.ledger.rows(KEY)]
    await store.close()


@pytest.mark.parametrize(
    ("collection", "field", "value"),
    [
        ("answered", "people", 5),
        ("answered", "people", None),
        ("answered", "days", {"2026-03-02": "x"}),
        ("responses", "responses", []),
        ("responses", "counts", {"x": "y"}),
    ],
)
async def test_damaged_answers_are_never_taken_for_none(
    tmp_path: Path, collection: str, field: str, value: object
) -> None:
    given = Response("r", {"q": Answer(number=3)})
    store = await opened(tmp_path)
    await store.responses.record(KEY, "a", given, day=NOW.date(), change=True)
    await store.close()
    damage_row(tmp_path, collection, "all", lambda row: row.update({field: value}))

    store = await opened(tmp_path)
    with pytest.raises(Damaged, match=collection):
        await store.responses.record(KEY, "a", given, day=NOW.date(), change=True)
    answered = store.responses.answered(KEY, ["a"])
    read = store.responses.get(KEY, "r")
    refused, other = (answered, read) if collection == "answered" else (read, answered)
    with pytest.raises(Damaged):
        await refused
    await other
    await store.close()


async def test_one_damaged_answer_hides_no_other_one(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    store = await opened(tmp_path)
    for name in ("a", "b"):
        given = Response(name, {"q": Answer(number=3)})
        await store.responses.record(KEY, name, given, day=NOW.date(), change=True)
    await store.close()

    [path] = [
        path for path in (tmp_path / "responses").rglob("*.json") if b'"b":{' in path.read_bytes()
    ]
    content = path.read_bytes()
    damaged = content.replace(b'"b":{"q":{"number":3}}', b'"b":5')
    assert damaged != content
    path.write_bytes(damaged)

    store = await opened(tmp_path)
    rows = [each.id async for chunk in store.responses.rows(KEY) for each in chunk]
    assert rows == ["a"]
    assert path.name in caplog.text
    await store.close()
