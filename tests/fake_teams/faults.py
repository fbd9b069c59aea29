"""Faults: answers that a test scripts in place of the usual one."""

from __future__ import annotations

from typing import Any

import msgspec


class Reply(msgspec.Struct, frozen=True, tag=True):
    """An answer. Its status tells whether the message arrived, unless ``done`` does."""

    status: int
    code: str = ""
    message: str = "Scripted by the test."
    retry_after: float | str | None = None
    """Seconds, or an HTTP date."""
    body: bytes | dict[str, Any] | None = None
    """In place of the usual error body."""
    headers: dict[str, str] = {}
    done: bool | None = None
    """True: the message arrived all the same, as happens in Teams with some 5xx."""

    @property
    def arrived(self) -> bool:
        return self.status < 300 if self.done is None else self.done


class CutOff(msgspec.Struct, frozen=True, tag=True):
    """Cuts the connection after the whole request was read."""

    in_body: bool = False
    """True: cut in the middle of the answer's body, after status and headers."""
    done: bool = True
    """True when the message arrived."""
    status: int = 201


class Slow(msgspec.Struct, frozen=True, tag=True):
    """Handles the message, but lets the caller wait for the answer."""

    seconds: float
    then: Reply | CutOff | None = None
    """None: the usual answer."""


Fault = Reply | CutOff | Slow


def error_body(code: str, message: str) -> dict[str, Any]:
    """Returns an error in the form of the Bot Connector."""
    return {"error": {"code": code, "message": message}}
