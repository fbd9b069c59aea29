"""Shows a bad value to the operator without giving a secret away."""

_SHOWN_CHARACTERS = 80


def hidden(_value: str) -> str:
    """Shows nothing of the value."""
    return "(hidden)"


def scheme_only(value: str) -> str:
    """Shows a store without its password, which may be anywhere in a mistyped store."""
    scheme, colon, _ = value.partition(":")
    if scheme == "tinydb" or not (colon or "@" in value):
        return repr(value)
    return repr(f"{scheme}:…") if colon and "@" not in scheme else "(hidden)"


def without_user(value: str) -> str:
    """Shows an address, unless it may have a user name or a password in it."""
    return "(hidden)" if "@" in value else repr(value)


def shortened(shown: str) -> str:
    """Cuts the text to at most 80 characters."""
    return shown if len(shown) <= _SHOWN_CHARACTERS else f"{shown[: _SHOWN_CHARACTERS - 1]}…"
