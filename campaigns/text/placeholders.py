"""Placeholders: the words in square brackets that become each recipient's own.

``[FIRSTNAME|colleague]`` has a *fallback*: what stands there when a person's own is not known. An
empty one (``[CITY|]``) leaves nothing. Without one, a name that is not known becomes the full name,
or what else is known of the person; anything else becomes nothing.

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
import enum
import re
from collections.abc import Callable, Iterable

import msgspec

from campaigns.text import typed
from campaigns.text.percent import percent_encoded
from campaigns.user import User

_VALUES: dict[str, Callable[[User], str]] = {
    "FIRSTNAME": lambda user: user.profile.given_name,
    "LASTNAME": lambda user: user.profile.surname,
    "FULLNAME": lambda user: user.known_name,
    "EMAIL": lambda user: user.email,
    "DEPARTMENT": lambda user: user.details.department,
    "JOBTITLE": lambda user: user.details.job_title,
    "COUNTRY": lambda user: user.details.country,
    "CITY": lambda user: user.details.city,
}
"""Values of a person; empty when not known."""

_NAMES = frozenset({"FIRSTNAME", "LASTNAME", "FULLNAME"})

_OF_DIRECTORY = ("DEPARTMENT", "JOBTITLE", "COUNTRY", "CITY")
"""Placeholders that only the directory can fill."""

TOKENS = tuple(f"[{name}]" for name in _VALUES)
"""Every placeholder as an author types it."""

_OTHER_WORDS = {
    "FORENAME": "FIRSTNAME",
    "GIVENNAME": "FIRSTNAME",
    "FAMILYNAME": "LASTNAME",
    "SURNAME": "LASTNAME",
    "NAME": "FULLNAME",
    "TOWN": "CITY",
    "JOB": "JOBTITLE",
}

_CLOSE = 0.8
"""Difflib's ratio; one letter too few or too many, or two changed places, is above it."""

_LONGEST_NAME = 40

TOKEN_PATTERN = rf"\[(?:{'|'.join(_VALUES)})(?:\|[^\[\]\n]*)?\]"
"""A placeholder, as a regular expression without groups."""

_PLACEHOLDER = re.compile(
    rf"(?<!\\)\[(?P<name>{'|'.join(_VALUES)})(?:\|(?P<fallback>[^\[\]\n]*))?\](?P<link>(?=\())?"
)
# A bare address, or the target of a link.
_ADDRESS_OR_PLACEHOLDER = re.compile(
    rf"(?P<address>(?:\b(?:https?://|mailto:)|(?<=\]\())(?:{TOKEN_PATTERN}|[^\s)>])+)"
    rf"|{_PLACEHOLDER.pattern}"
)
_BRACKETED = re.compile(r"(?<!\\)\[([^\[\]\n]{2,})\](?!\()")
_NESTED = re.compile(rf"(?<!\\)\[(?:{'|'.join(_VALUES)})\|[^\[\]\n]*\[")
_CAPITALS = re.compile(r"[^\W\d_][\w-]+")


def unknown(text: str) -> list[str]:
    """Returns the placeholders in ``text`` that nothing fills, as typed and in order, each once."""
    return [
        f"[{inner}]"
        for inner in dict.fromkeys(_BRACKETED.findall(text))
        if len(name := inner.partition("|")[0]) <= _LONGEST_NAME
        and name not in _VALUES
        and (_in_capitals(name) or _meant(name))
    ]


def meant(token: str) -> str | None:
    """Returns the placeholder of which this unknown one is likely a misspelling, or None."""
    typed_name, bar, fallback = token.removeprefix("[").removesuffix("]").partition("|")
    name = _meant(typed_name)
    return f"[{name}{bar}{fallback}]" if name else None


def has_nested(text: str) -> bool:
    """Returns True when a fallback has a bracket in it, which ends it too early."""
    return _NESTED.search(text) is not None


def used(text: str) -> bool:
    """Returns True when ``text`` has any placeholder to fill."""
    return _PLACEHOLDER.search(text) is not None


def removed(text: str) -> str:
    """Returns the text without its placeholders."""
    return _PLACEHOLDER.sub("", text)


def without_fallback(texts: Iterable[str]) -> list[str]:
    """Returns the placeholders in these texts that only the directory fills, without a fallback.

    Each is returned once.
    """
    names = {
        match["name"]
        for text in texts
        for match in _PLACEHOLDER.finditer(text)
        if match["fallback"] is None
    }
    return [f"[{name}]" for name in _OF_DIRECTORY if name in names]


class Place(enum.Enum):
    """Surroundings of a placeholder, which decide how its value is made safe."""

    MARKDOWN = "markdown"
    LINK = "link"
    """The text of a link in Markdown."""
    ADDRESS = "address"
    PLAIN = "plain"
    """Text that is shown as it is, such as a button's."""


class Slot(msgspec.Struct, frozen=True):
    """A place in a text that becomes each recipient's own."""

    name: str
    fallback: str | None = None
    place: Place = Place.MARKDOWN

    @property
    def token(self) -> str:
        """Placeholder as an author types it."""
        return f"[{self.name}]" if self.fallback is None else f"[{self.name}|{self.fallback}]"

    def value(self, user: User, escape: Callable[[str], str]) -> str:
        """Returns the text for this recipient; see :func:`fill`."""
        return self.filler(escape)(user)

    def filler(self, escape: Callable[[str], str]) -> Callable[[User], str]:
        """Returns a function that does the same for many recipients, with one look-up."""
        own, fallback = _VALUES[self.name], self.fallback
        full_name = fallback is None and self.name in _NAMES
        safe = self._safe(escape)

        def value(user: User) -> str:
            return safe(own(user) or fallback or (user.full_name if full_name else ""))

        return value

    def _safe(self, escape: Callable[[str], str]) -> Callable[[str], str]:
        match self.place:
            case Place.MARKDOWN:
                return escape
            case Place.LINK:
                return lambda own: f"[{escape(own)}]"
            case Place.ADDRESS:
                return percent_encoded
            case Place.PLAIN:
                return typed.one_line


def parse(text: str, place: Place = Place.MARKDOWN) -> list[str | Slot]:
    """Splits the text into parts that are the same for everyone, and the slots between.

    :param place: kind of text. In Markdown, addresses and links are told apart.
    """
    if place is not Place.MARKDOWN:
        return [part for part in _slots(text, place) if part]
    parts: list[str | Slot] = []
    end = 0
    for match in _ADDRESS_OR_PLACEHOLDER.finditer(text):
        parts.append(text[end : match.start()])
        end = match.end()
        if match["address"] is None:
            linked = Place.MARKDOWN if match["link"] is None else Place.LINK
            parts.append(Slot(match["name"], match["fallback"], linked))
        else:
            parts += _slots(match["address"], Place.ADDRESS)
    parts.append(text[end:])
    return [part for part in parts if part]


def fill(text: str, user: User, escape: Callable[[str], str], place: Place = Place.MARKDOWN) -> str:
    """Returns ``text`` for this recipient.

    ``escape`` makes a value safe where Markdown stands; within a web address a value is
    percent-encoded instead, and in plain text it stands as it is, on one line.
    """
    return "".join(
        part.value(user, escape) if isinstance(part, Slot) else part for part in parse(text, place)
    )


def _slots(text: str, place: Place) -> list[str | Slot]:
    parts: list[str | Slot] = []
    end = 0
    for match in _PLACEHOLDER.finditer(text):
        parts += [text[end : match.start()], Slot(match["name"], match["fallback"], place)]
        end = match.end()
    return [*parts, text[end:]]


def _in_capitals(inner: str) -> bool:
    word = typed.one_line(inner)
    return _CAPITALS.fullmatch(word) is not None and word.isupper()


def _meant(inner: str) -> str | None:
    word = re.sub(r"[\W_]", "", typed.without_unseen(inner)).upper()
    if word in _OTHER_WORDS:
        return _OTHER_WORDS[word]
    close = difflib.get_close_matches(word, _VALUES, n=1, cutoff=_CLOSE)
    return close[0] if close else None
