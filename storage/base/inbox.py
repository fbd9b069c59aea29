"""Presses and messages that the channel may deliver to several processes."""

from __future__ import annotations

from typing import Protocol


class Inbox(Protocol):
    """Activities from people's clients: one process acts on each, all give the same answer."""

    async def begin(self, key: str, owner: str) -> bytes | None:
        """Returns None when this owner has to act, and then to call ``answered`` or ``failed``.

        Otherwise returns the answer that another owner gave. Waits for it while that owner is at
        work, and raises Unavailable when that takes too long.
        """
        ...

    async def answered(self, key: str, owner: str, answer: bytes) -> None:
        """Keeps the answer for everyone who is told of the activity within the next ten minutes."""
        ...

    async def failed(self, key: str, owner: str) -> None:
        """Lets another owner begin again."""
        ...
