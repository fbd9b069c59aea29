"""The engine's interfaces to the channel; ``teams/`` implements them."""

from __future__ import annotations

from typing import Protocol

from campaigns.message import Message
from campaigns.outcome import Outcome
from campaigns.user import ConversationReference, Profile


class CallLine(Protocol):
    """The line between what is certain and what is not: see :mod:`delivery.pacing.departure`."""

    async def reach(self) -> None:
        """Waits for the call's turn, when all else is ready: request, token and connection.

        What it raises passes through the call, which has not left then.
        """
        ...

    def cross(self) -> None:
        """Notes that the first byte leaves now."""
        ...


class Messenger(Protocol):
    """The channel that messages go through.

    Each method makes one call, classifies the answer, and retries nothing. It makes the call ready,
    reaches the line, crosses it, and only then is anything sent. A call that failed before the line
    has an outcome that says so, and never ``Unknown``.
    """

    async def send(
        self, reference: ConversationReference, message: Message, line: CallLine
    ) -> Outcome:
        """Posts a message into a person's chat.

        ``Sent.activity_id`` is the id of the new message.
        """
        ...

    async def update(
        self, reference: ConversationReference, activity_id: str, message: Message, line: CallLine
    ) -> Outcome:
        """Replaces a message that was sent before.

        This and :meth:`delete` may be repeated, so their outcome is never ``Unknown``. A message
        that does not exist any more is ``Rejected`` with ``MESSAGE_GONE``; one that perhaps does
        not exist is ``Transient`` with it.
        """
        ...

    async def delete(
        self, reference: ConversationReference, activity_id: str, line: CallLine
    ) -> Outcome:
        """Deletes a message that was sent before from a person's chat."""
        ...

    async def open(
        self, tenant_id: str, reference: ConversationReference, line: CallLine
    ) -> ConversationReference | Outcome:
        """Creates the one-to-one conversation with a person.

        Returns the reference with the conversation's id, or the outcome that tells why there is
        none.
        """
        ...


class Roster(Protocol):
    """The channel's look-up of its members."""

    async def profile(self, reference: ConversationReference, line: CallLine) -> Profile | Outcome:
        """Returns a person's profile, or the outcome that tells why it can't be read."""
        ...
