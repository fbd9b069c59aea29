"""Secrets of this installation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol


class Secrets(Protocol):
    """What this installation alone knows. Never in a log, a card or an answer."""

    async def get_or_keep(self, name: str, value: bytes) -> bytes:
        """The secret of this name: what was kept at first, by whichever process, else ``value``,
        which is kept from now on.
        """
        ...

    async def everything(self) -> Mapping[str, bytes]:
        """All secrets by their names; for moving them out."""
        ...
