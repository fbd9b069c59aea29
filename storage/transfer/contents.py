"""Everything that moves: collections, and the parts of campaigns.

To move another kind of thing, add a line here, and a test that has some of it:

- a :class:`Collection` to ``COLLECTIONS`` for what belongs to no campaign, a :class:`CampaignPart`
  to ``CAMPAIGN_PARTS`` for what does;
- ``read`` gives all of it, in chunks, from either store. Its values are counted, and compared
  whatever their order. So a value has everything that must match: claims need not match and are
  left out; the order of a person's events must match, so each event comes with its number;
- ``keep`` writes a chunk that ``read`` gave. Writing a collection again must change nothing; a part
  is written once, after the parts above it;
- ``drop`` forgets a part of a campaign, also when there is none. Parts are dropped in the order in
  which they stand here.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import date
from typing import Any, TypeVar

import msgspec

from campaigns.campaign import Campaign, CampaignKey, Status
from campaigns.delivery import Delivery
from campaigns.feedback.events import Event
from campaigns.user import User
from storage.base import Store
from storage.errors import StoreError
from storage.postgres.store import PostgresStore

T = TypeVar("T")

_AT_ONCE = 8
"""Users written at the same time, each on a connection of its own."""


class Collection(msgspec.Struct, frozen=True, kw_only=True):
    """Values that move as a whole, before the campaigns."""

    name: str
    """In the plural, as people are told."""
    read: Callable[[Store], AsyncIterator[Sequence[Any]]]
    keep: Callable[[PostgresStore, Sequence[Any]], Awaitable[None]]


class CampaignPart(msgspec.Struct, frozen=True, kw_only=True):
    """Values that belong to a campaign, and move before it."""

    name: str
    """In the plural, as people are told."""
    read: Callable[[Store, CampaignKey], AsyncIterator[Sequence[Any]]]
    keep: Callable[[PostgresStore, CampaignKey, Sequence[Any]], Awaitable[object]]
    drop: Callable[[PostgresStore, CampaignKey], Awaitable[None]]


async def all_campaigns(store: Store) -> Sequence[Campaign]:
    """Returns the campaigns of all tenants, in any status."""
    return await store.campaigns.in_status(tuple(Status))


async def _one_by_one(values: AsyncIterator[T]) -> AsyncIterator[Sequence[T]]:
    async for value in values:
        yield [value]


def _each(
    put: Callable[[PostgresStore, Any], Awaitable[None]],
) -> Callable[[PostgresStore, Sequence[Any]], Awaitable[None]]:
    async def keep(target: PostgresStore, values: Sequence[Any]) -> None:
        for value in values:
            await put(target, value)

    return keep


async def _secrets(store: Store) -> AsyncIterator[Sequence[tuple[str, bytes]]]:
    yield list((await store.secrets.everything()).items())


async def _keep_secrets(target: PostgresStore, secrets: Sequence[tuple[str, bytes]]) -> None:
    """Replaces the secrets of a database from which nothing was sent.

    A bot that was only started makes a key, but nobody has a link signed with it: that key may go.
    A key with which messages were sent must stay.
    """
    present = await target.secrets.everything()
    if present and not await all_campaigns(target):
        for name in present:
            await target.secrets.drop(name)
    elif any(present.get(name, value) != value for name, value in secrets):
        raise StoreError(
            "The database has campaigns with links that another key signs than the folder's."
            " Move into an empty database."
        )
    for name, value in secrets:
        await target.secrets.put(name, value)


async def _keep_users(target: PostgresStore, users: Sequence[User]) -> None:
    connections = asyncio.Semaphore(_AT_ONCE)

    async def put(user: User) -> None:
        async with connections:
            await target.users.put(user)

    present: dict[tuple[str, str], User] = {}
    for tenant_id in {user.tenant_id for user in users}:
        ids = [user.id for user in users if user.tenant_id == tenant_id]
        theirs = await target.users.get_many(tenant_id, ids)
        present |= {(tenant_id, user.id): user for user in theirs.values()}
    await asyncio.gather(
        *(put(user) for user in users if present.get((user.tenant_id, user.id)) != user)
    )


async def _campaigns(store: Store) -> AsyncIterator[Sequence[Campaign]]:
    yield await all_campaigns(store)


async def _deliveries(store: Store, key: CampaignKey) -> AsyncIterator[Sequence[Delivery]]:
    """Reads deliveries without their claims, which end with the process that made them."""
    async for chunk in store.ledger.rows(key):
        yield [msgspec.structs.replace(delivery, claim=None) for delivery in chunk]


async def _events(store: Store, key: CampaignKey) -> AsyncIterator[Sequence[tuple[int, Event]]]:
    """Reads events, each with its number among those of the same person.

    Their order matters: a reaction that was taken back last is gone, and one that was given again
    last is there. Events that are nobody's have no order.
    """
    person, number = "", 0
    async for chunk in store.events.rows(key):
        numbered = []
        for event in chunk:
            again = event.recipient_id and event.recipient_id == person
            person, number = event.recipient_id, number + 1 if again else 0
            numbered.append((number, event))
        yield numbered


async def _days(store: Store, key: CampaignKey) -> AsyncIterator[Sequence[tuple[date, int]]]:
    yield list((await store.responses.days(key)).items())


COLLECTIONS = (
    # Secrets come first: nothing is written to a database whose links have another key.
    Collection(name="secrets", read=_secrets, keep=_keep_secrets),
    Collection(name="users", read=lambda store: store.users.everyone(), keep=_keep_users),
    Collection(
        name="lists",
        read=lambda store: _one_by_one(store.lists.everything()),
        keep=_each(lambda target, document: target.lists.put(document)),
    ),
    Collection(
        name="templates",
        read=lambda store: _one_by_one(store.templates.everything()),
        keep=_each(lambda target, document: target.templates.put(document)),
    ),
    Collection(
        name="surveys",
        read=lambda store: _one_by_one(store.surveys.everything()),
        keep=_each(lambda target, document: target.surveys.put(document)),
    ),
)
"""Collections that move before the campaigns, in this order."""

CAMPAIGNS = Collection(
    name="campaigns",
    read=_campaigns,
    keep=_each(lambda target, campaign: target.campaigns.put(campaign)),
)
"""The campaigns themselves: each is kept when all of its parts are there."""

CAMPAIGN_PARTS = (
    CampaignPart(
        name="deliveries",
        read=_deliveries,
        keep=lambda target, key, deliveries: target.ledger.freeze(key, deliveries),
        drop=lambda target, key: target.ledger.drop(key),
    ),
    # No events are kept without deliveries.
    CampaignPart(
        name="events",
        read=_events,
        keep=lambda target, key, numbered: target.events.put(key, [event for _, event in numbered]),
        drop=lambda target, key: target.events.drop(key),
    ),
    # The next three are stored apart from each other, and dropped together.
    CampaignPart(
        name="responses",
        read=lambda store, key: store.responses.rows(key),
        keep=lambda target, key, responses: target.responses.put(key, responses),
        drop=lambda target, key: target.responses.drop(key),
    ),
    CampaignPart(
        name="people who have answered",
        read=lambda store, key: store.responses.people(key),
        keep=lambda target, key, people: target.responses.put_people(key, people),
        drop=lambda target, key: target.responses.drop(key),
    ),
    CampaignPart(
        name="days of answers",
        read=_days,
        keep=lambda target, key, days: target.responses.put_days(key, days),
        drop=lambda target, key: target.responses.drop(key),
    ),
)
"""Parts that move with each campaign, in this order."""
