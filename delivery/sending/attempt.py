"""One attempt: personalises, renders, and makes the one call that sends.

Its order is: prepare, token, connection, permit, the question whether it may leave, bytes. The last
three are the *line*: see :mod:`delivery.pacing.departure`.
"""

from __future__ import annotations

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
    Throttled,
    Transient,
    Unknown,
    Unreachable,
)
from campaigns.user import ConversationReference, User
from delivery.messenger import Messenger
from delivery.pacing.departure import Departure
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

    It decides nothing, and writes nothing to the ledger. Whatever it raises before a delivery's
    departure has left is certain: nothing was sent.
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
        message = self._renderer(campaign, test=True).message(user)
        departure = Departure(self._pacer, user.tenant_id, urgent=True)
        return await self._messenger.send(user.reference, message, departure)

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
        departure: Departure,
    ) -> Outcome:
        """Sends a delivery.

        Raises what the departure raises when the delivery must not leave.

        :param user: its recipient; None: nobody is known by this id any more.
        """
        if user is None:
            return Unreachable(Reason.NOT_INSTALLED)
        if not user.reachable:
            return Unreachable(user.unreachable_because or Reason.NOT_INSTALLED)
        if purpose is Purpose.SEND:
            # Any stale attempt counts, not only the last: creating the new chat may have failed
            # since then. Creating it twice does no harm.
            gone = any(attempt.outcome == STALE for attempt in delivery.trace)
            if gone or not user.reference.conversation_id:
                moved = await self._open(user, departure.before())
                if not isinstance(moved, User):
                    return _not_sent(moved, Reason.CONVERSATION_GONE)
                user = moved
        if purpose is not Purpose.RECALL and rendered.needs_profile and not user.profile_known:
            completed = await self._contacts.complete(user, departure=departure.before())
            if isinstance(completed, Stale) and purpose is Purpose.SEND:
                # The profile is read in the chat. The next try opens a new one.
                return completed
            if not isinstance(completed, User):
                return _not_sent(completed, Reason.NO_PROFILE)
            user = completed
        departure.conversation_id = user.reference.conversation_id
        if purpose is Purpose.SEND:
            message = rendered.message(user)
            outcome = await self._messenger.send(user.reference, message, departure)
        else:
            outcome = await self._change(purpose, rendered, delivery, user, departure)
        departure.answered(throttled=isinstance(outcome, Throttled))
        return outcome

    async def _change(
        self,
        purpose: Purpose,
        rendered: Rendered,
        delivery: Delivery,
        user: User,
        departure: Departure,
    ) -> Outcome:
        """Corrects or recalls the message that was sent before."""
        if purpose is Purpose.RECALL:
            deleted = await self._messenger.delete(user.reference, delivery.target_id, departure)
            return _recalled(deleted, delivery)
        message = rendered.message(user)
        changed = await self._messenger.update(
            user.reference, delivery.target_id, message, departure
        )
        return _changed(changed, delivery)

    async def _open(self, user: User, departure: Departure) -> User | Outcome:
        reference = await self._messenger.open(user.tenant_id, user.reference, departure)
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
