"""Bot Framework's activity, as far as this product reads it, decoded once into checked types.

The SDK's own model is not used. It looks for ``conversation.tenantId`` under another name and loses
it, and it fails on shapes that are unusual but do no harm.
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
"""Matches an escaped backslash, a whole surrogate pair, or half of a pair. It matches the first two
so that it sees no half inside them."""


class NotAnActivity(Exception):
    """The body is not JSON, or not an activity. ``str`` names the place, never the content."""


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
    """A message, press or event in the channel. Parts that are not needed are not read."""

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
        return msgspec.json.decode(_without_halves(body), type=Activity)
    except UnicodeDecodeError as error:
        raise NotAnActivity("not UTF-8") from error
    except RecursionError as error:
        raise NotAnActivity("nested too deeply") from error
    except msgspec.DecodeError as error:
        raise NotAnActivity(str(error)) from error


def _without_halves(body: bytes) -> bytes:
    """Replaces half surrogate pairs: a client leaves them when it cuts a text inside an emoji."""
    if _SURROGATE not in body.lower():
        return body
    return _HALF.sub(lambda match: rb"\ufffd" if match["half"] else match[0], body)
