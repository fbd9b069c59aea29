"""Values to store; a test gives only the fields that it cares about."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from campaigns import drafting, lists
from campaigns.audience import AllUsers
from campaigns.campaign import Campaign, CampaignKey, Status
from campaigns.content import Content, Format
from campaigns.delivery import Claim, Delivery, DeliveryStatus
from campaigns.lists import DistributionList
from campaigns.report import Result
from campaigns.templates import Template, template_of
from campaigns.user import ConversationReference, Profile, User
from storage.base import Ledger

NOW = datetime(2025, 3, 3, 9, 30, tzinfo=UTC)
SECOND = timedelta(seconds=1)
TENANT = "00000000-0000-0000-0000-0000000000001"
OTHER_TENANT = "7d1f3a52-1111-4222-8333-444455556666"
KEY = CampaignKey(TENANT, "spring/news: 2025?*")
CLAIM = Claim("dispatcher-1", NOW + 300 * SECOND)


def user(user_id: str, tenant_id: str = TENANT, *, email: str = "", **changes: Any) -> User:
    return User(
        tenant_id=tenant_id,
        id=user_id,
        reference=ConversationReference(
            service_url="https://smba.trafficmanager.net/emea",
            conversation_id=f"a:{user_id}",
            bot_id="28:bot",
            account_id=f"29:{user_id}",
        ),
        **{"profile": Profile(name=f"Person {user_id}", email=email), **changes},
    )


def campaign(
    campaign_id: str, tenant_id: str = TENANT, *, at: datetime = NOW, **changes: Any
) -> Campaign:
    draft = drafting.draft(
        tenant_id, campaign_id, name="Spring", format=Format.IDEA, author_id="author", now=at
    )
    return changed(draft, **changes)


def changed(campaign: Campaign, **changes: Any) -> Campaign:
    """The campaign with these fields, each in the group that it belongs to."""
    for group in ("draft", "run", "follow_up"):
        value = getattr(campaign, group)
        names = set(value.__struct_fields__) - set(campaign.__struct_fields__)
        inner = {name: changes.pop(name) for name in names & changes.keys()}
        changes[group] = msgspec.structs.replace(changes.get(group, value), **inner)
    return msgspec.structs.replace(campaign, **changes)


def started(campaign_id: str, status: Status, *, at: datetime) -> Campaign:
    return campaign(campaign_id, status=status, started_at=at)


def people(list_id: str, tenant_id: str = TENANT, *, name: str = "Everyone") -> DistributionList:
    return lists.create(
        tenant_id,
        list_id,
        name=name,
        addresses=["adele@example.com"],
        author_id="author",
        now=NOW,
    )


def template(template_id: str, tenant_id: str = TENANT, *, name: str = "Newsletter") -> Template:
    return template_of(
        campaign("c", tenant_id, content=Content("Hi", title="T"), audience=AllUsers()),
        template_id,
        name=name,
        author_id="author",
        now=NOW,
    )


def pending(recipient_id: str, *, due_at: datetime = NOW, **changes: Any) -> Delivery:
    return Delivery(recipient_id=recipient_id, due_at=due_at, **changes)


def many(count: int, **changes: Any) -> list[Delivery]:
    return [pending(f"29:{number:05d}/é", **changes) for number in range(count)]


def ended(delivery: Delivery, status: DeliveryStatus = DeliveryStatus.SENT) -> Delivery:
    return msgspec.structs.replace(
        delivery, status=status, claim=None, attempts=delivery.attempts + 1, settled_at=NOW
    )


def ids(deliveries: Sequence[Delivery]) -> list[str]:
    return [delivery.recipient_id for delivery in deliveries]


async def every_row(ledger: Ledger, key: CampaignKey = KEY) -> list[Delivery]:
    """All rows, result by result, read page by page."""
    rows: list[Delivery] = []
    for result in Result:
        offset = 0
        while (page := await ledger.page(key, result, offset=offset, limit=300)).items:
            rows += page.items
            offset += len(page.items)
        assert offset == page.total
    return rows
