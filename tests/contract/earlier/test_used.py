"""Stores that an earlier version wrote can be worked with."""

from __future__ import annotations

import base64
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from campaigns.campaign import CampaignKey, Status
from campaigns.delivery import Claim, Delivery, DeliveryStatus
from campaigns.feedback.events import Event, EventKind
from campaigns.ledger import ledger
from campaigns.ledger.retry import Done
from campaigns.outcome import Sent
from campaigns.surveys import results
from campaigns.surveys.answers import Answer, Response
from storage.base import Recorded, Store
from storage.embedded.store import EmbeddedStore
from storage.postgres.store import PostgresStore
from storage.transfer import move
from tests.support.earlier.document_facts import (
    facts_of,
    moment,
    user_facts,
)
from tests.support.earlier.ledger_facts import (
    counts_facts,
    delivery_facts,
)
from tests.support.earlier.stores import (
    CAMPAIGNS,
    CONTOSO,
    EXPECTED,
    FABRIKAM,
    LATER,
    TENANTS,
    by_id,
    facts_of_all,
    from_folder,
    key_of,
    rows_of,
)
from tests.support.stores.postgresql import empty_database


async def test_every_campaign_can_be_saved(store: Store) -> None:
    for campaign in await store.campaigns.in_status(tuple(Status)):
        before = facts_of(campaign)
        saved = await store.campaigns.save(campaign)
        assert facts_of(saved) == before | {"revision": before["revision"] + 1}
    wanted = [
        expected["facts"] | {"revision": expected["facts"]["revision"] + 1}
        for expected in CAMPAIGNS
    ]
    assert await facts_of_all(store) == by_id(wanted)


async def test_every_document_can_be_saved(store: Store) -> None:
    for users in [chunk async for chunk in store.users.everyone()]:
        for user in users:
            await store.users.put(user)
    for kept_list in [document async for document in store.lists.everything()]:
        assert (await store.lists.save(kept_list)).revision == kept_list.revision + 1
    for survey in [document async for document in store.surveys.everything()]:
        assert (await store.surveys.save(survey)).revision == survey.revision + 1
    found = [user_facts(user) async for chunk in store.users.everyone() for user in chunk]
    assert by_id(found) == by_id(EXPECTED["users"])


async def test_claims_of_then_are_abandoned_and_can_be_settled(store: Store) -> None:
    for expected in CAMPAIGNS:
        key = key_of(expected)
        wanted = {row["recipient"] for row in expected["deliveries"] if row["status"] == "claimed"}
        abandoned = await store.ledger.abandoned(key, LATER)
        assert {row.recipient_id for row in abandoned} == wanted
        sent = [ledger.settled(row, Sent("new"), Done("new"), LATER) for row in abandoned]
        await store.ledger.settle(key, sent)
        counts = counts_facts(await store.ledger.counts(key))
        assert counts == expected["counts"] | {
            "ongoing": expected["counts"]["ongoing"] - len(wanted),
            "success": expected["counts"]["success"] + len(wanted),
        }


async def test_what_is_pending_can_be_claimed_and_settled(store: Store) -> None:
    for expected in CAMPAIGNS:
        key = key_of(expected)
        pending = {
            row["recipient"]: row for row in expected["deliveries"] if row["status"] == "pending"
        }
        claim = Claim("dispatcher-3", LATER + timedelta(minutes=5))
        claimed = await store.ledger.claim(key, claim, now=LATER, limit=100)
        assert {row.recipient_id for row in claimed} == pending.keys()
        for row in claimed:
            assert delivery_facts(row) == pending[row.recipient_id] | {
                "status": "claimed",
                "claimed_by": "dispatcher-3",
                "claimed_until": moment(claim.until),
            }
        sent = [ledger.settled(row, Sent("new"), Done("new"), LATER) for row in claimed]
        await store.ledger.settle(key, sent)
        rows = await rows_of(store, key)
        assert all(rows[recipient].status is DeliveryStatus.SENT for recipient in pending)
        assert await store.ledger.next_due(key) is None


async def test_events_are_added_to_those_of_then(store: Store) -> None:
    key = CampaignKey(CONTOSO, "completed")
    wanted = next(each for each in CAMPAIGNS if key_of(each) == key)["engagement"]
    click = Event(kind=EventKind.CLICK, at=LATER, recipient_id="hal", detail="AAAAAAAA")
    again = Event(kind=EventKind.READ, at=LATER, recipient_id="hal")
    assert await store.events.append(key, [click, again]) == 1
    engagement = await store.events.engagement(key)
    assert (engagement.clicks, engagement.clicked, engagement.read) == (
        wanted["clicks"] + 1,
        wanted["clicked"] + 1,
        wanted["read"],
    )


async def test_answers_are_added_to_those_of_then(store: Store) -> None:
    key = CampaignKey(CONTOSO, "survey-named-sent")
    expected = next(each for each in CAMPAIGNS if key_of(each) == key)
    [*_, person] = expected["answered"]
    new = Response("dan", {"q3": Answer(choices=(0,))})
    day = date(2026, 3, 5)
    assert await store.responses.record(key, "dan", new, day=day, change=True) is Recorded.NEW
    other = Response(person, {"q3": Answer(choices=(0,))})
    assert (
        await store.responses.record(key, person, other, day=day, change=True) is Recorded.CHANGED
    )
    assert results.responses(await store.responses.tally(key)) == len(expected["responses"]) + 1


async def test_a_new_campaign_goes_beside_those_of_then(store: Store) -> None:
    key = CampaignKey(FABRIKAM, "new")
    assert await store.ledger.freeze(key, [Delivery(recipient_id="jan", due_at=LATER)]) == 1
    assert (await store.ledger.counts(key)).ongoing == 1
    read = Event(kind=EventKind.READ, at=LATER, recipient_id="jan")
    assert await store.events.append(key, [read]) == 1


async def test_turns_of_then_are_known_and_leases_are_free(database: Store) -> None:
    for turn, answer in EXPECTED["turns"].items():
        assert await database.inbox.begin(turn, "new") == base64.b64decode(answer)
    assert await database.inbox.begin("turn-unanswered", "new") is None
    standing = await database.leases.beat("new", seconds=10.0, wanted=[], now=datetime.now(UTC))
    assert standing.tenants == frozenset(TENANTS)


async def test_a_folder_of_then_can_be_moved_into_a_database(
    tmp_path: Path, postgresql: str
) -> None:
    async with from_folder(tmp_path) as folder, empty_database(postgresql) as url:
        target = PostgresStore(url)
        assert isinstance(folder, EmbeddedStore)
        await folder.open()
        await target.open()
        await move(folder, target, lambda _: None)
        assert await facts_of_all(target) == by_id([expected["facts"] for expected in CAMPAIGNS])
        await target.close()
        await folder.close()
