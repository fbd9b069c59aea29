"""The seams that the engine needs to the outside; ``teams/`` implements them."""

from __future__ import annotations

from typing import Protocol

from campaigns.message import Message
from campaigns.outcome import Outcome
from campaigns.user import ConversationReference, Profile


class Messenger(Protocol):
    """The channel.

    Makes one call per method call, classifies the answer, and retries nothing.
    """

    async def send(self, reference: ConversationReference, message: Message) -> Outcome:
        """Posts the message into the person's chat.

        Sent.activity_id is the new message's id.
        """
        ...

    async def update(
        self, reference: ConversationReference, activity_id: str, message: Message
    ) -> Outcome:
        """Puts the message in the place of one that was sent before.

        This and :meth:`delete` may be repeated, so their fate is never unknown. A message that is
        not there any more is ``Rejected`` with ``MESSAGE_GONE``.
        """
        ...

    async def delete(self, reference: ConversationReference, activity_id: str) -> Outcome:
        """Takes a message that was sent before out of the person's chat."""
        ...

    async def open(
        self, tenant_id: str, reference: ConversationReference
    ) -> ConversationReference | Outcome:
        """Creates the one-to-one conversation and returns the reference with its id, or else why
        not.
        """
        ...

    async def renew_token(self) -> None:
        """Forgets the token, so that the next call fetches a new one."""
        ...


class Roster(Protocol):
    """Who people are."""

    async def profile(self, reference: ConversationReference) -> Profile | Outcome:
        """The person's profile as the channel's member look-up tells it, or else why it can't be
        read.
        """
        ...
