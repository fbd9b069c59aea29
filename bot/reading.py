"""Reads an activity: its person, their text or press, and the event that it tells of.

Everything here is pure. A missing part gives the result :class:`Missing`, and no exception.
"""

from __future__ import annotations

import functools
import re
import zoneinfo
from collections.abc import Iterator
from datetime import datetime
from typing import Literal

import msgspec

from bot.activities import Account, Activity, is_id
from campaigns.text.typed import from_outside
from campaigns.user import NAME_LIMIT, ConversationReference, User
from delivery.people.contacts import Sighting
from dialogs.turn import Turn

PERSONAL = "personal"
CARD_ACTION = "adaptiveCard/action"
READ_RECEIPT = "application/vnd.microsoft.readReceipt"

_REACTION_LENGTH = 64
"""Characters of a kind of reaction: ``like``, ``heart``, or an emoji's code point and name."""
_REACTIONS = 20
"""Reactions read from one activity; real ones have one."""
_ENTITIES = 100
"""Entities read from one activity: each mention of the bot is looked for in the whole text."""
_ZONE_LENGTH = 64
"""Characters of a time zone's name; the longest real one has 32."""
_LOCALE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,34}")
"""Matches a language tag, such as ``de-DE``; BCP 47 allows 35 characters."""

Membership = Literal["added", "removed", "unchanged", "nothing"]
"""The person has got the app, has lost it, or still has it as before. ``nothing``: the activity is
not about that, as most are."""


class Missing(msgspec.Struct, frozen=True):
    """The parts that an activity lacks, so that its person or chat is not known."""

    parts: tuple[str, ...]

    def __str__(self) -> str:
        return "without " + ", ".join(self.parts)


def tenant_of(activity: Activity) -> str:
    """Returns the tenant's id in lower case; empty when the activity does not tell."""
    tenant_id = _id(_get(activity.channel_data, "tenant", "id"))
    if not tenant_id and activity.conversation is not None:
        tenant_id = activity.conversation.tenant_id or ""
    return tenant_id.lower()


def person_of(activity: Activity) -> Account | None:
    """Returns the person that the activity is about.

    That is the sender. In an event that the bot itself caused, it is the other member.
    """
    bot_id = activity.recipient.id if activity.recipient is not None else None
    people = [account for account in _accounts(activity) if account.id not in (None, "", bot_id)]
    if not people:
        return None
    # In one part of the activity an account has its Entra id, in another part it has not.
    same = [account for account in people if account.id == people[0].id]
    return next((account for account in same if account.aad_object_id), same[0])


def reference_of(activity: Activity) -> ConversationReference | Missing:
    """Returns the chat to answer in, or the parts that are missing for it."""
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
    """Returns the activity's person with the facts that it has about them, or the missing parts.

    :param at: time of the activity's arrival.
    """
    tenant_id = tenant_of(activity)
    reference = reference_of(activity)
    missing = reference.parts if isinstance(reference, Missing) else ()
    person = person_of(activity)
    if isinstance(reference, Missing) or not tenant_id or person is None:
        return Missing(missing if tenant_id else ("tenant", *missing))
    return Sighting(
        tenant_id=tenant_id,
        user_id=(person.aad_object_id or "").lower() or reference.account_id,
        reference=reference,
        at=at,
        name=from_outside(person.name, NAME_LIMIT),
        locale=_locale(_text(activity.locale)) or _locale(_client_info(activity, "locale")),
        time_zone=_zone(_text(activity.local_timezone))
        or _zone(_client_info(activity, "timezone")),
    )


def turn_of(activity: Activity, user: User, *, is_admin: bool, at: datetime) -> Turn:
    """Returns the turn: the text that the person typed, or the press."""
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
    """Returns the typed text, without the mention of the bot and without space around it."""
    text = activity.text or ""
    bot_id = activity.recipient.id if activity.recipient is not None else None
    for entity in _entities(activity, "mention"):
        mention = _text(_get(entity, "text"))
        if mention and bot_id and _get(entity, "mentioned", "id") == bot_id:
            text = text.replace(mention, " ")
    # A mention leaves no-break spaces behind.
    return text.replace("\xa0", " ").replace("\x01", "").strip()


def html_of(activity: Activity) -> str:
    """Returns the typed text with its formatting; empty when the client does not send it."""
    attachments = activity.attachments if isinstance(activity.attachments, list) else []
    contents = (
        _get(attachment, "content")
        for attachment in attachments
        if _get(attachment, "contentType") == "text/html"
    )
    return next((html.replace("\x01", "") for html in contents if isinstance(html, str)), "")


def pressed_of(activity: Activity) -> object:
    """Returns the pressed button's data; None when nothing was pressed.

    ``Action.Execute`` comes as an invoke, its fallback ``Action.Submit`` as a message's value.
    """
    if activity.type == "invoke":
        data = _get(activity.value, "action", "data")
        return {} if data is None else data
    return activity.value


def last_read_of(activity: Activity) -> str:
    """Returns the id of the last message that was read; empty unless it is a read receipt."""
    if activity.type != "event" or activity.name != READ_RECEIPT:
        return ""
    return _id(_get(activity.value, "lastReadMessageId"))


def reactions_of(activity: Activity) -> tuple[list[str], list[str]]:
    """Returns the kinds of reactions that were added to a message, and those that were removed.

    The message is the one that the activity replies to.
    """
    if activity.type != "messageReaction":
        return [], []
    return _reactions(activity.reactions_added), _reactions(activity.reactions_removed)


def membership_of(activity: Activity) -> Membership:
    """Returns the change that the activity tells of: got or lost the app.

    An upgrade removes the app and adds it again: its removal is no uninstall.
    """
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
    """True when the activity comes from a one-to-one chat with the bot."""
    chat = activity.conversation
    return chat is not None and chat.conversation_type == PERSONAL


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


def _reactions(value: object) -> list[str]:
    if not isinstance(value, list):
        return []
    kinds = (_text(_get(reaction, "type")) for reaction in value[:_REACTIONS])
    return [kind for kind in kinds if kind and len(kind) <= _REACTION_LENGTH]


def _text(value: object) -> str:
    return value.strip() if isinstance(value, str) else ""


def _id(value: object) -> str:
    text = _text(value)
    return text if is_id(text) else ""


def _entities(activity: Activity, kind: str) -> Iterator[object]:
    if isinstance(activity.entities, list):
        entities = activity.entities[:_ENTITIES]
        yield from (entity for entity in entities if _get(entity, "type") == kind)


def _client_info(activity: Activity, key: str) -> str:
    return next((_text(_get(entity, key)) for entity in _entities(activity, "clientInfo")), "")


def _locale(text: str) -> str:
    return text if _LOCALE.fullmatch(text) else ""


def _zone(name: str) -> str:
    """Returns the name of a time zone that exists; else an empty text."""
    return _known_zone(name) if 0 < len(name) <= _ZONE_LENGTH else ""


@functools.lru_cache(maxsize=1_000)
def _known_zone(name: str) -> str:
    try:
        return zoneinfo.ZoneInfo(name).key
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        # ValueError: a path out of the database. OSError: a folder in it, such as "Europe".
        return ""
