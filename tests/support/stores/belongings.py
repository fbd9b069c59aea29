"""A campaign with everything that belongs to one, and the check that nothing of it is left."""

from __future__ import annotations

import msgspec

from campaigns.campaign import CampaignKey, Status
from campaigns.feedback.events import Engagement, Event, EventKind
from campaigns.report import Counts
from campaigns.surveys import results
from campaigns.surveys.answers import Answer, Response
from storage.base import Store
from tests.support.examples import KEY, NOW, TENANT, campaign, every_row, pending

__all__ = ["GIVEN", "KEY", "OTHER", "keep", "require_nothing"]

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
