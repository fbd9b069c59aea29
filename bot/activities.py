"""Bot Framework's activity, as far as this product reads it, decoded once into checked types.

The SDK's own model is not used: it reads ``conversation.tenantId`` under another name and loses it,
and fails on shapes that are merely odd.
"""

from __future__ import annotations

import re
from typing import Annotated, Any

import msgspec

ID_LENGTH = 1_000

Id = Annotated[str, msgspec.Meta(max_length=ID_LENGTH)]
"""An id of the channel's. Real ones stay under 200 characters; the limit keeps nonsense out of the
store."""

_SURROGATE = rb"\ud"
_HALF = re.compile(
    rb"\\\\"
    rb"|\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
    rb"|(?P<half>\\u[dD][89a-fA-F][0-9a-fA-F]{2})"
)
"""An escaped backslash, a whole pair, or half of one."""


class NotAnActivity(Exception):
    """The body is not JSON, or not of an activity's shape. ``str`` says where, not what."""


class Account(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A person or a bot in the channel."""

    id: Id | None = None
    aad_object_id: Id | None = None
    name: str | None = None


class Conversation(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A chat. ``conversation_type`` is ``personal``, ``groupChat`` or ``channel``."""

    id: Id | None = None
    conversation_type: str | None = None
    tenant_id: Id | None = None


class Activity(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """One thing that happened in the channel. Parts that are not needed are not read."""

    type: Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
    id: Id | None = None
    name: str | None = None
    """The kind of invoke or event."""
    action: str | None = None
    """The kind of installationUpdate."""
    channel_id: Id | None = None
    service_url: Id | None = None
    sender: Account | None = msgspec.field(name="from", default=None)
    recipient: Account | None = None
    conversation: Conversation | None = None
    members_added: list[Account] | None = None
    members_removed: list[Account] | None = None
    reply_to_id: Id | None = None
    reactions_added: Any = None
    reactions_removed: Any = None
    text: str | None = None
    locale: Any = None
    local_timezone: Any = None
    entities: Any = None
    channel_data: Any = None
    attachments: Any = None
    value: Any = None


def decode(body: bytes) -> Activity:
    """Returns the activity in a request's body. Raises NotAnActivity."""
    try:
        return msgspec.json.decode(_whole(body), type=Activity)
    except UnicodeDecodeError as error:
        raise NotAnActivity("not UTF-8") from error
    except RecursionError as error:
        raise NotAnActivity("nested too deeply") from error
    except msgspec.DecodeError as error:
        raise NotAnActivity(str(error)) from error


def _whole(body: bytes) -> bytes:
    """Replaces half characters, which a client leaves when it cuts a text inside an emoji."""
    if _SURROGATE not in body.lower():
        return body
    return _HALF.sub(lambda match: rb"\ufffd" if match["half"] else match[0], body)
