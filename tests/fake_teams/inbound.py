"""Activities as Teams sends them to a bot."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime
from html import escape
from typing import Any
from zoneinfo import ZoneInfo

from tests.fake_teams.people import FakeUser

Activity = dict[str, Any]


class Inbound:
    """Builds activities of one bot's personal chats.

    Each has an id of its own. Deliver the same activity twice to play Teams' repeated delivery.
    """

    def __init__(self, *, bot_id: str, service_url: str, bot_name: str = "Campaigns") -> None:
        self._bot = {"id": bot_id, "name": bot_name}
        self._service_url = service_url
        self._numbers = itertools.count(1_700_000_000_000)

    def installed(self, user: FakeUser) -> Activity:
        return self._from(user, "installationUpdate", named=False) | {"action": "add"}

    def uninstalled(self, user: FakeUser) -> Activity:
        return self._from(user, "installationUpdate", named=False) | {"action": "remove"}

    def members_added(self, user: FakeUser) -> Activity:
        """Returns the activity that Teams sends beside ``installed``: the bot joined the chat."""
        added = [{"id": user.account_id, "aadObjectId": user.id}, {"id": self._bot["id"]}]
        return self._from(user, "conversationUpdate", named=False) | {"membersAdded": added}

    def said(self, user: FakeUser, text: str, html: str | None = None) -> Activity:
        """Returns a typed message, with the ``text/html`` attachment that Teams adds."""
        content = f"<p>{escape(text)}</p>" if html is None else html
        attachment = {"contentType": "text/html", "content": content}
        return self._from(user, "message") | {
            "text": text,
            "textFormat": "plain",
            "attachments": [attachment],
        }

    def submitted(self, user: FakeUser, value: dict[str, Any], reply_to_id: str = "") -> Activity:
        """Returns an ``Action.Submit``: a message with a value and no text."""
        return self._from(user, "message") | {"value": value, "replyToId": reply_to_id}

    def pressed(
        self,
        user: FakeUser,
        data: dict[str, Any],
        *,
        verb: str = "",
        reply_to_id: str = "",
        trigger: str = "manual",
    ) -> Activity:
        """Returns an ``Action.Execute``; ``data`` has the button's own data and all inputs."""
        return self._from(user, "invoke") | {
            "name": "adaptiveCard/action",
            "replyToId": reply_to_id,
            "value": {
                "action": {"type": "Action.Execute", "verb": verb, "data": data},
                "trigger": trigger,
            },
        }

    def reacted(
        self, user: FakeUser, activity_id: str, reaction: str = "like", *, removed: bool = False
    ) -> Activity:
        key = "reactionsRemoved" if removed else "reactionsAdded"
        return self._from(user, "messageReaction") | {
            "replyToId": activity_id,
            key: [{"type": reaction}],
        }

    def read(self, user: FakeUser, last_read_message_id: str) -> Activity:
        """Returns a read receipt for every message up to this one."""
        return self._from(user, "event") | {
            "name": "application/vnd.microsoft.readReceipt",
            "value": {"lastReadMessageId": last_read_message_id},
        }

    def _from(self, user: FakeUser, kind: str, *, named: bool = True) -> Activity:
        now = datetime.now(UTC)
        sender = {"id": user.account_id, "aadObjectId": user.id}
        activity: Activity = {
            "type": kind,
            "id": f"f:{next(self._numbers)}",
            "timestamp": now.isoformat().replace("+00:00", "Z"),
            "channelId": "msteams",
            "serviceUrl": self._service_url,
            "from": sender,
            "recipient": self._bot,
            "conversation": {
                "conversationType": "personal",
                "tenantId": user.tenant,
                "id": user.conversation_id,
            },
            "channelData": {"tenant": {"id": user.tenant}},
        }
        if named:
            local = now.astimezone(ZoneInfo(user.time_zone))
            activity["from"] = sender | {"name": user.name}
            activity["locale"] = user.locale
            activity["localTimestamp"] = local.isoformat()
            activity["localTimezone"] = user.time_zone
            client_info = {"type": "clientInfo", "locale": user.locale, "timezone": user.time_zone}
            activity["entities"] = [client_info]
        return activity
