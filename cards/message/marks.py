"""Marks in a card where each recipient's own stands, so that it is rendered only once."""

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
    """What stands at a mark."""

    own: Callable[[User], bytes]
    """As JSON, without quotes around it."""
    needs_profile: bool = False
    """Whether it says who the recipient is."""


class Marks:
    """The marks of one card. No author can have typed one."""

    def __init__(self) -> None:
        self._key = uuid.uuid4().hex
        self._fills: list[Fill] = []
        self._slots: dict[int, Slot] = {}
        self.pattern = rf"{self._key}\.\d+\."
        """Of a regular expression that finds a mark."""

    def add(self, fill: Fill) -> str:
        """A mark where this is to stand."""
        self._fills.append(fill)
        return f"{self._key}.{len(self._fills) - 1}."

    def marked(self, place: Place, text: str) -> str:
        """A text with a mark in the place of each placeholder."""
        found = placeholders.parse(text, place)
        return "".join(self.slot(part) if isinstance(part, Slot) else part for part in found)

    def slot(self, slot: Slot) -> str:
        """A mark where the value of this placeholder is to stand; the same one has one mark."""
        for number, known in self._slots.items():
            if known == slot:
                return f"{self._key}.{number}."
        value = slot.filler(escape)
        mark = self.add(Fill(lambda user: _encode(value(user))[1:-1], needs_profile=True))
        self._slots[len(self._fills) - 1] = slot
        return mark

    def parts(self, text: str) -> Sequence[str | Slot]:
        """A text with marks as what is the same for everyone, and the slots between."""
        return [
            self._slots[int(part)] if at % 2 else part
            for at, part in enumerate(re.split(rf"{self._key}\.(\d+)\.", text))
        ]

    def filled(self, parts: Sequence[str | Slot], user: User) -> str:
        """Such a text for this recipient."""
        return "".join(
            part.value(user, escape) if isinstance(part, Slot) else part for part in parts
        )

    def as_written(self, text: str) -> str:
        """The text with its placeholders as the author typed them."""
        return "".join(part.token if isinstance(part, Slot) else part for part in self.parts(text))

    def split(self, encoded: bytes) -> tuple[list[bytes], list[Fill], list[int]]:
        """The pieces between the marks; what stands there, each once; and which of these stands
        between each two pieces.
        """
        found = re.split(rb"%b\.(\d+)\." % self._key.encode(), encoded)
        numbers = [int(number) for number in found[1::2]]
        # Not every mark is still there: those of a link's address are in the link's own fill.
        used = {number: place for place, number in enumerate(dict.fromkeys(numbers))}
        return found[::2], [self._fills[of] for of in used], [used[of] for of in numbers]
