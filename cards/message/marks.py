"""Marks in a card: they stand for the parts that differ by recipient.

So the card is rendered once, and only the marks are replaced for each recipient.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Sequence

import msgspec

from campaigns.text import placeholders
from campaigns.text.placeholders import Place, Slot
from campaigns.user import User
from cards.markdown import escape

_encode = msgspec.json.Encoder().encode


class Fill(msgspec.Struct, frozen=True):
    """The text that replaces a mark."""

    own: Callable[[User], bytes]
    """Function that returns a recipient's own text as JSON, without quotes around it."""
    needs_profile: bool = False
    """True when the text is made from the recipient's profile."""


class Marks:
    """The marks of one card. They contain a random key, so no author can have typed one."""

    def __init__(self) -> None:
        self._key = uuid.uuid4().hex
        self._fills: list[Fill] = []
        self._slots: dict[int, Slot] = {}
        self.pattern = rf"{self._key}\.\d+\."
        """Regular expression that matches a mark."""

    def add(self, fill: Fill) -> str:
        """Returns a new mark, which the fill will replace."""
        self._fills.append(fill)
        return f"{self._key}.{len(self._fills) - 1}."

    def marked(self, place: Place, text: str) -> str:
        """Returns a text with a mark in the place of each placeholder."""
        parts = placeholders.parse(text, place)
        return "".join(self.slot(part) if isinstance(part, Slot) else part for part in parts)

    def slot(self, slot: Slot) -> str:
        """Returns the mark of a slot. Equal slots share a mark."""
        for number, known in self._slots.items():
            if known == slot:
                return f"{self._key}.{number}."
        value = slot.filler(escape)
        mark = self.add(Fill(lambda user: _encode(value(user))[1:-1], needs_profile=True))
        self._slots[len(self._fills) - 1] = slot
        return mark

    def parts(self, text: str) -> Sequence[str | Slot]:
        """Splits a text with marks into text that is the same for everyone, and slots."""
        return [
            self._slots[int(part)] if index % 2 else part
            for index, part in enumerate(re.split(rf"{self._key}\.(\d+)\.", text))
        ]

    def filled(self, parts: Sequence[str | Slot], user: User) -> str:
        """Returns the text of these parts for a recipient."""
        return "".join(
            part.value(user, escape) if isinstance(part, Slot) else part for part in parts
        )

    def as_written(self, text: str) -> str:
        """Returns the text with its placeholders as the author typed them."""
        return "".join(part.token if isinstance(part, Slot) else part for part in self.parts(text))

    def split(self, encoded: bytes) -> tuple[list[bytes], list[Fill], list[int]]:
        """Splits an encoded card at its marks.

        Returns three lists: the pieces between the marks; the fills in use, each once; and for each
        gap between two pieces, the index of its fill in the second list.
        """
        pieces = re.split(rb"%b\.(\d+)\." % self._key.encode(), encoded)
        numbers = [int(number) for number in pieces[1::2]]
        # Some marks are gone: those in a link's address are now part of the link's own fill.
        used = {number: index for index, number in enumerate(dict.fromkeys(numbers))}
        return (
            pieces[::2],
            [self._fills[number] for number in used],
            [used[number] for number in numbers],
        )
