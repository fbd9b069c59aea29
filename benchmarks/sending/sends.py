"""The campaign and the recipients that all senders have in common."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec

from benchmarks.server import TENANT
from campaigns import drafting
from campaigns.audience import AllUsers
from campaigns.campaign import Campaign
from campaigns.content import Content, Format
from campaigns.user import ConversationReference, Profile, User
from cards.message.personal import Personal
from delivery.sending.dispatcher import IN_FLIGHT
from tests.fake_teams.people import make_user

__all__ = ["BODY", "IN_FLIGHT", "PATH", "activity", "campaign", "person"]

_MESSAGE = """Hello [FIRSTNAME],

on **Thursday at 10:00** the new travel portal opens. Bookings that you have made stay valid, and
your profile is moved for you, [FULLNAME].

What changes for you:

- one place for trains, flights and hotels
- receipts are sent to [EMAIL] by themselves
- approvals within a day

Questions? Ask [the travel desk](https://intranet.example.com/travel?from=[EMAIL])."""


def campaign(campaign_id: str = "travel-portal") -> Campaign:
    """Returns a draft to everyone with a header, a list, and placeholders in text and link."""
    now = datetime.now(UTC)
    draft = drafting.draft(
        TENANT, campaign_id, name="The new travel portal", format=Format.IDEA,
        author_id="author", now=now,
    )  # fmt: skip
    return drafting.target(drafting.write(draft, Content(_MESSAGE), now), AllUsers(), now)


def person(number: int, service_url: str) -> User:
    """Returns a user whose chat and profile are known. The same number gives the same user."""
    fake = make_user(number, TENANT, with_conversation=True)
    return User(
        tenant_id=TENANT,
        id=fake.id,
        reference=ConversationReference(
            service_url=service_url,
            conversation_id=fake.conversation_id,
            bot_id="28:bot",
            account_id=fake.account_id,
        ),
        profile=Profile(
            name=fake.name,
            given_name=fake.given_name,
            surname=fake.surname,
            email=fake.email,
            upn=fake.upn,
        ),
        profile_known=True,
        locale=fake.locale,
        time_zone=fake.time_zone,
        installed_at=datetime.now(UTC),
    )


def activity(recipient: User) -> dict[str, Any]:
    """Returns the body that the engine posts to this person, for senders without the engine."""
    message = Personal(campaign()).message(recipient)
    reference = recipient.reference
    body = {
        "type": "message",
        "from": {"id": reference.bot_id},
        "recipient": {"id": reference.account_id},
        "conversation": {"id": reference.conversation_id},
        "attachments": [
            {"contentType": "application/vnd.microsoft.card.adaptive", "content": message.card}
        ],
        "summary": message.summary,
        "channelData": {"notification": {"alert": True}},
    }
    # The card is JSON already, but the SDKs take values.
    return msgspec.json.decode(msgspec.json.encode(body), type=dict[str, Any])


BODY = msgspec.json.encode(activity(person(0, "http://127.0.0.1")))
PATH = f"/v3/conversations/{person(0, '').reference.conversation_id}/activities"
