"""Deleting a campaign with everything that belongs to it, over every store."""

from __future__ import annotations

from campaigns.feedback.events import Event, EventKind
from storage.base import Recorded, Store
from tests.support.examples import KEY, NOW, pending
from tests.support.stores.belongings import GIVEN, OTHER, keep, require_nothing


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
