"""Classifies answers of the Bot Connector: call, HTTP status, code and text -> outcome.

:data:`_TABLE` is all that is known of Teams' answers. It is read from the top, and the first row
that fits decides. *Not known* has its rows, too. What was certainly refused is tried again, because
Teams refuses messages in passing that it takes a moment later. What may have been done is in doubt.

Pure and total. No other module knows Teams' error codes.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Callable, Container, Mapping
from datetime import datetime

import msgspec

from campaigns.outcome import (
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
from teams.parsing import codes_of, identifier, json_of, message_of, retry_after, text_of


class Call(enum.Enum):
    """The calls to the Bot Connector. The same answer may mean different things to them."""

    SEND = "send"
    UPDATE = "update"
    DELETE = "delete"
    OPEN = "open"
    PROFILE = "profile"


def classify(
    status: int,
    headers: Mapping[str, str],
    body: bytes,
    *,
    now: datetime | None = None,
    call: Call = Call.SEND,
) -> Outcome:
    """Returns the outcome of a call that was answered with ``status``.

    A 2xx is *sent* even when its body is cut or has no id: the message has arrived, and only its id
    is lost. Every other answer is looked up in the table.

    :param headers: names in any case.
    :param body: may be cut off, HTML, or not text at all.
    :param now: aware; without it a ``Retry-After`` that is a date is ignored.
    :param call: the call that was answered.
    """
    text = text_of(body)
    content = json_of(text)
    if 200 <= status < 300:
        return Sent(identifier(content.get("id")) if isinstance(content, dict) else "")
    code = _code(list(codes_of(content)), text)
    answer = TeamsAnswer(status=status, code=code, message=message_of(content, text))
    for row in _TABLE:
        if row.fits(call, status, code.lower(), text):
            outcome = row.outcome(answer)
            break
    else:
        outcome = Unknown(Reason.NO_ANSWER, answer)
    if isinstance(outcome, Throttled):
        return msgspec.structs.replace(outcome, retry_after=retry_after(headers, now))
    return outcome


class _Row(msgspec.Struct, frozen=True):
    calls: Container[Call]
    statuses: Container[int]
    outcome: Callable[[TeamsAnswer], Outcome]
    codes: Container[str] | None = None
    """In lower case; "" is an answer without a code. None: any."""
    text: re.Pattern[str] | None = None
    """Has to be found in the body."""

    def fits(self, call: Call, status: int, code: str, text: str) -> bool:
        return (
            call in self.calls
            and status in self.statuses
            and (self.codes is None or code in self.codes)
            and (self.text is None or self.text.search(text) is not None)
        )


def _throttled(answer: TeamsAnswer) -> Outcome:
    return Throttled(None, answer)


def _stale(answer: TeamsAnswer) -> Outcome:
    return Stale(answer)


def _transient(reason: Reason) -> Callable[[TeamsAnswer], Outcome]:
    return lambda answer: Transient(reason, answer)


def _unreachable(reason: Reason) -> Callable[[TeamsAnswer], Outcome]:
    return lambda answer: Unreachable(reason, answer)


def _rejected(reason: Reason) -> Callable[[TeamsAnswer], Outcome]:
    return lambda answer: Rejected(reason, answer)


def _unknown(reason: Reason) -> Callable[[TeamsAnswer], Outcome]:
    return lambda answer: Unknown(reason, answer)


_ANY = frozenset(Call)
_WITH_MESSAGE = frozenset({Call.SEND, Call.UPDATE})
_OF_EARLIER = frozenset({Call.UPDATE, Call.DELETE})
"""Calls about a message that was sent before."""

_REFUSALS = (400, 403, 404)
"""Statuses with which Teams sends its codes, not always the one that the code is documented for."""

# Codes, in lower case. 209 is the number that comes with MessageWritesBlocked, at times alone.
_BLOCKED = frozenset({"conversationblockedbyuser", "messagewritesblocked", "209"})
_NOT_INSTALLED = frozenset(
    {"forbiddenoperationexception", "botnotinconversationroster", "membernotfoundinconversation"}
)
_SWITCHED_OFF = frozenset({"botdisabledbyadmin"})
_NO_CHAT = frozenset({"conversationnotfound"})
_NO_MESSAGE = frozenset({"activitynotfoundinconversation", "activitynotfound", "messagenotfound"})
_WRONG_HOST = frozenset({"invalidbotapihost"})
_TOO_BIG = frozenset({"messagesizetoobig"})
_MALFORMED = frozenset({"badargument", "badsyntax", "missingproperty"})

# Texts. BadArgument is also said of a chat or a person that Teams could not make out just then.
_OF_THE_CHAT = re.compile(
    r"decrypt|conversation|pairwise|user identity|tenant|roster|member", re.IGNORECASE
)
_OF_THE_MESSAGE_ID = re.compile(
    r"not a known activity|unknown activity ?id|invalid activity ?id"
    r"|(activity|message) (was |is )?(not found|does(n't| not) exist)",
    re.IGNORECASE,
)
_UNKNOWN = re.compile(r"\bunknown", re.IGNORECASE)
_NO_PAGE = re.compile(r"\A\s*(\{.*)?\Z", re.DOTALL)
"""JSON or nothing. A page comes from a server on the way, which knows no chats."""

_TABLE = (
    # --- Not done, and Teams or something before it says so.
    _Row(_ANY, (429,), _throttled),
    _Row(_ANY, (409, 412, 421, 423, 425), _transient(Reason.NOT_DONE)),
    # Redirects are not followed: they would take the token to an unchecked host. With 303 the
    # request was carried out, so it is not here.
    _Row(_ANY, (301, 302, 307, 308, 407), _transient(Reason.NOT_CONNECTED)),
    # --- Perhaps done. A known code does not turn an unknown fate into a known one.
    _Row(_ANY, (408, 499), _unknown(Reason.NO_ANSWER)),
    # The service does not know this call, and will not know it next time.
    _Row(_OF_EARLIER, (501,), _rejected(Reason.BAD_REQUEST)),
    _Row(_ANY, range(500, 1_000), _unknown(Reason.SERVER_ERROR)),
    # --- Our sign-in, our address.
    _Row(_ANY, (401,), _rejected(Reason.UNAUTHORISED)),
    _Row(_ANY, _REFUSALS, _rejected(Reason.WRONG_HOST), _WRONG_HOST),
    # --- The person.
    _Row(_ANY, _REFUSALS, _unreachable(Reason.BLOCKED), _BLOCKED),
    _Row(_ANY, _REFUSALS, _unreachable(Reason.NOT_INSTALLED), _NOT_INSTALLED),
    _Row(_ANY, _REFUSALS, _unreachable(Reason.DISABLED_BY_ADMIN), _SWITCHED_OFF),
    # --- The chat.
    _Row(_ANY, _REFUSALS, _stale, _NO_CHAT),
    # --- The message that is corrected or recalled.
    _Row(_OF_EARLIER, _REFUSALS, _rejected(Reason.MESSAGE_GONE), _NO_MESSAGE),
    _Row(_OF_EARLIER, _REFUSALS, _rejected(Reason.MESSAGE_GONE), text=_OF_THE_MESSAGE_ID),
    _Row(_OF_EARLIER, (410,), _rejected(Reason.MESSAGE_GONE)),
    # Teams says this of messages that are gone, and at times in passing of others. So the engine
    # asks again before it believes it.
    _Row(_OF_EARLIER, (403,), _transient(Reason.MESSAGE_GONE), ("unknown", "unknownerror")),
    _Row(_OF_EARLIER, (403,), _transient(Reason.MESSAGE_GONE), ("serviceerror",), _UNKNOWN),
    # --- A chat that is gone without a code.
    _Row(_ANY, (404,), _stale, ("",), _NO_PAGE),
    _Row((Call.SEND,), (410,), _stale),
    # --- The message that we send.
    _Row(_WITH_MESSAGE, (413,), _rejected(Reason.TOO_BIG)),
    _Row(_WITH_MESSAGE, _REFUSALS, _rejected(Reason.TOO_BIG), _TOO_BIG),
    _Row(_WITH_MESSAGE, (400,), _transient(Reason.REFUSED), _MALFORMED, _OF_THE_CHAT),
    _Row(_WITH_MESSAGE, (400,), _rejected(Reason.BAD_REQUEST), _MALFORMED),
    # --- Everything else. Refused for certain, nobody knows why; or nobody knows anything.
    _Row(_ANY, range(400, 500), _transient(Reason.REFUSED)),
    _Row(_ANY, range(-1_000, 400), _unknown(Reason.NO_ANSWER)),
)

_TELLING = frozenset().union(
    _BLOCKED, _NOT_INSTALLED, _SWITCHED_OFF, _NO_CHAT, _NO_MESSAGE, _WRONG_HOST, _TOO_BIG
)
"""Codes that tell more than those around them."""
_GENERAL = _MALFORMED
"""Codes that may stand around one that tells more."""


def _named(codes: frozenset[str]) -> re.Pattern[str]:
    names = sorted((code for code in codes if not code.isdigit()), key=len, reverse=True)
    return re.compile("|".join(names), re.IGNORECASE)


_SEARCHES = ((_TELLING, _named(_TELLING)), (_GENERAL, _named(_GENERAL)))


def _code(codes: list[str], text: str) -> str:
    """Returns a code that we know, wherever it is in the body; else the outermost code."""
    for known, named in _SEARCHES:
        for code in codes:
            if code.lower() in known:
                return code
        if found := named.search(text):
            return found[0]
    return codes[0] if codes else ""
