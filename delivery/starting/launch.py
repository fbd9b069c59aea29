"""Launch: an audience is frozen into deliveries, exactly once, however often it is begun."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from datetime import UTC, datetime

import msgspec

from campaigns.audience import (
    AllUsers,
    Audience,
    ListAudience,
    NewcomersAudience,
    ReceivedAudience,
    UnansweredAudience,
    WaitingAudience,
)
from campaigns.campaign import Campaign, CampaignKey, Purpose
from campaigns.delivery import Delivery, DeliveryStatus, key_of_address
from campaigns.feedback import events
from campaigns.feedback.events import EventKind
from campaigns.lists import DistributionList
from campaigns.outcome import Reason
from campaigns.schedule.schedule import Schedule, due, never
from campaigns.user import User
from delivery.starting.surveys import HAS_IT, asking, close_recalled, mark_used, unanswered
from storage.base import Store

CHUNK = 1_000
"""Deliveries frozen with one durable write."""


async def freeze(
    store: Store, campaign: Campaign, now: datetime, may_go_on: Callable[[], bool] = lambda: True
) -> int | None:
    """Writes a delivery for every recipient that has none yet; says how many there are in all.

    People on a list whom the bot can't reach get one too, skipped with its reason, so that the
    report accounts for everyone who was meant.

    None when it may not go on in the middle: somebody else does it then.
    """
    if campaign.survey is not None and campaign.original_key is None:
        await mark_used(store, campaign.survey)
    if campaign.survey is not None and campaign.follow_up.purpose is Purpose.RECALL:
        await close_recalled(store, campaign)
    if campaign.audience is not None:
        async for chunk in _deliveries(
            store, campaign.tenant_id, campaign.audience, now, campaign.schedule
        ):
            if not may_go_on():
                return None
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
        case ReceivedAudience(campaign_id):
            counts = await store.ledger.counts(CampaignKey(tenant_id, campaign_id))
            return Reach(counts.success + counts.in_doubt, counts.success)
        case NewcomersAudience() | UnansweredAudience():
            newcomers = 0
            async for chunk in _deliveries(store, tenant_id, audience, datetime.now(UTC)):
                newcomers += len(chunk)
            return Reach(newcomers, newcomers)
        case WaitingAudience(campaign_id):
            all_, reachable = 0, 0
            async for chunk in _waiting(store, CampaignKey(tenant_id, campaign_id)):
                users = await _users(store, tenant_id, chunk)
                all_ += len(chunk)
                reachable += sum(user.reachable for user in users.values())
            return Reach(all_, reachable)


async def _deliveries(
    store: Store,
    tenant_id: str,
    audience: Audience,
    now: datetime,
    schedule: Schedule | None = None,
) -> AsyncIterator[Sequence[Delivery]]:
    match audience:
        case AllUsers():
            async for users in store.users.reachable(tenant_id):
                yield [_to_user(user, now, schedule) for user in users]
        case ListAudience(list_id):
            of = await store.lists.get(tenant_id, list_id)
            for addresses in _chunks(of):
                found = await store.users.by_emails(tenant_id, addresses)
                yield [
                    _to_user(found[address], now, schedule)
                    if address in found
                    else _to_nobody(address, now)
                    for address in addresses
                ]
        case ReceivedAudience(campaign_id):
            async for rows in store.ledger.rows(CampaignKey(tenant_id, campaign_id)):
                yield [_to_receiver(row, now) for row in rows if row.status in HAS_IT]
        case NewcomersAudience(campaign_id):
            async for chunk in _newcomers(store, CampaignKey(tenant_id, campaign_id), now):
                yield chunk
        case UnansweredAudience(campaign_id):
            first = await store.campaigns.get(CampaignKey(tenant_id, campaign_id))
            if first is not None:
                async for rows in unanswered(store, first):
                    yield [_anew(row, now) for row in rows]
        case WaitingAudience(campaign_id):
            async for chunk in _waiting(store, CampaignKey(tenant_id, campaign_id)):
                known = await _users(store, tenant_id, chunk)
                yield [_again(one, known.get(one.recipient_id), now) for one in chunk]


async def _waiting(store: Store, key: CampaignKey) -> AsyncIterator[Sequence[Delivery]]:
    """The deliveries of that campaign that arrived and are not acknowledged."""
    async for chunk in store.ledger.rows(key):
        sent = [one for one in chunk if one.status is DeliveryStatus.SENT]
        did = await store.events.by_recipient(key, [one.recipient_id for one in sent])
        waiting = [
            one
            for one in sent
            if not events.has(did.get(one.recipient_id, ()), EventKind.ACKNOWLEDGED)
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


_HAS_IT_NOT = frozenset({DeliveryStatus.SKIPPED, DeliveryStatus.FAILED})
"""Who could not be reached, and may be reachable now. Who was *cancelled* was left out on
purpose."""


async def _newcomers(
    store: Store, original: CampaignKey, now: datetime
) -> AsyncIterator[Sequence[Delivery]]:
    """Who can be reached and has got it neither at first nor as a newcomer."""
    campaign = await store.campaigns.get(original)
    if campaign is None or campaign.audience is None:
        return
    keys = await asking(store, campaign)
    async for chunk in _deliveries(store, original.tenant_id, campaign.audience, now):
        new = {row.recipient_id: row for row in chunk if row.status is DeliveryStatus.PENDING}
        for key in keys:
            for known in (await store.ledger.get_many(key, new)).values():
                if known.status not in _HAS_IT_NOT:
                    del new[known.recipient_id]
        yield list(new.values())


def _to_receiver(row: Delivery, now: datetime) -> Delivery:
    delivery = Delivery(
        recipient_id=row.recipient_id,
        name=row.name,
        email=row.email,
        due_at=now,
        target_id=row.activity_id,
    )
    return delivery if row.activity_id else _skipped(delivery, Reason.NO_MESSAGE_ID, now)


def _anew(row: Delivery, now: datetime) -> Delivery:
    return Delivery(recipient_id=row.recipient_id, name=row.name, email=row.email, due_at=now)


def _chunks(of: DistributionList | None) -> list[Sequence[str]]:
    if of is None:
        return []
    return [of.addresses[at : at + CHUNK] for at in range(0, len(of.addresses), CHUNK)]


def _to_user(user: User, now: datetime, schedule: Schedule | None = None) -> Delivery:
    delivery = Delivery(recipient_id=user.id, name=user.full_name, email=user.email, due_at=now)
    if not user.reachable:
        return _skipped(delivery, user.unreachable_because or Reason.NOT_INSTALLED, now)
    if schedule is None or not schedule.holds_back:
        return delivery
    at = due(schedule, user.id, user.time_zone, now)
    if at is None:
        return _skipped(delivery, never(schedule, user.time_zone), now)
    return msgspec.structs.replace(delivery, due_at=at)


def _to_nobody(address: str, now: datetime) -> Delivery:
    delivery = Delivery(
        recipient_id=key_of_address(address), name=address, email=address, due_at=now
    )
    return _skipped(delivery, Reason.NOT_INSTALLED, now)


def _skipped(delivery: Delivery, reason: Reason, now: datetime) -> Delivery:
    return msgspec.structs.replace(
        delivery, status=DeliveryStatus.SKIPPED, reason=reason, settled_at=now
    )
