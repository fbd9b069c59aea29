"""The Bot Connector's REST API, as far as the engine needs it.

Each call makes one HTTP request and retries nothing. Its result, or its failure, becomes an
:data:`~campaigns.outcome.Outcome`.
"""

from __future__ import annotations

from typing import Any, Self

import msgspec

from campaigns.message import Message
from campaigns.outcome import (
    Outcome,
    Reason,
    Rejected,
    Sent,
    Stale,
    TeamsAnswer,
    Transient,
    Unknown,
)
from campaigns.text.percent import percent_encoded
from campaigns.text.typed import from_outside
from campaigns.user import (
    EMAIL_LIMIT,
    GIVEN_NAME_LIMIT,
    NAME_LIMIT,
    SURNAME_LIMIT,
    ConversationReference,
    Profile,
)
from teams.answers import Call
from teams.errors import TokenError
from teams.hosts import Hosts
from teams.parsing import identifier, json_of, text_of
from teams.tokens import TokenSource
from teams.transport import TIMEOUTS, Answered, Timeouts, Transport, WireLine

ADAPTIVE_CARD = "application/vnd.microsoft.card.adaptive"


class Connector:
    """Implements the engine's ``Messenger`` and ``Roster``.

    ``async with`` it, or call :meth:`start` and :meth:`close`.

    Calls without a line leave at once.

    :param tokens: gives the bot's token.
    :param hosts: decides which service addresses may be called.
    """

    def __init__(self, tokens: TokenSource, hosts: Hosts, *, timeouts: Timeouts = TIMEOUTS) -> None:
        self._tokens = tokens
        self._hosts = hosts
        self._transport = Transport(timeouts)

    async def start(self) -> None:
        """Prepares for calls; needs the running event loop."""
        await self._transport.start()

    async def close(self) -> None:
        """Closes all connections; calls under way fail."""
        await self._transport.close()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def send(
        self, reference: ConversationReference, message: Message, line: WireLine | None = None
    ) -> Outcome:
        """Posts the message as a new one. Never repeats the request.

        Returns ``Stale``, without a request, when the reference has no conversation yet.
        """
        if not reference.conversation_id:
            return Stale(TeamsAnswer(message="There is no conversation yet."))
        result = await self._call(
            "POST", reference, _activities(reference), line, _activity(reference, message)
        )
        return _outcome(result, Call.SEND)

    async def update(
        self,
        reference: ConversationReference,
        activity_id: str,
        message: Message,
        line: WireLine | None = None,
    ) -> Outcome:
        """Replaces an earlier message, which keeps its id.

        A second update does no harm. So an unknown result is ``Transient``: it may be tried again.
        """
        if not reference.conversation_id:
            return Stale(TeamsAnswer(message="There is no conversation."))
        path = _activities(reference, activity_id)
        body = _activity(reference, message) | {"id": activity_id}
        outcome = _outcome(await self._call("PUT", reference, path, line, body), Call.UPDATE)
        return Sent(activity_id) if isinstance(outcome, Sent) else outcome

    async def delete(
        self, reference: ConversationReference, activity_id: str, line: WireLine | None = None
    ) -> Outcome:
        """Deletes a message. Like :meth:`update`, it can be repeated."""
        if not reference.conversation_id:
            return Stale(TeamsAnswer(message="There is no conversation."))
        path = _activities(reference, activity_id)
        outcome = _outcome(await self._call("DELETE", reference, path, line), Call.DELETE)
        return Sent(activity_id) if isinstance(outcome, Sent) else outcome

    async def open(
        self, tenant_id: str, reference: ConversationReference, line: WireLine | None = None
    ) -> ConversationReference | Outcome:
        """Creates the person's one-to-one conversation, and returns the reference with its id.

        A second creation gives the same conversation. So an unknown result is ``Transient``.
        """
        body = {
            "bot": {"id": reference.bot_id},
            "members": [{"id": reference.account_id}],
            "tenantId": tenant_id,
            "channelData": {"tenant": {"id": tenant_id}},
            "isGroup": False,
        }
        result = await self._call("POST", reference, "/v3/conversations", line, body)
        outcome = _outcome(result, Call.OPEN)
        if not isinstance(result, Answered) or not isinstance(outcome, Sent):
            return outcome
        conversation_id = identifier(_fields(result).get("id"))
        if not conversation_id:
            return Transient(Reason.NO_ANSWER, _not_understood(result))
        return msgspec.structs.replace(reference, conversation_id=conversation_id)

    async def profile(
        self, reference: ConversationReference, line: WireLine | None = None
    ) -> Profile | Outcome:
        """Returns the profile, or the outcome that kept it from being read.

        An unknown result is ``Transient``, since reading again does no harm.
        """
        if not reference.conversation_id:
            return Stale(TeamsAnswer(message="There is no conversation yet."))
        account_id = percent_encoded(reference.account_id)
        path = f"{_conversation(reference)}/members/{account_id}"
        result = await self._call("GET", reference, path, line)
        outcome = _outcome(result, Call.PROFILE)
        if not isinstance(result, Answered) or not isinstance(outcome, Sent):
            return outcome
        member = _fields(result)
        if not member:
            return Transient(Reason.NO_ANSWER, _not_understood(result))

        def told(name: str, limit: int) -> str:
            value = member.get(name)
            return from_outside(value, limit) if isinstance(value, str) else ""

        return Profile(
            name=told("name", NAME_LIMIT),
            given_name=told("givenName", GIVEN_NAME_LIMIT),
            surname=told("surname", SURNAME_LIMIT),
            email=told("email", EMAIL_LIMIT),
            upn=told("userPrincipalName", EMAIL_LIMIT),
        )

    async def _call(
        self,
        method: str,
        reference: ConversationReference,
        path: str,
        line: WireLine | None,
        body: dict[str, Any] | None = None,
    ) -> Answered | Outcome:
        """Makes one call: first all that can fail or wait, then the line, then the bytes."""
        base = self._hosts.trusted(reference.service_url)
        if base is None:
            return Rejected(
                Reason.WRONG_HOST,
                TeamsAnswer(message=f"{reference.service_url[:200]} is not a host of Teams."),
            )
        try:
            token = await self._tokens.get()
        except TokenError as error:
            answer = TeamsAnswer(message=str(error))
            if error.reason is Reason.UNAUTHORISED:
                return Rejected(error.reason, answer)
            return Transient(error.reason, answer)
        result = await self._transport.request(
            method,
            # The URL is not parsed again: that takes longer than all the rest of this method.
            base.with_path(f"{base.raw_path.rstrip('/')}{path}", encoded=True),
            token,
            body,
            line,
        )
        if isinstance(result, Answered) and result.status == 401:
            # The next call fetches a new one. Many calls with one token cause one fetch.
            await self._tokens.forget(token)
        return result


def _outcome(result: Answered | Outcome, call: Call) -> Outcome:
    """Returns the outcome of the call; of one that may be repeated it is never ``Unknown``."""
    outcome = result.outcome(call) if isinstance(result, Answered) else result
    if isinstance(outcome, Unknown) and call is not Call.SEND:
        return Transient(outcome.reason, outcome.answer)
    return outcome


def _fields(result: Answered) -> dict[str, Any]:
    """Returns the fields of an answer; none when it is no JSON object."""
    content = json_of(text_of(result.body))
    return content if isinstance(content, dict) else {}


def _not_understood(result: Answered) -> TeamsAnswer:
    return TeamsAnswer(status=result.status, message="The answer could not be understood.")


def _conversation(reference: ConversationReference) -> str:
    return f"/v3/conversations/{percent_encoded(reference.conversation_id)}"


def _activities(reference: ConversationReference, activity_id: str = "") -> str:
    path = f"{_conversation(reference)}/activities"
    return f"{path}/{percent_encoded(activity_id)}" if activity_id else path


def _activity(reference: ConversationReference, message: Message) -> dict[str, Any]:
    """Returns the activity that posts this message.

    It has a card, and no text beside it: Teams would split the two and lose the id.
    """
    activity: dict[str, Any] = {
        "type": "message",
        "from": {"id": reference.bot_id},
        "recipient": {"id": reference.account_id},
        "conversation": {"id": reference.conversation_id},
        "attachments": [{"contentType": ADAPTIVE_CARD, "content": message.card}],
    }
    if message.summary:
        activity["summary"] = message.summary
    if message.alert:
        activity["channelData"] = {"notification": {"alert": True}}
    return activity
