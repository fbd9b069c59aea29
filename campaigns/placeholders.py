"""Placeholders: the words in square brackets that become each recipient's own.

They are filled wherever they stand; the Markdown of Teams' cards knows no code in which they could
be meant literally. In a web address their value is percent-encoded; as a link's text
(``[FIRSTNAME](https://...)``) they leave it a link.

A word of two or more capitals in brackets that nothing fills (``[COMPANY]``) is an unknown
placeholder, and so is whatever looks like a misspelt one (``[Firstname]``, ``[FIRST NAME]``). Any
other text in brackets is just text: ``[x]``, ``[1]``, ``[^1]``, ``[see below]``, the text of a link
(``[HR](https://...)``), and a bracket behind a backslash (``\\[HR]``), as Markdown has it.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable

import msgspec

from campaigns import typed
from campaigns.percent import percent_encoded
from campaigns.user import User

_VALUES: dict[str, Callable[[User], str]] = {
    "FIRSTNAME": lambda user: user.profile.given_name or user.full_name,
    "LASTNAME": lambda user: user.profile.surname or user.full_name,
    "FULLNAME": lambda user: user.full_name,
    "EMAIL": lambda user: user.email,
}

TOKENS = tuple(f"[{name}]" for name in _VALUES)
"""Every placeholder as an author types it."""

_OTHER_WORDS = {
    "FORENAME": "FIRSTNAME",
    "GIVENNAME": "FIRSTNAME",
    "FAMILYNAME": "LASTNAME",
    "SURNAME": "LASTNAME",
    "NAME": "FULLNAME",
}

_CLOSE = 0.8
"""Difflib's ratio; one letter too few or too many, or two changed places, is above it."""

_PLACEHOLDER = re.compile(rf"(?<!\\)\[(?P<name>{'|'.join(_VALUES)})\](?P<link>(?=\())?")
_ADDRESS_OR_PLACEHOLDER = re.compile(rf"(?P<address>\bhttps?://[^\s)>]+)|{_PLACEHOLDER.pattern}")
_BRACKETED = re.compile(r"(?<!\\)\[([^\[\]\n]{2,40})\](?!\()")
_CAPITALS = re.compile(r"[^\W\d_][\w-]+")


def unknown(text: str) -> list[str]:
    """The placeholders in ``text`` that nothing fills, as typed and in order, each once."""
    return [
        f"[{inner}]"
        for inner in dict.fromkeys(_BRACKETED.findall(text))
        if inner not in _VALUES and (_in_capitals(inner) or _meant(inner))
    ]


def meant(token: str) -> str | None:
    """The placeholder of which this unknown one is likely a misspelling, or None."""
    name = _meant(token)
    return f"[{name}]" if name else None


def used(text: str) -> bool:
    """Whether ``text`` has any placeholder to fill."""
    return _PLACEHOLDER.search(text) is not None


class Slot(msgspec.Struct, frozen=True):
    """A place in a text that becomes each recipient's own."""

    name: str
    in_address: bool = False
    """Within a web address."""
    in_link: bool = False
    """It is the text of a link."""

    def value(self, user: User, escape: Callable[[str], str]) -> str:
        """What stands here for this recipient; see :func:`fill`."""
        own = _VALUES[self.name](user)
        if self.in_address:
            return percent_encoded(own)
        return f"[{escape(own)}]" if self.in_link else escape(own)


def parse(text: str) -> list[str | Slot]:
    """The text as what is the same for everyone, and the slots between."""
    parts: list[str | Slot] = []
    end = 0
    for match in _ADDRESS_OR_PLACEHOLDER.finditer(text):
        parts.append(text[end : match.start()])
        end = match.end()
        if match["address"] is None:
            parts.append(Slot(match["name"], in_link=match["link"] is not None))
        else:
            parts += _of_address(match["address"])
    parts.append(text[end:])
    return [part for part in parts if part]


def fill(text: str, user: User, escape: Callable[[str], str]) -> str:
    """``text`` for this recipient.

    ``escape`` makes a value safe where the text will stand; within a web address a value is
    percent-encoded instead.
    """
    return "".join(
        part.value(user, escape) if isinstance(part, Slot) else part for part in parse(text)
    )


def _of_address(address: str) -> list[str | Slot]:
    parts: list[str | Slot] = []
    end = 0
    for match in _PLACEHOLDER.finditer(address):
        parts += [address[end : match.start()], Slot(match["name"], in_address=True)]
        end = match.end()
    return [*parts, address[end:]]


def _in_capitals(inner: str) -> bool:
    word = typed.one_line(inner)
    return _CAPITALS.fullmatch(word) is not None and word.isupper()


def _meant(inner: str) -> str | None:
    word = re.sub(r"[\W_]", "", typed.without_unseen(inner)).upper()
    if word in _OTHER_WORDS:
        return _OTHER_WORDS[word]
    close = difflib.get_close_matches(word, _VALUES, n=1, cutoff=_CLOSE)
    return close[0] if close else None
