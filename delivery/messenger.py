"""The engine's interfaces to the channel; ``teams/`` implements them."""

from __future__ import annotations

from typing import Protocol

from campaigns.message import Message
from campaigns.outcome import Outcome
from campaigns.user import ConversationReference, Profile


class Messenger(Protocol):
    """The channel that messages go through.

    Each method makes one call, classifies the answer, and retries nothing.
    """

    async def send(self, reference: ConversationReference, message: Message) -> Outcome:
        """Posts a message into a person's chat.

        ``Sent.activity_id`` is the id of the new message.
        """
        ...

    async def update(
        self, reference: ConversationReference, activity_id: str, message: Message
    ) -> Outcome:
        """Replaces a message that was sent before.

        This and :meth:`delete` may be repeated, so their outcome is never ``Unknown``. A message
        that does not exist any more is ``Rejected`` with ``MESSAGE_GONE``; one that perhaps does
        not exist is ``Transient`` with it.
        """
        ...

    async def delete(self, reference: ConversationReference, activity_id: str) -> Outcome:
        """Deletes a message that was sent before from a person's chat."""
        ...

    async def open(
        self, tenant_id: str, reference: ConversationReference
    ) -> ConversationReference | Outcome:
        """Creates the one-to-one conversation with a person.

        Returns the reference with the conversation's id, or the outcome that tells why there is
        none.
        """
        ...

    async def renew_token(self) -> None:
        """Forgets the token, so that the next call fetches a new one."""
        ...


class Roster(Protocol):
    """The channel's look-up of its members."""

    async def profile(self, reference: ConversationReference) -> Profile | Outcome:
        """Returns a person's profile, or the outcome that tells why it can't be read."""
        ...
