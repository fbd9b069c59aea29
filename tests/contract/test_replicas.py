"""Several processes with one store, as far as every backend has it: leases, inbox, changes."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import msgspec
import pytest

from campaigns.campaign import CardPlace, Status
from storage.base import Store
from tests.support.examples import (
    CLAIM,
    KEY,
    NOW,
    OTHER_TENANT,
    TENANT,
    campaign,
    ids,
    many,
    started,
    user,
)


async def test_whoever_is_alone_may_send_for_all_tenants(store: Store) -> None:
    standing = await store.leases.beat("me", seconds=10.0, wanted=[TENANT, OTHER_TENANT], now=NOW)
    assert standing.tenants is None or standing.tenants == {TENANT, OTHER_TENANT}
    assert (standing.others, standing.surplus, standing.known) == (0, 0, True)
    await store.leases.release("me", [TENANT])
    await store.leases.leave("me")


async def test_claims_of_all_but_the_holder_are_abandoned(store: Store) -> None:
    await store.leases.beat("holder", seconds=10.0, wanted=[TENANT], now=NOW)
    await store.ledger.freeze(KEY, many(5))
    own = msgspec.structs.replace(CLAIM, owner="holder")
    lost = await store.ledger.claim(KEY, CLAIM, now=NOW, limit=2)
    await store.ledger.claim(KEY, own, now=NOW, limit=2)
    assert list(await store.ledger.abandoned(KEY, NOW)) == []
    abandoned = await store.ledger.abandoned(KEY, NOW, holder="holder")
    assert sorted(ids(abandoned)) == sorted(ids(lost))


async def test_a_turn_is_for_whoever_begins_it_and_again_when_it_failed(store: Store) -> None:
    await store.leases.beat("me", seconds=10.0, wanted=[], now=NOW)
    assert await store.inbox.begin("turn-1", "me") is None
    await store.inbox.failed("turn-1", "me")
    assert await store.inbox.begin("turn-1", "me") is None
    await store.inbox.answered("turn-1", "me", b"the answer")
    assert await store.inbox.begin("turn-2", "me") is None


async def test_what_is_going_on_has_not_ended_or_has_a_card_to_bring_up_to_date(
    store: Store,
) -> None:
    shown = CardPlace("author", "card")
    for new in (
        campaign("draft"),
        started("sending", Status.SENDING, at=NOW),
        started("paused", Status.PAUSED, at=NOW),
        campaign("stopping", status=Status.STOPPED, started_at=NOW),
        campaign("over", status=Status.COMPLETED, started_at=NOW, ended_at=NOW),
        campaign("shown", status=Status.COMPLETED, started_at=NOW, ended_at=NOW, progress=shown),
        campaign("elsewhere", OTHER_TENANT, status=Status.SENDING, started_at=NOW),
    ):
        await store.campaigns.add(new)
    of_one = {kept.id for kept in await store.campaigns.going_on(TENANT)}
    assert of_one == {"sending", "paused", "stopping", "shown"}
    of_all = {kept.id for kept in await store.campaigns.going_on()}
    assert of_all == of_one | {"elsewhere"}


async def test_all_rows_are_streamed_whatever_they_count_as(store: Store) -> None:
    await store.ledger.freeze(KEY, many(2_300))
    await store.ledger.claim(KEY, CLAIM, now=NOW, limit=7)
    chunks = [chunk async for chunk in store.ledger.rows(KEY)]
    assert max(map(len, chunks)) <= 1_100
    assert sorted(ids([row for chunk in chunks for row in chunk])) == sorted(ids(many(2_300)))
    assert [chunk async for chunk in store.ledger.rows(campaign("none").key)] == []


async def test_without_profile_can_be_asked_of_some_tenants(store: Store) -> None:
    await store.users.put(user("here"))
    await store.users.put(user("there", OTHER_TENANT))
    found = await store.users.without_profile(10, [OTHER_TENANT])
    assert [user.id for user in found] == ["there"]
    assert list(await store.users.without_profile(10, [])) == []


async def test_waiting_for_changes_can_be_given_up(store: Store) -> None:
    async def hear() -> None:
        async for _ in store.campaigns.changes():
            pass

    waiting = asyncio.create_task(hear())
    await asyncio.sleep(timedelta(milliseconds=50).total_seconds())
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
