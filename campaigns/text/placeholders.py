"""Placeholders: words in square brackets that are replaced by each recipient's own values.

``[FIRSTNAME|colleague]`` has a *fallback*, which stands there when the person's value is not known.
An empty fallback (``[CITY|]``) leaves nothing. Without a fallback, a name that is not known becomes
the full name, or what else is known of the person. Any other value becomes nothing.

Placeholders are filled wherever they stand, because the Markdown of Teams' cards has no code in
which they could be meant literally. In a web address the value is percent-encoded. A placeholder
that is a link's text (``[FIRSTNAME](https://...)``) leaves it a link.

A word of two or more capitals in brackets that nothing fills (``[COMPANY]``) is an unknown
placeholder. So is a word that looks like a misspelt placeholder (``[Firstname]``,
``[FIRST NAME]``). Any other text in brackets is just text: ``[x]``, ``[1]``, ``[^1]``,
``[see below]``, the text of a link (``[HR](https://...)``), and a bracket behind a backslash
(``\\[HR]``), as in Markdown.
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
"""Functions that read a person's value, by the placeholder's name. They return an empty text when
the value is not known."""

_NAMES = frozenset({"FIRSTNAME", "LASTNAME", "FULLNAME"})

_FROM_DIRECTORY = ("DEPARTMENT", "JOBTITLE", "COUNTRY", "CITY")
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
"""Words that people type for a placeholder, with the one that they mean."""

_CLOSE = 0.8
"""Least difflib ratio of a misspelling. A word with one letter too few or too many, or with two
letters in changed places, is above it."""

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
    """Returns the placeholder that the author of this unknown one probably meant, or None."""
    typed_name, bar, fallback = token.removeprefix("[").removesuffix("]").partition("|")
    name = _meant(typed_name)
    return f"[{name}{bar}{fallback}]" if name else None


def has_nested(text: str) -> bool:
    """Returns True when a fallback has a bracket in it, which would end it too early."""
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
    return [f"[{name}]" for name in _FROM_DIRECTORY if name in names]


class Place(enum.Enum):
    """Kind of text in which a placeholder stands. It decides how the value is made safe."""

    MARKDOWN = "markdown"
    LINK = "link"
    """The text of a link in Markdown."""
    ADDRESS = "address"
    PLAIN = "plain"
    """Text that is shown as it is, such as a button's."""


class Slot(msgspec.Struct, frozen=True):
    """A placeholder in a parsed text."""

    name: str
    fallback: str | None = None
    place: Place = Place.MARKDOWN

    @property
    def token(self) -> str:
        """The placeholder as an author types it."""
        return f"[{self.name}]" if self.fallback is None else f"[{self.name}|{self.fallback}]"

    def value(self, user: User, escape: Callable[[str], str]) -> str:
        """Returns the safe value for this recipient; see :func:`fill`."""
        return self.filler(escape)(user)

    def filler(self, escape: Callable[[str], str]) -> Callable[[User], str]:
        """Returns a function like :meth:`value` for many recipients, with one look-up for all."""
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
    """Splits the text into the parts that are the same for everyone, and the slots between them.

    :param place: the kind of text. In Markdown, slots in an address or a link get a place of their
        own.
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
    """Returns ``text`` with its placeholders filled for this recipient.

    :param escape: makes a value safe in Markdown. In a web address the value is percent-encoded
        instead. In plain text it stands as it is, on one line.
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
