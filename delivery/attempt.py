"""One attempt: personalise, render, and make the one call that sends."""

from __future__ import annotations

from typing import Protocol

from campaigns.campaign import Campaign
from campaigns.delivery import Delivery
from campaigns.message import Message
from campaigns.outcome import STALE, Outcome, Reason, Sent, Stale, Transient, Unknown, Unreachable
from campaigns.user import ConversationReference, User
from delivery.directory import Directory
from delivery.messenger import Messenger
from delivery.pacer import Pacer


class Rendered(Protocol):
    """A campaign made ready to be sent to many."""

    @property
    def needs_profile(self) -> bool:
        """Whether anything in it is the recipient's own."""
        ...

    def message(self, user: User) -> Message:
        """What this recipient gets."""
        ...


class Renderer(Protocol):
    """How campaigns look to their recipients."""

    def __call__(self, campaign: Campaign, *, test: bool = False) -> Rendered: ...


class Attempts:
    """Makes attempts through a messenger.

    Decides nothing and writes nothing to the ledger.
    """

    def __init__(
        self, messenger: Messenger, directory: Directory, pacer: Pacer, renderer: Renderer
    ) -> None:
        self._messenger = messenger
        self._directory = directory
        self._pacer = pacer
        self._renderer = renderer

    async def test(self, campaign: Campaign, user: User) -> Outcome:
        """What came of sending the campaign to one person, marked as a test."""
        completed = await self._directory.complete(user)
        user = completed if isinstance(completed, User) else user
        rendered = self._renderer(campaign, test=True)
        return await self._messenger.send(user.reference, rendered.message(user))

    def render(self, campaign: Campaign) -> Rendered:
        """The campaign made ready for :meth:`make`, once for all its recipients."""
        return self._renderer(campaign)

    async def make(self, rendered: Rendered, delivery: Delivery, user: User | None) -> Outcome:
        """What came of sending this delivery to ``user``.

        None: nobody is known by this id any more.
        """
        if user is None:
            return Unreachable(Reason.NOT_INSTALLED)
        if not user.reachable:
            return Unreachable(user.unreachable_because or Reason.NOT_INSTALLED)
        if rendered.needs_profile and not user.profile_known:
            completed = await self._directory.complete(user)
            if not isinstance(completed, User):
                return _not_sent(completed, Reason.NO_PROFILE)
            user = completed
        gone = bool(delivery.trace) and delivery.trace[-1].outcome == STALE
        if gone or not user.reference.conversation_id:
            moved = await self._open(user)
            if not isinstance(moved, User):
                return _not_sent(moved, Reason.CONVERSATION_GONE)
            user = moved
        return await self._messenger.send(user.reference, rendered.message(user))

    async def _open(self, user: User) -> User | Outcome:
        self._pacer.charge(user.tenant_id)
        reference = await self._messenger.open(user.tenant_id, user.reference)
        if isinstance(reference, ConversationReference):
            return await self._directory.moved(user, reference)
        return reference


def _not_sent(outcome: Outcome, reason: Reason) -> Outcome:
    """The outcome of a call that prepares a send.

    However it went, nothing was sent, and preparing twice does no harm; so what would be in doubt
    for a send is merely not done here.
    """
    match outcome:
        case Unknown(answer=answer) | Stale(answer=answer):
            return Transient(reason, answer)
        case Sent():
            return Transient(reason)
        case _:
            return outcome
