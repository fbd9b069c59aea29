"""Deleting a campaign with everything that belongs to it, over every store."""

from __future__ import annotations

import msgspec

from campaigns.campaign import CampaignKey, Status
from campaigns.feedback.events import Engagement, Event, EventKind
from campaigns.report import Counts
from campaigns.surveys import results
from campaigns.surveys.answers import Answer, Response
from storage.base import Recorded, Store
from tests.support.examples import KEY, NOW, TENANT, campaign, every_row, pending

OTHER = CampaignKey(TENANT, "other")
GIVEN = Response("29:ann", {"q1": Answer(text="What Ann has answered")})


async def keep(store: Store, key: CampaignKey) -> None:
    await store.campaigns.add(campaign(key.campaign_id, status=Status.COMPLETED))
    await store.ledger.freeze(
        key, [pending("29:ann", name="Ann Smith"), pending("29:bob", name="Bob Jones")]
    )
    click = Event(kind=EventKind.CLICK, at=NOW, recipient_id="29:ann", detail="link")
    await store.events.append(key, [click, msgspec.structs.replace(click, recipient_id="")])
    await store.responses.record(key, "29:ann", GIVEN, day=NOW.date(), change=True)


async def require_nothing(store: Store, key: CampaignKey) -> None:
    assert await store.campaigns.get(key) is None
    assert await store.ledger.counts(key) == Counts()
    assert await every_row(store.ledger, key) == []
    assert await store.ledger.find(key, "29:ann") is None
    assert await store.events.engagement(key) == Engagement()
    assert [event async for chunk in store.events.rows(key) for event in chunk] == []
    assert await store.responses.get(key, GIVEN.id) is None
    assert await store.responses.answered(key, ["29:ann"]) == frozenset()
    assert results.responses(await store.responses.tally(key)) == 0
    assert not await store.responses.days(key)


async def test_everything_that_belongs_to_a_deleted_campaign_is_gone(store: Store) -> None:
    for key in (KEY, OTHER):
        await keep(store, key)
    assert await store.campaigns.delete(KEY) is True
    await require_nothing(store, KEY)
    assert await store.campaigns.delete(KEY) is False
    assert (await store.ledger.counts(OTHER)).recipients == 2
    assert (await store.events.engagement(OTHER)).clicks == 2
    assert await store.responses.get(OTHER, GIVEN.id) == GIVEN


async def test_a_campaign_that_is_not_there_takes_nothing_with_it(store: Store) -> None:
    """A campaign's parts are written before it when a data folder is moved into a database."""
    await keep(store, OTHER)
    await store.ledger.freeze(KEY, [pending("29:ann")])
    assert await store.campaigns.delete(KEY) is False
    assert (await store.ledger.counts(KEY)).recipients == 1


async def test_an_id_may_be_used_again_after_deleting(store: Store) -> None:
    await keep(store, KEY)
    await store.campaigns.delete(KEY)
    await keep(store, KEY)
    assert (await store.ledger.counts(KEY)).recipients == 2
    assert (await store.events.engagement(KEY)).clicks == 2
    assert await store.responses.get(KEY, GIVEN.id) == GIVEN


async def test_who_still_works_with_a_deleted_campaign_brings_nothing_back(store: Store) -> None:
    await keep(store, KEY)
    rows = [chunk async for chunk in store.ledger.rows(KEY)]
    await store.campaigns.delete(KEY)
    click = Event(kind=EventKind.CLICK, at=NOW, recipient_id="29:ann", detail="late")
    assert await store.events.append(KEY, [click]) == 0
    assert await store.ledger.settle(KEY, [row for chunk in rows for row in chunk]) == frozenset()
    await require_nothing(store, KEY)
    assert (
        await store.responses.record(OTHER, "29:ann", GIVEN, day=NOW.date(), change=True)
        is Recorded.NEW
    )
