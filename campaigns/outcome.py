"""What an attempt came to: the classified answer to one call, for the dispatcher to decide on.

The edge that makes the call classifies it once (TEAMS: "Answers to a send"); nothing further in
knows HTTP. Every outcome but :class:`Sent` says why in plain words.
"""

from __future__ import annotations

import enum

import msgspec


class Reason(enum.Enum):
    """Why a delivery is not (or not yet) a success; its value is kept in the ledger."""

    BLOCKED = "blocked"
    """The person has blocked or muted the bot."""

    NOT_INSTALLED = "not_installed"
    """The person does not have the app (any more)."""

    DISABLED_BY_ADMIN = "disabled_by_admin"
    """The organisation has switched the app off."""

    THROTTLED = "throttled"
    CONVERSATION_GONE = "conversation_gone"
    """The chat we knew does not exist any more."""
    UNAUTHORISED = "unauthorised"
    """Our own credentials were refused."""

    TOO_BIG = "too_big"
    BAD_REQUEST = "bad_request"
    """Teams refused the message as malformed."""

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
    """What was to be corrected is not in the chat any more."""

    NO_MESSAGE_ID = "no_message_id"
    """It is not known which message it would be, so it can't be changed."""

    NO_PROFILE = "no_profile"
    """The name for the placeholders could not be read."""

    STOPPED = "stopped"
    """An admin stopped the campaign before this was sent."""

    ABSENT = "absent"
    """Not there whenever they were looked for."""
    TOO_LATE = "too_late"
    """The time over which the campaign was to be sent had passed."""
    NO_HOURS = "no_hours"
    """It is night where they are in all of the campaign's hours."""

    ANSWERED = "answered"
    """Has answered the survey whose message was to be corrected."""

    GAVE_UP = "gave_up"
    """Tried as often and as long as the rules allow."""


OUR_FAULT = frozenset({Reason.UNAUTHORISED, Reason.TOO_BIG, Reason.BAD_REQUEST, Reason.WRONG_HOST})
"""Reasons that have nothing to do with the recipient; what failed so may succeed once mended."""


NOT_THE_RECIPIENTS = OUR_FAULT | {
    Reason.NOT_CONNECTED,
    Reason.NOT_DONE,
    Reason.THROTTLED,
    Reason.NO_PROFILE,
}
"""These too say nothing about the recipient, and that nothing was sent: Teams could not be had."""


class TeamsAnswer(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the service said, word for word, for whoever looks into an error."""

    status: int | None = None
    """HTTP status; None when there was none."""

    code: str = ""
    message: str = ""


class Sent(msgspec.Struct, frozen=True, tag="sent"):
    """Done: the service took the message and gave it an id."""

    activity_id: str
    """By this id the message can be corrected or recalled later."""


class Throttled(msgspec.Struct, frozen=True, tag="throttled"):
    """Not done: too many requests."""

    retry_after: float | None
    """Seconds, as the service asked; None when it did not say."""

    answer: TeamsAnswer = TeamsAnswer()


class Transient(msgspec.Struct, frozen=True, tag="transient"):
    """Definitely not done, and worth another try."""

    reason: Reason
    answer: TeamsAnswer = TeamsAnswer()


STALE = "stale"
"""The tag that an attempt's trace keeps of :class:`Stale`."""


class Stale(msgspec.Struct, frozen=True, tag=STALE):
    """Not done: the conversation is gone; a new one has to be created."""

    answer: TeamsAnswer = TeamsAnswer()


class Unreachable(msgspec.Struct, frozen=True, tag="unreachable"):
    """Not done, and not to be until the person comes back."""

    reason: Reason
    answer: TeamsAnswer = TeamsAnswer()


class Rejected(msgspec.Struct, frozen=True, tag="rejected"):
    """Not done, and our own mistake: it would be refused again."""

    reason: Reason
    answer: TeamsAnswer = TeamsAnswer()


class Unknown(msgspec.Struct, frozen=True, tag="unknown"):
    """The request left us and its fate is not known.

    Sends are not idempotent: a replay may double.
    """

    reason: Reason
    answer: TeamsAnswer = TeamsAnswer()


Outcome = Sent | Throttled | Transient | Stale | Unreachable | Rejected | Unknown


def outcome_tag(of: Outcome) -> str:
    """The outcome's short name, as an attempt's trace keeps it."""
    return str(type(of).__struct_config__.tag)
