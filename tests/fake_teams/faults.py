"""What a test can script the fake to do instead of its usual answer."""

from __future__ import annotations

from typing import Any

import msgspec


class Reply(msgspec.Struct, frozen=True, tag=True):
    """An answer. Whether the message arrived follows from the status, unless ``done`` says it."""

    status: int
    code: str = ""
    message: str = "Scripted by the test."
    retry_after: float | str | None = None
    """Seconds, or an HTTP date."""
    body: bytes | dict[str, Any] | None = None
    """In place of the usual error body."""
    headers: dict[str, str] = {}
    done: bool | None = None
    """True: the message arrived all the same, as Teams is known to do with some 5xx."""

    @property
    def arrived(self) -> bool:
        return self.status < 300 if self.done is None else self.done


class CutOff(msgspec.Struct, frozen=True, tag=True):
    """The connection is cut after the whole request was read."""

    in_body: bool = False
    """True: cut in the middle of the answer's body, after status and headers."""
    done: bool = True
    """The message arrived."""
    status: int = 201


class Slow(msgspec.Struct, frozen=True, tag=True):
    """The message is dealt with, but the answer keeps the caller waiting."""

    seconds: float
    then: Reply | CutOff | None = None
    """None: the usual answer."""


Fault = Reply | CutOff | Slow


def error_body(code: str, message: str) -> dict[str, Any]:
    """As the Bot Connector writes an error."""
    return {"error": {"code": code, "message": message}}
