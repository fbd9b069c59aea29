"""Classifies answers of the Bot Connector: HTTP status, headers and body -> outcome.

Pure. No other module knows Teams' error codes.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

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

LONGEST_MESSAGE = 300
"""Characters that are kept of a message of the service: the ledger has one for each delivery."""
LONGEST_RETRY_AFTER = 86_400.0
"""Seconds; no real service asks for more than a day."""
_DEEPEST = 8
"""Levels of nesting in which codes are looked for."""

_UNREACHABLE = {
    "conversationblockedbyuser": Reason.BLOCKED,
    "messagewritesblocked": Reason.BLOCKED,
    # The number that comes with MessageWritesBlocked, at times without the name.
    "209": Reason.BLOCKED,
    "botdisabledbyadmin": Reason.DISABLED_BY_ADMIN,
    "forbiddenoperationexception": Reason.NOT_INSTALLED,
    "botnotinconversationroster": Reason.NOT_INSTALLED,
    "membernotfoundinconversation": Reason.NOT_INSTALLED,
}
_STALE = "conversationnotfound"
_REJECTED = {
    "invalidbotapihost": Reason.WRONG_HOST,
    "messagesizetoobig": Reason.TOO_BIG,
    "badargument": Reason.BAD_REQUEST,
    "activitynotfoundinconversation": Reason.MESSAGE_GONE,
    "messagenotfound": Reason.MESSAGE_GONE,
}
_KNOWN = {*_UNREACHABLE, _STALE, *_REJECTED}
_NAMED = re.compile("|".join(sorted(code for code in _KNOWN if not code.isdigit())), re.IGNORECASE)
_CODE_KEYS = ("code", "errorCode", "subCode")
_TAG = re.compile(r"<[^>]*>")


def classify(
    status: int, headers: Mapping[str, str], body: bytes, *, now: datetime | None = None
) -> Outcome:
    """Returns the outcome of a call that was answered with ``status``.

    The status decides. For 400, 403 and 404 the code in the body decides between several outcomes.
    A 2xx is *sent* even when its body is cut or has no id: the message has arrived, and only its id
    is lost.

    :param headers: names in any case.
    :param body: may be cut off, HTML, or not text at all.
    :param now: aware; without it a ``Retry-After`` that is a date is ignored.
    """
    content = _content(body)
    if 200 <= status < 300:
        return Sent(activity_id=_id(content))
    text = body.decode("utf-8", "replace")
    code = _code(content, text)
    answer = TeamsAnswer(status=status, code=code, message=_message(content, text))
    if status == 429:
        return Throttled(retry_after=_retry_after(headers, now), answer=answer)
    if status == 412:
        return Transient(Reason.NOT_DONE, answer)
    if status == 408:
        return Unknown(Reason.NO_ANSWER, answer)
    if status >= 500:
        return Unknown(Reason.SERVER_ERROR, answer)
    if status == 401:
        return Rejected(Reason.UNAUTHORISED, answer)
    if status == 413:
        return Rejected(Reason.TOO_BIG, answer)
    if status < 400:
        # Redirects are not followed: they would take the token to an unchecked host.
        return Rejected(Reason.WRONG_HOST, answer)
    return _by_code(status, code, answer)


def _by_code(status: int, code: str, answer: TeamsAnswer) -> Outcome:
    known = code.lower() if status in (400, 403, 404) else ""
    if known in _UNREACHABLE:
        return Unreachable(_UNREACHABLE[known], answer)
    if known == _STALE or (status == 404 and not code):
        return Stale(answer)
    return Rejected(_REJECTED.get(known, Reason.BAD_REQUEST), answer)


def _content(body: bytes) -> Any:
    try:
        return msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError):
        return None


def _id(content: Any) -> str:
    activity_id = content.get("id") if isinstance(content, dict) else None
    return activity_id if isinstance(activity_id, str) else ""


def _code(content: Any, text: str) -> str:
    """Returns a code that we know, wherever it is in the body; else the outermost code."""
    codes = list(_codes(content, 0))
    for code in codes:
        if code.lower() in _KNOWN:
            return code
    if named := _NAMED.search(text):
        return named[0]
    return codes[0] if codes else ""


def _codes(content: Any, depth: int) -> Iterator[str]:
    """Yields all codes in the body, outermost first. Looks into texts that are JSON, too."""
    if depth > _DEEPEST:
        return
    if isinstance(content, str) and content.lstrip().startswith("{"):
        content = _content(content.encode())
    if isinstance(content, list):
        for part in content:
            yield from _codes(part, depth + 1)
    if not isinstance(content, dict):
        return
    for key in _CODE_KEYS:
        value = content.get(key)
        if isinstance(value, (str, int)) and not isinstance(value, bool) and value != "":
            yield str(value)[:LONGEST_MESSAGE]
    for part in content.values():
        yield from _codes(part, depth + 1)


def _message(content: Any, text: str) -> str:
    if isinstance(content, dict):
        error = content.get("error")
        for holder in (error if isinstance(error, dict) else {}, content):
            message = holder.get("message")
            if isinstance(message, str) and message:
                return _plain(message)
    return _plain(text)


def _plain(text: str) -> str:
    """Returns the text on one line, without tags, cut to ``LONGEST_MESSAGE``."""
    return " ".join(_TAG.sub(" ", text[: 20 * LONGEST_MESSAGE]).split())[:LONGEST_MESSAGE]


def _retry_after(headers: Mapping[str, str], now: datetime | None) -> float | None:
    """Returns seconds from now; None when the header is missing or not understood."""
    values = (value for name, value in headers.items() if name.lower() == "retry-after")
    value = next(values, "").strip()
    if not value:
        return None
    try:
        seconds = float(value)
    except ValueError:
        seconds = _seconds_until(value, now)
    if not math.isfinite(seconds):
        return None
    return min(max(seconds, 0.0), LONGEST_RETRY_AFTER)


def _seconds_until(date: str, now: datetime | None) -> float:
    try:
        then = parsedate_to_datetime(date)
    except ValueError:
        return math.nan
    if now is None:
        return math.nan
    # An HTTP date is in GMT; Python leaves it naive when it is written "-0000".
    aware = then if then.tzinfo is not None else then.replace(tzinfo=UTC)
    return (aware - now).total_seconds()
