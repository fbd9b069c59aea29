"""What comes in: the part of Bot Framework's activity that this product reads, and what it tells.

Everything here is pure. JSON is decoded once, into types that are checked; a part that is missing
is an answer (:class:`Missing`), not an exception. The SDK's own model is not used: it reads
``conversation.tenantId`` under another name and loses it, and fails on shapes that are merely odd.
"""

from __future__ import annotations

import functools
import re
import zoneinfo
from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec

from campaigns.text.typed import from_outside
from campaigns.user import NAME_LIMIT, ConversationReference, User
from delivery.people.contacts import Sighting
from dialogs.turn import Turn

_ID_LENGTH = 1_000
_REACTION_LENGTH = 64
"""Of Teams' own: ``like``, ``heart``, or an emoji's code point and name."""

Id = Annotated[str, msgspec.Meta(max_length=_ID_LENGTH)]
"""Real ones stay under 200 characters; the limit keeps nonsense out of the store."""

PERSONAL = "personal"
CARD_ACTION = "adaptiveCard/action"
READ_RECEIPT = "application/vnd.microsoft.readReceipt"
_REACTIONS = 20
"""At most of one activity; real ones have one."""


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
    """One thing that happened in the channel. What is not needed of it is not read."""

    type: Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
    id: Id | None = None
    name: str | None = None
    """Which invoke or event it is."""
    action: str | None = None
    """Of an installationUpdate."""
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


class Missing(msgspec.Struct, frozen=True):
    """The activity lacks what is needed to know whom it comes from."""

    parts: tuple[str, ...]

    def __str__(self) -> str:
        return "without " + ", ".join(self.parts)


def decode(body: bytes) -> Activity:
    """The activity in a request's body. Raises NotAnActivity."""
    try:
        return msgspec.json.decode(_whole(body), type=Activity)
    except UnicodeDecodeError as error:
        raise NotAnActivity("not UTF-8") from error
    except RecursionError as error:
        raise NotAnActivity("nested too deeply") from error
    except msgspec.DecodeError as error:
        raise NotAnActivity(str(error)) from error


def _whole(body: bytes) -> bytes:
    """The body without half characters, which a client leaves that cuts a text within an emoji."""
    if _SURROGATE not in body.lower():
        return body
    return _HALF.sub(lambda match: rb"\ufffd" if match["half"] else match[0], body)


def tenant_of(activity: Activity) -> str:
    """The tenant's id in lower case; empty when the activity does not tell."""
    told = _text(_get(activity.channel_data, "tenant", "id"))
    if not told and activity.conversation is not None:
        told = activity.conversation.tenant_id or ""
    return told.lower()


def person_of(activity: Activity) -> Account | None:
    """The person it is about: the sender, or in an event that the bot caused, the other member."""
    bot_id = activity.recipient.id if activity.recipient is not None else None
    people = [one for one in _accounts(activity) if one.id and one.id != bot_id]
    if not people:
        return None
    # The same account is told of with and without its Entra id, depending on where it stands.
    same = [one for one in people if one.id == people[0].id]
    return next((one for one in same if one.aad_object_id), same[0])


def reference_of(activity: Activity) -> ConversationReference | Missing:
    """Where to answer."""
    person = person_of(activity)
    bot_id = activity.recipient.id if activity.recipient is not None else None
    conversation_id = activity.conversation.id if activity.conversation is not None else None
    parts = {
        "serviceUrl": activity.service_url,
        "conversation.id": conversation_id,
        "recipient.id": bot_id,
        "from.id": person.id if person is not None else None,
    }
    missing = tuple(name for name, value in parts.items() if not value)
    if missing:
        return Missing(missing)
    return ConversationReference(
        service_url=(activity.service_url or "").rstrip("/"),
        conversation_id=conversation_id or "",
        bot_id=bot_id or "",
        account_id=(person.id if person is not None else None) or "",
        channel_id=activity.channel_id or "msteams",
    )


def sighting_of(activity: Activity, at: datetime) -> Sighting | Missing:
    """Whom it comes from and what it tells of them; ``at`` is when it arrived."""
    tenant_id = tenant_of(activity)
    reference = reference_of(activity)
    lacking = reference.parts if isinstance(reference, Missing) else ()
    person = person_of(activity)
    if isinstance(reference, Missing) or not tenant_id or person is None:
        return Missing(lacking if tenant_id else ("tenant", *lacking))
    return Sighting(
        tenant_id=tenant_id,
        user_id=(person.aad_object_id or "").lower() or reference.account_id,
        reference=reference,
        at=at,
        name=from_outside(person.name, NAME_LIMIT),
        locale=_text(activity.locale) or _client_info(activity, "locale"),
        time_zone=_zone(_text(activity.local_timezone))
        or _zone(_client_info(activity, "timezone")),
    )


def turn_of(activity: Activity, user: User, *, is_admin: bool, at: datetime) -> Turn:
    """What the person said or pressed."""
    pressed = pressed_of(activity)
    return Turn(
        user=user,
        is_admin=is_admin,
        at=at,
        text=text_of(activity) if pressed is None else "",
        html=html_of(activity) if pressed is None else "",
        pressed=pressed,
        card_id=(activity.reply_to_id or "") if pressed is not None else "",
    )


def text_of(activity: Activity) -> str:
    """What was typed, without the mention of the bot and without space around it."""
    text = activity.text or ""
    bot_id = activity.recipient.id if activity.recipient is not None else None
    for entity in _entities(activity, "mention"):
        mention = _text(_get(entity, "text"))
        if mention and bot_id and _get(entity, "mentioned", "id") == bot_id:
            text = text.replace(mention, " ")
    # A mention leaves no-break spaces behind. PostgreSQL keeps no NUL.
    return text.replace("\xa0", " ").replace("\x00", "").strip()


def html_of(activity: Activity) -> str:
    """What was typed, with its formatting; empty where the client does not tell it."""
    every = activity.attachments if isinstance(activity.attachments, list) else []
    found = (_get(one, "content") for one in every if _get(one, "contentType") == "text/html")
    return next((of.replace("\x00", "") for of in found if isinstance(of, str)), "")


def pressed_of(activity: Activity) -> object:
    """The pressed button's data; None when nothing was pressed.

    ``Action.Execute`` comes as an invoke, its fallback ``Action.Submit`` as a message's value."""
    if activity.type == "invoke":
        data = _get(activity.value, "action", "data")
        return {} if data is None else data
    return activity.value


def last_read_of(activity: Activity) -> str:
    """Of a read receipt, the id of the last message that was read; else empty."""
    if activity.type != "event" or activity.name != READ_RECEIPT:
        return ""
    return _text(_get(activity.value, "lastReadMessageId"))[:_ID_LENGTH]


def reactions_of(activity: Activity) -> tuple[list[str], list[str]]:
    """The reactions that were added to the message that it replies to, and those taken back."""
    if activity.type != "messageReaction":
        return [], []
    return _reactions(activity.reactions_added), _reactions(activity.reactions_removed)


Membership = Literal["added", "removed", "unchanged", "nothing"]


def membership_of(activity: Activity) -> Membership:
    """What the activity says of the person's having the app; of most kinds, ``nothing``.

    An upgrade removes the app and adds it again: its removal is no uninstall."""
    if activity.type == "installationUpdate":
        installed: dict[str, Membership] = {
            "add": "added",
            "add-upgrade": "added",
            "remove": "removed",
        }
        return installed.get(activity.action or "", "unchanged")
    if activity.type == "conversationUpdate":
        if activity.members_added:
            return "added"
        if activity.members_removed:
            return "removed"
        return "unchanged"
    return "nothing"


def is_personal(activity: Activity) -> bool:
    """Whether it comes from a one-to-one chat with the bot."""
    of = activity.conversation
    return of is not None and of.conversation_type == PERSONAL


def _accounts(activity: Activity) -> Iterator[Account]:
    if activity.sender is not None:
        yield activity.sender
    yield from activity.members_added or ()
    yield from activity.members_removed or ()


def _get(value: object, *path: str) -> object:
    for key in path:
        if not isinstance(value, dict):
            return None
        value = value.get(key)
    return value


def _reactions(told: object) -> list[str]:
    if not isinstance(told, list):
        return []
    kinds = (_text(_get(one, "type")) for one in told[:_REACTIONS])
    return [kind for kind in kinds if kind and len(kind) <= _REACTION_LENGTH]


def _text(value: object) -> str:
    return value.strip() if isinstance(value, str) else ""


def _entities(activity: Activity, kind: str) -> Iterator[object]:
    if isinstance(activity.entities, list):
        yield from (one for one in activity.entities if _get(one, "type") == kind)


def _client_info(activity: Activity, key: str) -> str:
    return next((_text(_get(one, key)) for one in _entities(activity, "clientInfo")), "")


@functools.lru_cache(maxsize=1_000)
def _zone(name: str) -> str:
    """The name of a time zone that exists, else nothing."""
    try:
        return zoneinfo.ZoneInfo(name).key if name else ""
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        # ValueError: a path out of the database. OSError: a folder in it, such as "Europe".
        return ""
