"""Reads bodies and headers of answers: total, so nothing here raises, whatever comes.

A body may be cut off, an HTML page of something on the way, or not text at all. All texts that come
out can be kept by every store.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import msgspec

from campaigns.text.typed import one_line

LONGEST_RETRY_AFTER = 86_400.0
"""Seconds; no real service asks for more than a day."""
LONGEST_ID = 1_000
"""Characters of an id that Teams gives; its own have some 20 to 200."""
_DEEPEST = 8
"""Levels of nesting in which codes are looked for."""
_LARGEST_NUMBER = 10**9
"""Numbers beyond this are no codes."""

_CODE_KEYS = ("code", "errorCode", "subCode")
_TAG = re.compile(r"<[^>]*>")
_NOT_UTF_8 = re.compile("[\udc80-\udcff]")
_READ = 6_000
"""Characters of a text that are looked at to make a message of it."""


def text_of(body: bytes) -> str:
    """Returns the body as text: UTF-8, and bytes that are not UTF-8 as ISO-8859-1.

    Some gateways write names and errors in the encoding of their machine. Read like this, a name
    with an accent is right in both.
    """
    text = body.decode("utf-8", "surrogateescape").removeprefix("\ufeff")
    return text if text.isascii() else _NOT_UTF_8.sub(_as_iso_8859_1, text)


def json_of(text: str) -> Any:
    """Returns the value that this JSON stands for; None when it is none."""
    try:
        return msgspec.json.decode(text)
    except (ValueError, RecursionError):
        # ValueError also covers text that can't be encoded. Too deep is a RecursionError.
        return None


def identifier(value: Any) -> str:
    """Returns an id that Teams gave; empty when it is none that can be kept and used again."""
    if not isinstance(value, str) or len(value) > LONGEST_ID or not value.isprintable():
        return ""
    return value.strip() and value


def codes_of(content: Any, depth: int = 0) -> Iterator[str]:
    """Yields all codes in the body, outermost first. Looks into texts that are JSON, too."""
    if depth > _DEEPEST:
        return
    if isinstance(content, str) and content.lstrip().startswith("{"):
        content = json_of(content)
    if isinstance(content, list):
        for part in content:
            yield from codes_of(part, depth + 1)
    if not isinstance(content, dict):
        return
    for key in _CODE_KEYS:
        if code := _code(content.get(key)):
            yield code
    for part in content.values():
        yield from codes_of(part, depth + 1)


def message_of(content: Any, text: str) -> str:
    """Returns what the answer says in words, on one line and without tags."""
    if isinstance(content, dict):
        error = content.get("error")
        for holder in (error if isinstance(error, dict) else {}, content):
            message = holder.get("message")
            if isinstance(message, str) and message:
                return _plain(message)
    return _plain(text)


def retry_after(headers: Mapping[str, str], now: datetime | None) -> float | None:
    """Returns seconds from now; None when the header is missing or not understood.

    :param now: aware; without it a date is not understood.
    """
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


def _as_iso_8859_1(escaped: re.Match[str]) -> str:
    return chr(ord(escaped[0]) - 0xDC00)


def _code(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) <= _LARGEST_NUMBER:
        return str(value)
    return ""


def _plain(text: str) -> str:
    return one_line(_TAG.sub(" ", text[:_READ]))


def _seconds_until(date: str, now: datetime | None) -> float:
    if now is None:
        return math.nan
    try:
        then = parsedate_to_datetime(date)
        # An HTTP date is in GMT; Python leaves it naive when it is written "-0000".
        aware = then if then.tzinfo is not None else then.replace(tzinfo=UTC)
        return (aware - now).total_seconds()
    except (ValueError, TypeError, OverflowError, IndexError):
        # The parser in Python's library raises each of these for some header or other.
        return math.nan
