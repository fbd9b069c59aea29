"""Moves what is in an embedded store into a PostgreSQL database, and checks that it is there.

A move that was cut off, at whatever point, goes on when it is begun anew. What moves as a whole
(``KINDS``) is written over what is there, or left when it is the same. Then campaign by campaign,
what belongs to it (``PARTS``), and the campaign itself last: one that the database has is complete;
of one that it has not, whatever was left there is dropped and copied from the beginning.

To move another kind of thing, add a line here, and a test that has some of it:

- a :class:`Collection` to ``KINDS`` for what is no campaign's, a :class:`CampaignPart` to
  ``PARTS`` for what is;
- ``read`` gives all of it, in chunks, from either store. What it gives is counted, and compared
  whatever its order, so a value says all that has to be the same: a claim has not to, and is left
  out; the order of one person's events has to, so each comes with its number;
- ``keep`` writes a chunk of what ``read`` gave. For a kind, writing it again must change nothing; a
  part is written once, after those above it;
- ``drop`` forgets a part of a campaign, also when there is none. It is called from above as well.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import date
from typing import Any, TypeVar

import msgspec

from campaigns.campaign import Campaign, CampaignKey, Status
from campaigns.delivery import Delivery
from campaigns.feedback.events import Event
from campaigns.user import User
from storage.base import Store
from storage.embedded.store import EmbeddedStore
from storage.errors import StoreError
from storage.postgres.encoding import json_text
from storage.postgres.store import PostgresStore

T = TypeVar("T")

_AT_ONCE = 8
"""Users written at the same time, each on a connection of its own."""


class Collection(msgspec.Struct, frozen=True, kw_only=True):
    """What moves as a whole, before the campaigns."""

    name: str
    """In the plural, as it is told to people."""
    read: Callable[[Store], AsyncIterator[Sequence[Any]]]
    keep: Callable[[PostgresStore, Sequence[Any]], Awaitable[None]]


class CampaignPart(msgspec.Struct, frozen=True, kw_only=True):
    """What belongs to a campaign, and moves before it."""

    name: str
    """In the plural, as it is told to people."""
    read: Callable[[Store, CampaignKey], AsyncIterator[Sequence[Any]]]
    keep: Callable[[PostgresStore, CampaignKey, Sequence[Any]], Awaitable[object]]
    drop: Callable[[PostgresStore, CampaignKey], Awaitable[None]]


class Summary(msgspec.Struct, frozen=True):
    """How many there are of a kind, and the sum of their hashes: the same in whatever order."""

    number: int = 0
    checksum: int = 0

    def __add__(self, other: Summary) -> Summary:
        return Summary(self.number + other.number, (self.checksum + other.checksum) % 2**256)


async def move(source: EmbeddedStore, target: PostgresStore, tell: Callable[[str], None]) -> None:
    """Copies everything, compares it, and marks the source as moved. Both are open.

    ``tell`` is given a line for each step. Raises StoreError when the copy is not like the original
    (as when there was something else in the database), or, before anything is written, when bots
    work or have worked with the database: what they know since is newer than what the folder has.
    """
    if await target.leases.living():
        raise StoreError("Bots are working with the database. Stop them first.")
    if await target.leases.worked_with():
        raise StoreError(
            "Bots have worked with this database: what it has may be newer than the folder."
            " Move into an empty database."
        )
    if source.moved and await _is_empty(target):
        raise StoreError(
            "The folder was moved before, to another database, and may have gone on there: from"
            ' here, people would get messages again. If that was never used, take "moved" out of'
            " the folder's format.json."
        )
    for kind in KINDS:
        async for chunk in kind.read(source):
            await kind.keep(target, chunk)
    campaigns = await _all_campaigns(source)
    for number, campaign in enumerate(campaigns, start=1):
        if await target.campaigns.get(campaign.key) is None:
            await _copy_campaign(source, target, campaign)
        tell(f"campaign {number:,} of {len(campaigns):,}")
    await _compare(source, target, [campaign.key for campaign in campaigns], tell)
    await source.mark_moved()


async def _is_empty(target: PostgresStore) -> bool:
    async for _ in target.users.everyone():
        return False
    return not await _all_campaigns(target)


async def _copy_campaign(source: EmbeddedStore, target: PostgresStore, campaign: Campaign) -> None:
    for part in PARTS:
        await part.drop(target, campaign.key)
    for part in PARTS:
        async for chunk in part.read(source, campaign.key):
            await part.keep(target, campaign.key, chunk)
    await CAMPAIGNS.keep(target, [campaign])


async def _compare(
    source: EmbeddedStore,
    target: PostgresStore,
    campaigns: Sequence[CampaignKey],
    tell: Callable[[str], None],
) -> None:
    for kind in (*KINDS, CAMPAIGNS):
        original, copy = await _content(kind.read(source)), await _content(kind.read(target))
        _require_same(kind.name, original, copy, tell)
    for part in PARTS:
        original = copy = Summary()
        for key in campaigns:
            original += await _content(part.read(source, key), of=key)
            copy += await _content(part.read(target, key), of=key)
        _require_same(part.name, original, copy, tell)


def _require_same(name: str, original: Summary, copy: Summary, tell: Callable[[str], None]) -> None:
    tell(f"{name}: {original.number:,} in the folder, {copy.number:,} in the database")
    if original != copy:
        raise StoreError(
            f"The {name} in the database are not those in the folder. Move into an empty"
            " database, while no bot works with either."
        )


async def _content(
    chunks: AsyncIterator[Sequence[Any]], *, of: CampaignKey | None = None
) -> Summary:
    """Of the values as the database can keep them: a character that it can't is no difference."""
    total = Summary()
    async for chunk in chunks:
        sums = (
            int.from_bytes(hashlib.sha256(json_text((of, value)).encode()).digest(), "big")
            for value in chunk
        )
        total += Summary(len(chunk), sum(sums) % 2**256)
    return total


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
    """A bot that was only started makes a key, with which nobody has a link yet: that one may go.
    With what was sent, it may not.
    """
    there = await target.secrets.everything()
    if there and not await _all_campaigns(target):
        for name in there:
            await target.secrets.drop(name)
    elif any(there.get(name, value) != value for name, value in secrets):
        raise StoreError(
            "The database has campaigns with links that another key signs than the folder's."
            " Move into an empty database."
        )
    for name, value in secrets:
        await target.secrets.put(name, value)


async def _keep_users(target: PostgresStore, users: Sequence[User]) -> None:
    there = asyncio.Semaphore(_AT_ONCE)

    async def put(user: User) -> None:
        async with there:
            await target.users.put(user)

    known: dict[tuple[str, str], User] = {}
    for tenant_id in {user.tenant_id for user in users}:
        ids = [user.id for user in users if user.tenant_id == tenant_id]
        found = await target.users.get_many(tenant_id, ids)
        known |= {(tenant_id, user.id): user for user in found.values()}
    await asyncio.gather(
        *(put(user) for user in users if known.get((user.tenant_id, user.id)) != user)
    )


async def _all_campaigns(store: Store) -> Sequence[Campaign]:
    return await store.campaigns.in_status(tuple(Status))


async def _campaigns(store: Store) -> AsyncIterator[Sequence[Campaign]]:
    yield await _all_campaigns(store)


async def _deliveries(store: Store, key: CampaignKey) -> AsyncIterator[Sequence[Delivery]]:
    """Without their claims, which end with the process that made them."""
    async for chunk in store.ledger.rows(key):
        yield [msgspec.structs.replace(delivery, claim=None) for delivery in chunk]


async def _events(store: Store, key: CampaignKey) -> AsyncIterator[Sequence[tuple[int, Event]]]:
    """Each with its number among those of the same person: a reaction that was taken back is none,
    and one that came back is. Those that are nobody's have no order.
    """
    whose, number = "", 0
    async for chunk in store.events.rows(key):
        numbered = []
        for event in chunk:
            again = event.recipient_id and event.recipient_id == whose
            whose, number = event.recipient_id, number + 1 if again else 0
            numbered.append((number, event))
        yield numbered


async def _days(store: Store, key: CampaignKey) -> AsyncIterator[Sequence[tuple[date, int]]]:
    yield list((await store.responses.days(key)).items())


KINDS = (
    # First of all: nothing is written to a database whose links have another key.
    Collection(name="secrets", read=_secrets, keep=_keep_secrets),
    Collection(name="users", read=lambda store: store.users.everyone(), keep=_keep_users),
    Collection(
        name="lists",
        read=lambda store: _one_by_one(store.lists.everything()),
        keep=_each(lambda target, of: target.lists.put(of)),
    ),
    Collection(
        name="templates",
        read=lambda store: _one_by_one(store.templates.everything()),
        keep=_each(lambda target, of: target.templates.put(of)),
    ),
    Collection(
        name="surveys",
        read=lambda store: _one_by_one(store.surveys.everything()),
        keep=_each(lambda target, of: target.surveys.put(of)),
    ),
)
"""What moves as a whole, in this order."""

CAMPAIGNS = Collection(
    name="campaigns",
    read=_campaigns,
    keep=_each(lambda target, campaign: target.campaigns.put(campaign)),
)
"""They are kept one by one, when all that belongs to them is there."""

PARTS = (
    CampaignPart(
        name="deliveries",
        read=_deliveries,
        keep=lambda target, key, deliveries: target.ledger.freeze(key, deliveries),
        drop=lambda target, key: target.ledger.drop(key),
    ),
    # Nothing is kept of events without deliveries.
    CampaignPart(
        name="events",
        read=_events,
        keep=lambda target, key, numbered: target.events.put(key, [of for _, of in numbered]),
        drop=lambda target, key: target.events.drop(key),
    ),
    # Three things that nothing joins; they are forgotten together.
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
"""What moves with each campaign, in this order."""
