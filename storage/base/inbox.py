"""Presses and messages that several processes may be told of."""

from __future__ import annotations

from typing import Protocol


class Inbox(Protocol):
    """What people's clients have sent, so that one thing told to several processes is acted on
    once.
    """

    async def begin(self, key: str, owner: str) -> bytes | None:
        """None when it is for this owner to act, who says :meth:`answered` or :meth:`failed` then;
        or else the answer that it was given, waited for if somebody else is at it.

        Raises Unavailable when that takes too long.
        """
        ...

    async def answered(self, key: str, owner: str, answer: bytes) -> None:
        """What to answer whoever is told of it within the next ten minutes."""
        ...

    async def failed(self, key: str, owner: str) -> None:
        """It may be begun anew."""
        ...
