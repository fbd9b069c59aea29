"""Secrets of this installation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol


class Secrets(Protocol):
    """Keys that this installation alone knows. They are never in a log, a card or an answer."""

    async def get_or_keep(self, name: str, value: bytes) -> bytes:
        """Returns the secret of this name; keeps ``value`` when there is none.

        The value that was kept first stays, whichever process kept it.
        """
        ...

    async def everything(self) -> Mapping[str, bytes]:
        """Returns all secrets by name; for moving them out."""
        ...
