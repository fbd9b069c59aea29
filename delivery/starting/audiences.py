"""Audiences by their kind: their members, their size and their source."""

from __future__ import annotations

import abc
from collections import Counter
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from datetime import datetime
from functools import partial
from types import MappingProxyType
from typing import Any, ClassVar, Generic, TypeVar

import msgspec

from campaigns.audience import (
    AllUsers,
    Audience,
    FrozenAudience,
    ListAudience,
    NewcomersAudience,
    ReceivedAudience,
    UnansweredAudience,
    WaitingAudience,
)
from campaigns.campaign import Campaign, CampaignKey
from campaigns.delivery import Delivery, DeliveryStatus
from campaigns.feedback import events
from campaigns.feedback.events import EventKind
from campaigns.outcome import Reason
from campaigns.schedule.schedule import Schedule
from campaigns.user import User
from delivery.starting.damage import readable
from delivery.starting.recipients import to_address, to_known, to_message, to_recipient, to_user
from delivery.starting.surveys import HAS_IT, asking, unanswered
from storage.base import Store

CHUNK = 1_000
"""Deliveries frozen with one durable write."""

Chunks = AsyncIterator[Sequence[Delivery]]

_Kind = TypeVar("_Kind", bound=Audience)


class Reach(msgspec.Struct, frozen=True):
    """Number of people in an audience, and of those whom the bot can reach."""

    people: int
    reachable: int
    because: Mapping[Reason, int] = MappingProxyType({})
    """Number of people whom the bot can't reach, by the reason; empty where that is not known."""

    @property
    def left_out(self) -> int:
        return self.people - self.reachable


class AudienceKind(abc.ABC, Generic[_Kind]):
    """Look-ups for one kind of audience."""

    keeps_number: ClassVar[bool] = False
    """True when a campaign keeps the number of people who could be reached at its start."""

    @abc.abstractmethod
    def members(
        self,
        store: Store,
        tenant_id: str,
        audience: _Kind,
        now: datetime,
        schedule: Schedule | None,
    ) -> Chunks:
        """Yields a delivery for each of its people, in chunks."""

    @abc.abstractmethod
    async def size(self, store: Store, tenant_id: str, audience: _Kind, now: datetime) -> Reach:
        """Returns its size as it is now; an audience whose source has been deleted is empty."""

    async def left_out(
        self, store: Store, tenant_id: str, audience: _Kind, now: datetime
    ) -> Chunks:
        """Yields a skipped delivery for each of its people whom the bot can't reach, in chunks."""
        async for chunk in self.members(store, tenant_id, audience, now, None):
            skipped = [row for row in chunk if row.status is DeliveryStatus.SKIPPED]
            if skipped:
                yield skipped

    async def source(self, store: Store, tenant_id: str, audience: _Kind) -> FrozenAudience | None:
        """Returns the name of the list or campaign that it is taken from, without a number.

        Returns None when its list has been deleted, so that nothing can be sent to it.
        """
        return FrozenAudience()


async def members(
    store: Store,
    tenant_id: str,
    audience: Audience,
    now: datetime,
    schedule: Schedule | None = None,
) -> Chunks:
    """Yields a delivery for each of an audience's people, in chunks."""
    async for chunk in AUDIENCES[type(audience)].members(store, tenant_id, audience, now, schedule):
        yield chunk


async def left_out(
    store: Store, tenant_id: str, audience: Audience | None, now: datetime
) -> Chunks:
    """Yields a skipped delivery for each of an audience's people whom the bot can't reach."""
    if audience is not None:
        async for chunk in AUDIENCES[type(audience)].left_out(store, tenant_id, audience, now):
            yield chunk


async def reach(store: Store, tenant_id: str, audience: Audience | None, now: datetime) -> Reach:
    """Returns an audience's size as it is now; None is an empty audience."""
    if audience is None:
        return Reach(0, 0)
    return await AUDIENCES[type(audience)].size(store, tenant_id, audience, now)


async def source(store: Store, tenant_id: str, audience: Audience | None) -> FrozenAudience | None:
    """Returns the source of an audience; None when it is gone, or no audience was chosen."""
    if audience is None:
        return None
    return await AUDIENCES[type(audience)].source(store, tenant_id, audience)


async def frozen_audience(store: Store, campaign: Campaign, now: datetime) -> FrozenAudience:
    """Returns the facts about its audience that a campaign keeps when it starts now."""
    kept = await source(store, campaign.tenant_id, campaign.audience) or FrozenAudience()
    if campaign.audience is None or not AUDIENCES[type(campaign.audience)].keeps_number:
        return kept
    size = await reach(store, campaign.tenant_id, campaign.audience, now)
    return msgspec.structs.replace(kept, people=size.reachable)


class _Everyone(AudienceKind[AllUsers]):
    async def members(
        self,
        store: Store,
        tenant_id: str,
        audience: AllUsers,
        now: datetime,
        schedule: Schedule | None,
    ) -> Chunks:
        async for users in store.users.reachable(tenant_id):
            yield [to_user(user, now, schedule) for user in users]

    async def size(self, store: Store, tenant_id: str, audience: AllUsers, now: datetime) -> Reach:
        reachable = await store.users.count_reachable(tenant_id)
        because = await store.users.count_unreachable(tenant_id)
        return Reach(reachable + sum(because.values()), reachable, because)

    async def left_out(
        self, store: Store, tenant_id: str, audience: AllUsers, now: datetime
    ) -> Chunks:
        async for users in store.users.unreachable(tenant_id):
            yield [to_user(user, now) for user in users]


class _OnList(AudienceKind[ListAudience]):
    async def members(
        self,
        store: Store,
        tenant_id: str,
        audience: ListAudience,
        now: datetime,
        schedule: Schedule | None,
    ) -> Chunks:
        chosen = await store.lists.get(tenant_id, audience.list_id)
        addresses = chosen.addresses if chosen is not None else ()
        for first in range(0, len(addresses), CHUNK):
            chunk = addresses[first : first + CHUNK]
            users = await store.users.by_emails(tenant_id, chunk)
            yield [
                to_user(users[address], now, schedule)
                if address in users
                else to_address(address, now)
                for address in chunk
            ]

    async def size(
        self, store: Store, tenant_id: str, audience: ListAudience, now: datetime
    ) -> Reach:
        chosen = await store.lists.get(tenant_id, audience.list_id)
        if chosen is None:
            return Reach(0, 0)
        users = await store.users.by_emails(tenant_id, chosen.addresses)
        people = {user.id: user for user in users.values()}
        strangers = len(chosen.addresses) - len(users)
        return _reach(people.values(), strangers)

    async def source(
        self, store: Store, tenant_id: str, audience: ListAudience
    ) -> FrozenAudience | None:
        chosen = await store.lists.get(tenant_id, audience.list_id)
        return FrozenAudience(name=chosen.name) if chosen is not None else None


class _Received(AudienceKind[ReceivedAudience]):
    keeps_number: ClassVar[bool] = True

    async def members(
        self,
        store: Store,
        tenant_id: str,
        audience: ReceivedAudience,
        now: datetime,
        schedule: Schedule | None,
    ) -> Chunks:
        async for rows in store.ledger.rows(CampaignKey(tenant_id, audience.campaign_id)):
            yield [to_message(row, now) for row in rows if row.status in HAS_IT]

    async def size(
        self, store: Store, tenant_id: str, audience: ReceivedAudience, now: datetime
    ) -> Reach:
        counts = await store.ledger.counts(CampaignKey(tenant_id, audience.campaign_id))
        return Reach(counts.success + counts.in_doubt, counts.success)


class _Counted(AudienceKind[_Kind]):
    """Kinds that count their people one by one; all of them are reachable."""

    async def size(self, store: Store, tenant_id: str, audience: _Kind, now: datetime) -> Reach:
        number = 0
        async for chunk in self.members(store, tenant_id, audience, now, None):
            number += len(chunk)
        return Reach(number, number)


class _Newcomers(_Counted[NewcomersAudience]):
    keeps_number: ClassVar[bool] = True

    async def members(
        self,
        store: Store,
        tenant_id: str,
        audience: NewcomersAudience,
        now: datetime,
        schedule: Schedule | None,
    ) -> Chunks:
        original = await store.campaigns.get(CampaignKey(tenant_id, audience.campaign_id))
        if original is None or original.audience is None:
            return
        keys = await asking(store, original)
        async for chunk in members(store, tenant_id, original.audience, now):
            new = {row.recipient_id: row for row in chunk if row.status is DeliveryStatus.PENDING}
            for key in keys:
                earlier, damaged = await readable(partial(store.ledger.get_many, key), new)
                for known in earlier.values():
                    if known.status not in _NOT_REACHED:
                        del new[known.recipient_id]
                for recipient_id in damaged:
                    # They may have it.
                    del new[recipient_id]
            yield list(new.values())


_NOT_REACHED = frozenset({DeliveryStatus.SKIPPED, DeliveryStatus.FAILED})
"""Statuses of people who could not be reached, and may be reachable now. People whose delivery was
*cancelled* were left out on purpose."""


class _Waiting(AudienceKind[WaitingAudience]):
    async def members(
        self,
        store: Store,
        tenant_id: str,
        audience: WaitingAudience,
        now: datetime,
        schedule: Schedule | None,
    ) -> Chunks:
        async for rows in _unacknowledged(store, CampaignKey(tenant_id, audience.campaign_id)):
            users, damaged = await _users(store, tenant_id, rows)
            yield [
                # It fails when it is to be sent, for the reason that its record is damaged.
                to_recipient(row)
                if row.recipient_id in damaged
                else to_known(row, users.get(row.recipient_id), now)
                for row in rows
            ]

    async def size(
        self, store: Store, tenant_id: str, audience: WaitingAudience, now: datetime
    ) -> Reach:
        known: list[User] = []
        strangers = 0
        async for rows in _unacknowledged(store, CampaignKey(tenant_id, audience.campaign_id)):
            users, damaged = await _users(store, tenant_id, rows)
            known += users.values()
            strangers += len(rows) - len(users) - len(damaged)
        return _reach(known, strangers)

    async def source(
        self, store: Store, tenant_id: str, audience: WaitingAudience
    ) -> FrozenAudience | None:
        first = await store.campaigns.get(CampaignKey(tenant_id, audience.campaign_id))
        return FrozenAudience(name=first.name) if first is not None else FrozenAudience()


class _Unanswered(_Counted[UnansweredAudience]):
    async def members(
        self,
        store: Store,
        tenant_id: str,
        audience: UnansweredAudience,
        now: datetime,
        schedule: Schedule | None,
    ) -> Chunks:
        first = await store.campaigns.get(CampaignKey(tenant_id, audience.campaign_id))
        if first is not None:
            async for rows in unanswered(store, first):
                yield [to_recipient(row) for row in rows]


AUDIENCES: Mapping[type[Audience], AudienceKind[Any]] = {
    AllUsers: _Everyone(),
    ListAudience: _OnList(),
    ReceivedAudience: _Received(),
    NewcomersAudience: _Newcomers(),
    WaitingAudience: _Waiting(),
    UnansweredAudience: _Unanswered(),
}
"""Look-ups by the kind of audience."""


def _reach(known: Collection[User], strangers: int) -> Reach:
    """Returns the size of an audience of known users, and of people without the app."""
    because = Counter(user.left_out_because for user in known if user.left_out_because is not None)
    because[Reason.NOT_INSTALLED] += strangers
    reachable = sum(user.reachable for user in known)
    return Reach(
        len(known) + strangers,
        reachable,
        {reason: number for reason, number in because.items() if number},
    )


async def _unacknowledged(store: Store, key: CampaignKey) -> Chunks:
    """Yields the deliveries of that campaign that arrived and are not acknowledged."""
    async for chunk in store.ledger.rows(key):
        sent = [row for row in chunk if row.status is DeliveryStatus.SENT]
        feedback = await store.events.by_recipient(key, [row.recipient_id for row in sent])
        waiting = [
            row
            for row in sent
            if not events.has(feedback.get(row.recipient_id, ()), EventKind.ACKNOWLEDGED)
        ]
        if waiting:
            yield waiting


async def _users(
    store: Store, tenant_id: str, deliveries: Sequence[Delivery]
) -> tuple[Mapping[str, User], frozenset[str]]:
    """Returns the recipients who are known, and those whose record is damaged."""
    recipient_ids = [row.recipient_id for row in deliveries]
    return await readable(partial(store.users.get_many, tenant_id), recipient_ids)
