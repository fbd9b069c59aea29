"""Bot Framework's activity, as far as this product reads it, decoded once into checked types.

The SDK's own model is not used. It looks for ``conversation.tenantId`` under another name and loses
it, and it fails on shapes that are unusual but do no harm.
"""

from __future__ import annotations

from typing import Annotated, Any

import msgspec

from campaigns.text.storable import storable

ID_LENGTH = 500
"""Bytes of an id of the channel's, at most. Real ones stay under 200. Several of them together are
a key in PostgreSQL, which takes 2,700."""


class NotAnActivity(Exception):
    """The body is not JSON, or not an activity. ``str`` names the place, never the content."""


class Account(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A person or a bot in the channel."""

    id: str | None = None
    aad_object_id: str | None = None
    name: str | None = None

    def __post_init__(self) -> None:
        _check_ids(self.id, self.aad_object_id)


class Conversation(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A chat. ``conversation_type`` is ``personal``, ``groupChat`` or ``channel``."""

    id: str | None = None
    conversation_type: str | None = None
    tenant_id: str | None = None

    def __post_init__(self) -> None:
        _check_ids(self.id, self.tenant_id)


class Activity(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A message, press or event in the channel. Parts that are not needed are not read."""

    type: Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
    id: str | None = None
    name: str | None = None
    """The kind of invoke or event."""
    action: str | None = None
    """The kind of installationUpdate."""
    channel_id: str | None = None
    service_url: str | None = None
    sender: Account | None = msgspec.field(name="from", default=None)
    recipient: Account | None = None
    conversation: Conversation | None = None
    members_added: list[Account] | None = None
    members_removed: list[Account] | None = None
    reply_to_id: str | None = None
    reactions_added: Any = None
    reactions_removed: Any = None
    text: str | None = None
    locale: Any = None
    local_timezone: Any = None
    entities: Any = None
    channel_data: Any = None
    attachments: Any = None
    value: Any = None

    def __post_init__(self) -> None:
        _check_ids(self.id, self.channel_id, self.service_url, self.reply_to_id)


def decode(body: bytes) -> Activity:
    """Returns the activity in a request's body. Raises NotAnActivity."""
    try:
        return msgspec.json.decode(storable(body), type=Activity)
    except UnicodeDecodeError as error:
        raise NotAnActivity("not UTF-8") from error
    except RecursionError as error:
        raise NotAnActivity("nested too deeply") from error
    except msgspec.DecodeError as error:
        raise NotAnActivity(str(error)) from error


def is_id(text: str) -> bool:
    """True for a text that is short enough for an id."""
    return len(text) <= ID_LENGTH and len(text.encode()) <= ID_LENGTH


def _check_ids(*ids: str | None) -> None:
    if not all(is_id(given) for given in ids if given):
        raise ValueError("an id is too long")
