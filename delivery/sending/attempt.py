"""One attempt: personalises, renders, and makes the one call that sends."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from campaigns.campaign import Campaign, Purpose
from campaigns.delivery import Delivery
from campaigns.feedback.acknowledging import is_asked
from campaigns.message import Message
from campaigns.outcome import (
    STALE,
    Outcome,
    Reason,
    Rejected,
    Sent,
    Stale,
    TeamsAnswer,
    Throttled,
    Transient,
    Unknown,
    Unreachable,
)
from campaigns.user import ConversationReference, User
from delivery.messenger import Messenger
from delivery.pacing.pacer import Pacer
from delivery.people.contacts import Contacts

TRIES_UNTIL_GONE = 3
"""Answers in a row that may mean that the message is gone, until they are believed."""


class Rendered(Protocol):
    """A campaign made ready to be sent to many."""

    @property
    def needs_profile(self) -> bool:
        """True when something in it differs from recipient to recipient."""
        ...

    def message(self, user: User) -> Message:
        """Returns the message for this recipient."""
        ...


class MessageRenderer(Protocol):
    """Renders campaigns as their recipients see them.

    With ``test``, messages are marked as a test. With ``acknowledged``, they are for recipients who
    have acknowledged the message, and don't ask again.
    """

    def __call__(
        self, campaign: Campaign, *, test: bool = False, acknowledged: bool = False
    ) -> Rendered: ...


class Attempts:
    """Makes attempts through a messenger.

    It decides nothing, and writes nothing to the ledger.
    """

    def __init__(
        self, messenger: Messenger, contacts: Contacts, pacer: Pacer, renderer: MessageRenderer
    ) -> None:
        self._messenger = messenger
        self._contacts = contacts
        self._pacer = pacer
        self._renderer = renderer

    async def test(self, campaign: Campaign, user: User) -> Outcome:
        """Sends the campaign to one person, marked as a test."""
        completed = await self._contacts.complete(user)
        user = completed if isinstance(completed, User) else user
        rendered = self._renderer(campaign, test=True)
        return await self._messenger.send(user.reference, rendered.message(user))

    def render(self, campaign: Campaign) -> Rendered:
        """Makes the campaign ready for :meth:`make`, once for all its recipients."""
        return self._renderer(campaign)

    def thanking(self, campaign: Campaign) -> Rendered | None:
        """Returns a correction, ready for recipients who have acknowledged the original.

        Returns None when nobody could acknowledge it.
        """
        if campaign.follow_up.purpose is not Purpose.CORRECT or not is_asked(campaign):
            return None
        return self._renderer(campaign, acknowledged=True)

    async def make(
        self,
        purpose: Purpose,
        rendered: Rendered,
        delivery: Delivery,
        user: User | None,
        may_leave: Callable[[], bool],
    ) -> Outcome | None:
        """Sends a delivery; returns None when it was held back at the last moment.

        :param user: its recipient; None: nobody is known by this id any more.
        :param may_leave: called right before the request leaves; False holds it back.
        """
        if user is None:
            return Unreachable(Reason.NOT_INSTALLED)
        if not user.reachable:
            # No call is made, so another one may leave in its place.
            self._pacer.give_back(user.tenant_id, 1)
            return Unreachable(user.unreachable_because or Reason.NOT_INSTALLED)
        if purpose is not Purpose.RECALL and rendered.needs_profile and not user.profile_known:
            completed = await self._contacts.complete(user, urgent=False)
            if not isinstance(completed, User):
                return _not_sent(completed, Reason.NO_PROFILE)
            user = completed
        if purpose is Purpose.SEND:
            # Any stale attempt counts, not only the last: creating the new chat may have failed
            # since then. Creating it twice does no harm.
            gone = any(attempt.outcome == STALE for attempt in delivery.trace)
            if gone or not user.reference.conversation_id:
                moved = await self._open(user)
                if not isinstance(moved, User):
                    return _not_sent(moved, Reason.CONVERSATION_GONE)
                user = moved
        return await self._leave(purpose, rendered, delivery, user, may_leave)

    async def _leave(
        self,
        purpose: Purpose,
        rendered: Rendered,
        delivery: Delivery,
        user: User,
        may_leave: Callable[[], bool],
    ) -> Outcome | None:
        """Makes the call at its moment, unless the chat has no room or ``may_leave`` is False."""
        conversation = user.reference.conversation_id
        wait = self._pacer.room_in(conversation)
        if wait > 0:
            return Throttled(
                wait, TeamsAnswer(message="Held back: the most Teams allows to one chat.")
            )
        message = None if purpose is Purpose.RECALL else rendered.message(user)
        departed = await self._pacer.depart(user.tenant_id)
        if not may_leave():
            return None
        self._pacer.used(conversation)
        if message is None:
            outcome = _recalled(
                await self._messenger.delete(user.reference, delivery.target_id), delivery
            )
        elif purpose is Purpose.CORRECT:
            outcome = _changed(
                await self._messenger.update(user.reference, delivery.target_id, message), delivery
            )
        else:
            outcome = await self._messenger.send(user.reference, message)
        self._pacer.answered(
            user.tenant_id,
            isinstance(outcome, Throttled),
            conversation_id=conversation,
            departed=departed,
        )
        return outcome

    async def _open(self, user: User) -> User | Outcome:
        await self._pacer.depart(user.tenant_id)
        reference = await self._messenger.open(user.tenant_id, user.reference)
        if isinstance(reference, ConversationReference):
            return await self._contacts.moved(user, reference)
        return reference


def _not_sent(outcome: Outcome, reason: Reason) -> Outcome:
    """Returns the outcome for a delivery whose preparation failed.

    Nothing was sent, and preparing twice does no harm. So an answer that would leave a send in
    doubt means here that the message was certainly not sent.
    """
    match outcome:
        case Unknown(answer=answer) | Stale(answer=answer):
            return Transient(reason, answer)
        case Sent():
            return Transient(reason)
        case _:
            return outcome


def _changed(outcome: Outcome, delivery: Delivery) -> Outcome:
    """Returns the outcome of a change in a chat.

    A chat that is gone is not created anew: the new one would not have the message. But Teams says
    so in passing, too, so it is asked again. It is also asked again before "unknown" is taken to
    mean that the message is gone.
    """
    match outcome:
        case Stale(answer):
            return Transient(Reason.CONVERSATION_GONE, answer)
        case Transient(Reason.MESSAGE_GONE, answer):
            before = delivery.trace[1 - TRIES_UNTIL_GONE :]
            same = sum(attempt.reason is Reason.MESSAGE_GONE for attempt in before)
            believed = same == TRIES_UNTIL_GONE - 1
            return Rejected(Reason.MESSAGE_GONE, answer) if believed else outcome
        case _:
            return outcome


def _recalled(outcome: Outcome, delivery: Delivery) -> Outcome:
    """Returns the outcome of a recall: recalling a message that is already gone is a success."""
    match changed := _changed(outcome, delivery):
        case Rejected(Reason.MESSAGE_GONE):
            return Sent(delivery.target_id)
        case _:
            return changed
