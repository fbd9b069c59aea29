"""Errors in JSON, in words for people who do not write programs."""

from __future__ import annotations

import json

_CURLY = "“”„‟«»\u2018\u2019"

_WORDS = {
    "Expecting value": "a value is missing",
    "Expecting property name enclosed in double quotes": (
        'a name in straight quotation marks ("...") is missing'
    ),
    "Expecting ',' delimiter": "a comma or a closing bracket is missing",
    "Expecting ':' delimiter": "a colon is missing",
    "Extra data": "the card has ended, and something follows it",
    "Unterminated string starting at": "a text begins that does not end",
    "Invalid control character at": "a text has a line break or a tab in it",
}
"""Causes, by the message of the parser."""

_ODD_ESCAPE = "what follows the backslash is not known"
_COMMA_TOO_MANY = "there is a comma too many"


def why_not_json(text: str) -> str:
    """Returns a sentence about the first error: *In line 3, at character 14, a colon is missing.*

    :param text: a text that is no valid JSON.
    """
    try:
        json.loads(text)
    except json.JSONDecodeError as error:
        return _sentence(text, error)
    except RecursionError:
        return "It is nested too deeply."
    return "It has a value that JSON does not know, such as NaN."


def _sentence(text: str, error: json.JSONDecodeError) -> str:
    place = f"in line {error.lineno:,}, at character {error.colno:,}, "
    if not text.startswith(("{", "[")):
        return "A card begins with { and ends with }."
    cause = _cause(text, error)
    if not cause:
        return "It ends too early, as if a part had not been copied."
    return f"{place[0].upper()}{place[1:]}{cause}."


def _cause(text: str, error: json.JSONDecodeError) -> str:
    """Returns the words for the cause; empty when the text seems to be cut off."""
    rest = text[error.pos :].lstrip()
    known = _WORDS.get(error.msg, "")
    if not rest or error.msg.startswith("Unterminated string"):
        return "" if not rest or "\n" not in rest else known
    if rest[0] in _CURLY:
        return f'a curly quotation mark ({rest[0]}) stands where a straight one (") has to'
    before = text[: error.pos].rstrip()
    if before.endswith(",") and rest[0] in "}],":
        return _COMMA_TOO_MANY
    if "trailing comma" in error.msg:
        # Newer versions of Python name this themselves, and point at the comma.
        return _COMMA_TOO_MANY
    if "escape" in error.msg:
        return _ODD_ESCAPE
    return known or "there is something that JSON does not know"
