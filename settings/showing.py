"""Shows a bad value to the operator without giving a secret away."""

import re

_SHOWN_CHARACTERS = 80

_WORD = re.compile(r"[^\s,;'\"]{16,}")
_GUID = re.compile(r"\{?[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\}?", re.IGNORECASE)


def plainly(value: str) -> str:
    """Shows a value of a variable that has no secret, unless a secret was put there by mistake."""
    return "(hidden)" if _has_secret(value) else repr(value)


def hidden(_value: str) -> str:
    """Shows nothing of the value."""
    return "(hidden)"


def scheme_only(value: str) -> str:
    """Shows a store without its password, which may be anywhere in a mistyped store."""
    scheme, colon, _ = value.partition(":")
    if scheme == "tinydb" or not (colon or "@" in value):
        return plainly(value)
    return repr(f"{scheme}:…") if colon and "@" not in scheme else "(hidden)"


def without_user(value: str) -> str:
    """Shows an address, unless it may have a user name or a password in it."""
    return "(hidden)" if "@" in value else plainly(value)


def shortened(shown: str) -> str:
    """Cuts the text to at most 80 characters."""
    return shown if len(shown) <= _SHOWN_CHARACTERS else f"{shown[: _SHOWN_CHARACTERS - 1]}…"


def _has_secret(value: str) -> bool:
    """True for a text that may have a client secret in it, or a password within an address."""
    if "@" in value and "://" in value:
        return True
    return any(
        # Secrets are long and have all kinds of characters. An address has an @, a path slashes.
        not _GUID.fullmatch(word)
        and not re.search(r"[@/\\]", word)
        and all(re.search(kind, word) for kind in ("[a-z]", "[A-Z]", "[0-9]"))
        for word in _WORD.findall(value)
    )
