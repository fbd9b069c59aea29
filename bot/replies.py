"""Sends replies: into the chat through the messenger, or in the answer to an invoke."""

from __future__ import annotations

import logging

from bot.answer import HttpAnswer, card_in_place
from bot.metrics import Metrics
from campaigns.message import Card, Message
from campaigns.outcome import (
    OF_THIS_MESSAGE,
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
from campaigns.user import ConversationReference
from cards import elements as ac
from delivery.messenger import Messenger
from delivery.pacing.departure import Departure
from delivery.pacing.pacer import Pacer
from dialogs.turn import Reply

_log = logging.getLogger(__name__)


class Replies:
    """Delivers replies to the person who is waiting for them."""

    def __init__(self, messenger: Messenger, pacer: Pacer, metrics: Metrics) -> None:
        self._messenger = messenger
        self._pacer = pacer
        self._metrics = metrics

    def in_place(self, reply: Reply) -> HttpAnswer:
        """Returns the answer to an invoke: the card takes the place of the one pressed on."""
        self._metrics.replied("in_place")
        return card_in_place(reply.card, private=reply.private)

    async def send(
        self, tenant_id: str, reference: ConversationReference, reply: Reply, card_id: str = ""
    ) -> None:
        """Sends the reply into the chat: in place of the card with this id, or as a new message.

        A reply that can't be sent is logged, and no error: only that person misses it, and they can
        ask again.
        """
        # No alert: the person is in the chat and waits for the reply.
        message = Message(card=reply.card, summary=reply.summary, alert=False)
        if card_id:
            outcome = await self._messenger.update(
                reference, card_id, message, self._departure(tenant_id)
            )
            self._record("update", outcome)
            refused = isinstance(outcome, Transient) and outcome.reason in OF_THIS_MESSAGE
            if not refused and not isinstance(outcome, (Rejected, Stale)):
                return
            # The card pressed on is gone or can't be changed: a new message is better than none.
        sent = await self._messenger.send(reference, message, self._departure(tenant_id))
        self._record("send", sent)

    def _departure(self, tenant_id: str) -> Departure:
        return Departure(self._pacer, tenant_id, urgent=True)

    def _record(self, call: str, outcome: Outcome) -> None:
        self._metrics.replied(type(outcome).__name__.lower())
        if isinstance(outcome, Sent):
            return
        _log.warning(
            "reply not sent (%s): %s, HTTP status %s, code %r",
            call,
            _reason(outcome).value,
            outcome.answer.status,
            outcome.answer.code,
        )


def _reason(outcome: Throttled | Stale | Transient | Unreachable | Rejected | Unknown) -> Reason:
    match outcome:
        case Throttled():
            return Reason.THROTTLED
        case Stale():
            return Reason.CONVERSATION_GONE
        case _:
            return outcome.reason


def text_reply(text: str) -> Reply:
    """Returns a reply whose card has nothing but this text."""
    card: Card = ac.AdaptiveCard([ac.TextBlock(text, wrap=True)]).to_dict()
    return Reply(card=card, summary=text)
