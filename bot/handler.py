"""Handles one activity: decides whether to answer it, records the person, and runs the turn."""

from __future__ import annotations

import asyncio
import functools
import logging
from collections.abc import Callable
from http import HTTPStatus
from typing import Protocol

from bot.activities import Activity
from bot.answer import DONE, FORBIDDEN, NOT_IMPLEMENTED, UNAVAILABLE, HttpAnswer, refusal
from bot.duplicates import Deduplicator, FirstArrivalFailed, SharedDeduplicator
from bot.reading import (
    CARD_ACTION,
    Missing,
    is_personal,
    last_read_of,
    membership_of,
    reactions_of,
    reference_of,
    sighting_of,
    tenant_of,
    turn_of,
)
from bot.replies import Replies, text_reply
from bot.texts import DAMAGED, FAILED, INCOMPLETE, NOT_SERVED, ONE_TO_ONE, SLOW
from campaigns.user import User
from cards.refusals.words import in_words
from delivery.clock import Clock
from delivery.feedback.receipts import Receipts
from delivery.people.contacts import Contacts, Sighting
from dialogs.errors import Refused
from dialogs.turn import Reply, Turn
from storage.errors import Damaged, Unavailable

_log = logging.getLogger(__name__)

ANSWER_WITHIN = 12.0
"""Seconds until an answer has to be given. Teams gives up after 15, and sends the activity again.
The other 3 are for the way there and back."""


class Dialogs(Protocol):
    """The dialogs as the bot sees them; ``dialogs.router`` implements it."""

    async def turn(self, turn: Turn) -> Reply:
        """Returns the reply. Raises StoreError when the store can't serve, and Refused."""
        ...


class IsAdmin(Protocol):
    """Tells whether a person is an admin, given the identities known of them."""

    def __call__(self, *identities: str | None) -> bool: ...


class Admission:
    """Tells the tenants that are served, the addresses that are trusted, and the admins.

    :param serves: True for a tenant that is served.
    :param trusts: True for a service URL that may be called.
    :param is_admin: True when one of these is an admin's: Entra object id, e-mail address, UPN.
    """

    def __init__(
        self,
        *,
        serves: Callable[[str], bool],
        trusts: Callable[[str], bool],
        is_admin: IsAdmin,
    ) -> None:
        self.serves = serves
        self.trusts = trusts
        self._is_admin = is_admin

    def is_admin(self, user: User) -> bool:
        """True when this person has an admin's rights."""
        return self._is_admin(user.id, user.profile.email, user.profile.upn)


class Handler:
    """Turns activities into answers; replies to messages leave through the messenger."""

    def __init__(
        self,
        *,
        dialogs: Dialogs,
        contacts: Contacts,
        receipts: Receipts,
        replies: Replies,
        admission: Admission,
        clock: Clock,
        shared: SharedDeduplicator,
        answer_within: float = ANSWER_WITHIN,
    ) -> None:
        self._dialogs = dialogs
        self._contacts = contacts
        self._receipts = receipts
        self._replies = replies
        self._admission = admission
        self._clock = clock
        self._deduplicator = Deduplicator[HttpAnswer]()
        self._shared = shared
        self._answer_within = answer_within

    async def on_turn(self, activity: Activity) -> HttpAnswer:
        """Returns the answer to an authenticated activity.

        When the work takes too long, the answer says so and the work goes on. Raises every error of
        the work, mostly StoreError; :meth:`failed` gives the answer to it. When the activity
        arrives again after an error, the work is done again.
        """
        key = _key(activity)
        work = functools.partial(self._act, activity)
        if key is not None:
            work = functools.partial(self._shared.once, "\n".join(key), work)
        try:
            async with asyncio.timeout(self._answer_within) as limit:
                return await self._deduplicator.once(key, work)
        except TimeoutError:
            if not limit.expired():
                raise
            _log.warning("%s answered before it was done", _shown(activity))
            slow = refusal(HTTPStatus.REQUEST_TIMEOUT, SLOW)
            return slow if activity.type == "invoke" else DONE

    async def failed(self, activity: Activity, error: Exception) -> HttpAnswer:
        """Returns the answer to an activity whose turn raised this error."""
        cause = error.__cause__ if isinstance(error, FirstArrivalFailed) else error
        text = DAMAGED if isinstance(cause, Damaged) else FAILED
        if isinstance(error, FirstArrivalFailed):
            # The first arrival logs the error and tells the person.
            return _apology(activity, text)
        if isinstance(error, Unavailable):
            # The store logs that it is away; a stack for each press meanwhile would bury that.
            _log.warning("%s failed: %s", _shown(activity), error)
        else:
            _log.error("%s failed", _shown(activity), exc_info=error)
        reference = reference_of(activity)
        if activity.type == "message" and not isinstance(reference, Missing):
            await self._replies.send(tenant_of(activity), reference, text_reply(text))
        return _apology(activity, text)

    async def finish(self, within: float) -> None:
        """Waits for the turns in progress, for ``within`` seconds at most."""
        await self._deduplicator.finish(within)

    async def _act(self, activity: Activity) -> HttpAnswer:
        tenant = tenant_of(activity)
        if activity.service_url and not self._admission.trusts(activity.service_url):
            _log.warning("%s refused: untrusted service URL", _shown(activity))
            return FORBIDDEN
        if tenant and not self._admission.serves(tenant):
            _log.warning("%s refused: tenant %.80r is not served", _shown(activity), tenant)
            return await self._decline(activity, HTTPStatus.FORBIDDEN, NOT_SERVED)
        if not is_personal(activity):
            return await self._decline(activity, HTTPStatus.BAD_REQUEST, ONE_TO_ONE)
        sighting = sighting_of(activity, self._clock.now())
        if isinstance(sighting, Missing):
            _log.warning("%s not handled: %s", _shown(activity), sighting)
            return _if_invoke(activity, refusal(HTTPStatus.BAD_REQUEST, INCOMPLETE))
        return await self._dispatch(activity, sighting)

    async def _dispatch(self, activity: Activity, sighting: Sighting) -> HttpAnswer:
        if activity.type == "message":
            return await self._message(activity, sighting)
        if activity.type == "invoke":
            return await self._invoke(activity, sighting)
        match membership_of(activity):
            case "added":
                await self._contacts.installed(sighting)
                _log.info("installed for user %.80r", sighting.user_id)
            case "removed":
                now = self._clock.now()
                await self._contacts.uninstalled(sighting.tenant_id, sighting.user_id, now)
                _log.info("uninstalled for user %.80r", sighting.user_id)
            case "unchanged":
                _log.debug("%s ignored", _shown(activity))
            case "nothing":
                # A reaction, a receipt, typing: it also shows that the person has the app.
                await self._contacts.seen(sighting)
                await self._receive(activity, sighting)
        return DONE

    async def _receive(self, activity: Activity, sighting: Sighting) -> None:
        person = (sighting.tenant_id, sighting.user_id)
        if last_read := last_read_of(activity):
            await self._receipts.read(*person, last_read, sighting.at)
        added, removed = reactions_of(activity)
        if (added or removed) and activity.reply_to_id:
            await self._receipts.reacted(
                *person, activity.reply_to_id, added=added, removed=removed, at=sighting.at
            )

    async def _message(self, activity: Activity, sighting: Sighting) -> HttpAnswer:
        turn = await self._turn(activity, sighting)
        try:
            reply = await self._dialogs.turn(turn)
        except Refused as error:
            reply = text_reply(in_words(error.refusal))
        await self._replies.send(sighting.tenant_id, sighting.reference, reply, turn.card_id)
        return DONE

    async def _invoke(self, activity: Activity, sighting: Sighting) -> HttpAnswer:
        if activity.name != CARD_ACTION:
            _log.info("%s not implemented: %.80r", _shown(activity), activity.name)
            return NOT_IMPLEMENTED
        turn = await self._turn(activity, sighting)
        try:
            return self._replies.in_place(await self._dialogs.turn(turn))
        except Refused as error:
            return refusal(HTTPStatus.BAD_REQUEST, in_words(error.refusal))

    async def _turn(self, activity: Activity, sighting: Sighting) -> Turn:
        user = await self._contacts.seen(sighting)
        return turn_of(activity, user, is_admin=self._admission.is_admin(user), at=sighting.at)

    async def _decline(self, activity: Activity, status: HTTPStatus, text: str) -> HttpAnswer:
        reference = reference_of(activity)
        if activity.type == "message" and not isinstance(reference, Missing):
            await self._replies.send(tenant_of(activity), reference, text_reply(text))
            return DONE
        if activity.type != "invoke" and status == HTTPStatus.FORBIDDEN:
            return FORBIDDEN
        return _if_invoke(activity, refusal(status, text))


def _apology(activity: Activity, text: str) -> HttpAnswer:
    if activity.type == "invoke":
        return refusal(HTTPStatus.SERVICE_UNAVAILABLE, text)
    # For a message the apology is in the chat. Nobody waits for the answer to an event; the status
    # asks the channel to send it again.
    return DONE if activity.type == "message" else UNAVAILABLE


def _if_invoke(activity: Activity, answer: HttpAnswer) -> HttpAnswer:
    """Returns this answer for an invoke, and DONE for the rest, which carry no answer back."""
    return answer if activity.type == "invoke" else DONE


def _key(activity: Activity) -> tuple[str, str, str] | None:
    if not activity.id or activity.conversation is None:
        return None
    return (tenant_of(activity), activity.conversation.id or "", activity.id)


def _shown(activity: Activity) -> str:
    """Returns the activity for a log line: its type and id, and nothing that somebody wrote."""
    return f"activity {activity.type[:40]!r} {(activity.id or '')[:80]!r}"
