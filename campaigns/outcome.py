"""Outcomes of attempts: the classified answer to one call, for the dispatcher to decide on.

The edge that makes the call classifies it once (``teams/answers.py``); nothing further in knows
HTTP. Every outcome but :class:`Sent` has a reason.
"""

from __future__ import annotations

import enum

import msgspec

from campaigns.text.typed import paragraphs


class Reason(enum.Enum):
    """Reason why a delivery is not a success, or not yet. The ledger keeps its value."""

    BLOCKED = "blocked"
    """The person has blocked or muted the bot."""

    NOT_INSTALLED = "not_installed"
    """The person does not have the app (any more)."""

    DISABLED_BY_ADMIN = "disabled_by_admin"
    """The organisation has switched the app off."""

    THROTTLED = "throttled"
    CONVERSATION_GONE = "conversation_gone"
    """The chat that we knew does not exist any more."""
    UNAUTHORISED = "unauthorised"
    """Our own credentials were refused."""

    TOO_BIG = "too_big"
    BAD_REQUEST = "bad_request"
    """Teams refused the message as malformed."""

    REFUSED = "refused"
    """Teams refused it with an answer whose meaning is not known."""

    WRONG_HOST = "wrong_host"
    """The service address is not one that may serve this bot."""

    NOT_DONE = "not_done"
    """Teams says it did nothing and asks to try again."""

    NOT_CONNECTED = "not_connected"
    """The request never left us: no name, no connection, no TLS."""
    NO_ANSWER = "no_answer"
    """The request left us and no answer came."""
    SERVER_ERROR = "server_error"
    """Teams failed while handling the request."""

    INTERRUPTED = "interrupted"
    """The bot was stopped between sending and writing down the answer."""

    MESSAGE_GONE = "message_gone"
    """The message to correct or recall is not in the chat any more, or perhaps not."""

    NO_MESSAGE_ID = "no_message_id"
    """The id of the message is not known, so it can't be changed."""

    NO_PROFILE = "no_profile"
    """The name for the placeholders could not be read."""

    NOT_PREPARED = "not_prepared"
    """The message could not be made ready, by a fault of ours; nothing has left."""
    DAMAGED = "damaged"
    """The record of the person can't be read; nothing has left."""

    STOPPED = "stopped"
    """An admin stopped the campaign before this was sent."""

    ABSENT = "absent"
    """The recipient was absent at every look."""
    TOO_LATE = "too_late"
    """The campaign's window was over."""
    NO_HOURS = "no_hours"
    """All of the campaign's hours are at night where the recipient is."""

    ANSWERED = "answered"
    """The recipient has answered the survey whose message was to be corrected."""

    GAVE_UP = "gave_up"
    """It was tried as often and as long as the rules allow."""


OUR_FAULT = frozenset({Reason.UNAUTHORISED, Reason.TOO_BIG, Reason.BAD_REQUEST, Reason.WRONG_HOST})
"""Reasons that are faults on our side. Such a delivery may succeed once the fault is mended."""


NOT_THE_RECIPIENTS = OUR_FAULT | {
    Reason.NOT_CONNECTED,
    Reason.NOT_DONE,
    Reason.NO_ANSWER,
    Reason.SERVER_ERROR,
    Reason.INTERRUPTED,
    Reason.THROTTLED,
    Reason.NO_PROFILE,
    Reason.NOT_PREPARED,
    Reason.DAMAGED,
    Reason.REFUSED,
    Reason.CONVERSATION_GONE,
    Reason.DISABLED_BY_ADMIN,
}
"""Reasons that need not be the recipient's: faults on our side, times when Teams was out of reach
or refused in passing, and the organisation's own switch.

A delivery that *failed* for one of them was not sent, or may be repeated: a send that may have
arrived is in doubt.
"""

OF_THIS_MESSAGE = frozenset({Reason.REFUSED, Reason.MESSAGE_GONE})
"""Reasons of a transient outcome with which Teams refuses this one call. Another message to the
same person may get through."""

LONGEST_ANSWER = 300
"""Characters that are kept of each text of an answer: the ledger has one for each attempt."""


class TeamsAnswer(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Answer of the service, word for word, for people who look into an error.

    Its texts come from outside. They are made fit to keep, whoever makes the answer: cut, and
    without characters that a store can't keep.
    """

    status: int | None = None
    """HTTP status; None when there was no answer."""

    code: str = ""
    message: str = ""

    def __post_init__(self) -> None:
        for name in ("code", "message"):
            text = getattr(self, name)
            if text and (kept := paragraphs(text)[:LONGEST_ANSWER].rstrip()) != text:
                msgspec.structs.force_setattr(self, name, kept)


class Sent(msgspec.Struct, frozen=True, tag="sent"):
    """Outcome: done. The service took the message and gave it an id."""

    activity_id: str
    """Id by which the message can be corrected or recalled later."""


class Throttled(msgspec.Struct, frozen=True, tag="throttled"):
    """Outcome: not done, because of too many requests."""

    retry_after: float | None
    """Seconds, as the service asked; None when it did not say."""

    answer: TeamsAnswer = TeamsAnswer()


class Transient(msgspec.Struct, frozen=True, tag="transient"):
    """Outcome: definitely not done, and worth another try."""

    reason: Reason
    answer: TeamsAnswer = TeamsAnswer()


STALE = "stale"
"""Tag of :class:`Stale`, as the trace of attempts keeps it."""


class Stale(msgspec.Struct, frozen=True, tag=STALE):
    """Outcome: not done. The conversation is gone; a new one has to be created."""

    answer: TeamsAnswer = TeamsAnswer()


class Unreachable(msgspec.Struct, frozen=True, tag="unreachable"):
    """Outcome: not done, and not possible until the person comes back."""

    reason: Reason
    answer: TeamsAnswer = TeamsAnswer()


class Rejected(msgspec.Struct, frozen=True, tag="rejected"):
    """Outcome: not done, by our own mistake; it would be refused again."""

    reason: Reason
    answer: TeamsAnswer = TeamsAnswer()


class Unknown(msgspec.Struct, frozen=True, tag="unknown"):
    """Outcome: the request left us and its fate is not known.

    Sends are not idempotent: sending again may deliver the message twice.
    """

    reason: Reason
    answer: TeamsAnswer = TeamsAnswer()


Outcome = Sent | Throttled | Transient | Stale | Unreachable | Rejected | Unknown


def outcome_tag(outcome: Outcome) -> str:
    """Returns the outcome's short name, as the trace of attempts keeps it."""
    return str(type(outcome).__struct_config__.tag)
