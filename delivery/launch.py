"""Launch: an audience is frozen into deliveries, exactly once, however often it is begun."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import datetime

import msgspec

from campaigns import events
from campaigns.campaign import (
    AllUsers,
    Audience,
    Campaign,
    CampaignKey,
    ListAudience,
    WaitingAudience,
)
from campaigns.delivery import Delivery, DeliveryStatus, key_of_address
from campaigns.events import Kind
from campaigns.lists import DistributionList
from campaigns.outcome import Reason
from campaigns.user import User
from storage.base import Store

CHUNK = 1_000
"""Deliveries frozen with one durable write."""


async def freeze(store: Store, campaign: Campaign, now: datetime) -> int:
    """Writes a delivery for every recipient that has none yet; says how many there are in all.

    People on a list whom the bot can't reach get one too, skipped with its reason, so that the
    report accounts for everyone who was meant.
    """

    async for chunk in _deliveries(store, campaign, now):
        await store.ledger.freeze(campaign.key, chunk)
    return (await store.ledger.counts(campaign.key)).recipients


class Reach(msgspec.Struct, frozen=True):
    """How many people an audience has, and how many of them the bot can reach."""

    people: int
    reachable: int

    @property
    def left_out(self) -> int:
        return self.people - self.reachable


async def reach(store: Store, tenant_id: str, audience: Audience) -> Reach:
    """The audience's size as it is now; a list that does not exist any more has nobody on it."""
    match audience:
        case AllUsers():
            count = await store.users.count_reachable(tenant_id)
            return Reach(count, count)
        case ListAudience(list_id):
            of = await store.lists.get(tenant_id, list_id)
            if of is None:
                return Reach(0, 0)
            found = await store.users.by_emails(tenant_id, of.addresses)
            people = {user.id: user for user in found.values()}
            nobody = len(of.addresses) - len(found)
            reachable = sum(user.reachable for user in people.values())
            return Reach(len(people) + nobody, reachable)
        case WaitingAudience(campaign_id):
            all_, reachable = 0, 0
            async for chunk in _waiting(store, CampaignKey(tenant_id, campaign_id)):
                users = await _users(store, tenant_id, chunk)
                all_ += len(chunk)
                reachable += sum(user.reachable for user in users.values())
            return Reach(all_, reachable)


async def _deliveries(
    store: Store, campaign: Campaign, now: datetime
) -> AsyncIterator[Sequence[Delivery]]:
    match campaign.audience:
        case AllUsers():
            async for users in store.users.reachable(campaign.tenant_id):
                yield [_to_user(user, now) for user in users]
        case ListAudience(list_id):
            of = await store.lists.get(campaign.tenant_id, list_id)
            for addresses in _chunks(of):
                found = await store.users.by_emails(campaign.tenant_id, addresses)
                yield [
                    _to_user(found[address], now) if address in found else _to_nobody(address, now)
                    for address in addresses
                ]
        case WaitingAudience(campaign_id):
            async for chunk in _waiting(store, CampaignKey(campaign.tenant_id, campaign_id)):
                known = await _users(store, campaign.tenant_id, chunk)
                yield [_again(one, known.get(one.recipient_id), now) for one in chunk]


async def _waiting(store: Store, key: CampaignKey) -> AsyncIterator[Sequence[Delivery]]:
    """The deliveries of that campaign that arrived and are not acknowledged."""
    async for chunk in store.ledger.rows(key):
        sent = [one for one in chunk if one.status is DeliveryStatus.SENT]
        did = await store.events.of(key, [one.recipient_id for one in sent])
        waiting = [
            one for one in sent if not events.has(did.get(one.recipient_id, ()), Kind.ACKNOWLEDGED)
        ]
        if waiting:
            yield waiting


async def _users(store: Store, tenant_id: str, deliveries: Sequence[Delivery]) -> dict[str, User]:
    return await store.users.get_many(tenant_id, [one.recipient_id for one in deliveries])


def _again(delivery: Delivery, user: User | None, now: datetime) -> Delivery:
    """A delivery to whom another one went."""
    if user is not None:
        return _to_user(user, now)
    fresh = Delivery(
        recipient_id=delivery.recipient_id, name=delivery.name, email=delivery.email, due_at=now
    )
    return _skipped(fresh, Reason.NOT_INSTALLED, now)


def _chunks(of: DistributionList | None) -> list[Sequence[str]]:
    if of is None:
        return []
    return [of.addresses[at : at + CHUNK] for at in range(0, len(of.addresses), CHUNK)]


def _to_user(user: User, now: datetime) -> Delivery:
    delivery = Delivery(recipient_id=user.id, name=user.full_name, email=user.email, due_at=now)
    if user.reachable:
        return delivery
    return _skipped(delivery, user.unreachable_because or Reason.NOT_INSTALLED, now)


def _to_nobody(address: str, now: datetime) -> Delivery:
    delivery = Delivery(
        recipient_id=key_of_address(address), name=address, email=address, due_at=now
    )
    return _skipped(delivery, Reason.NOT_INSTALLED, now)


def _skipped(delivery: Delivery, reason: Reason, now: datetime) -> Delivery:
    return msgspec.structs.replace(
        delivery, status=DeliveryStatus.SKIPPED, reason=reason, settled_at=now
    )
