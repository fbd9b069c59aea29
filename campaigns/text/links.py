"""Web addresses that authors type: checks of the targets of links, buttons and pictures."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from campaigns.errors import Refusal
from campaigns.refusals.text import AddressStart, TextField, TextRefusal, TooLong, WrongLink
from campaigns.text import placeholders

LIMIT = 2_000
"""Most characters of an address. Every browser accepts addresses of this length."""

LINKS = ("https", "http", "mailto", "tel")
"""Schemes of links in a text. Other ones might run something."""

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
# Text that is no link is skipped as a whole, so that nothing is read twice however it is repeated.
_TARGET = re.compile(
    rf"(?<!\\)\]\(\s*+<?(?:((?:{placeholders.TOKEN_PATTERN}|\([^\s()>]*+\)|[^\s)>])++)>?"
    # A title without an end counts as a title, so that its link is checked.
    rf"(?:\s++[\"'(][^)\n]{{0,1000}}+(?:(?=[^)\n])|\s*+\))|\s*+\))|[^\s)>]*+)"
)
_DEFINED = re.compile(r"^ {0,3}\[[^\]\n]+\]:[ \t]*<?([^\s>]+)", re.MULTILINE)
_AUTOLINK = re.compile(r"<([A-Za-z][A-Za-z0-9+.-]*:[^\s<>]*)>")
_LINK_PATTERNS = (_TARGET, _DEFINED, _AUTOLINK)
# Clients ignore these characters in an address, so "java\tscript:" is a scheme, too.
_IGNORED = re.compile(r"[\x00-\x20\x7f\u200b-\u200f\ufeff]")


def problem(address: str, schemes: tuple[str, ...] = ("https",)) -> Refusal | None:
    """Returns the problem of an address; None when it can be used.

    A placeholder may stand in the address, but not in the name of its host.

    :param schemes: the schemes that are allowed, in lower case.
    """
    if len(address) > LIMIT:
        return TooLong(TextField.ADDRESS, len(address), LIMIT)
    plain = _without_placeholders(address)
    scheme = _SCHEME.match(_IGNORED.sub("", plain))
    if scheme is None or scheme[1].lower() not in schemes:
        return AddressStart(schemes)
    if _IGNORED.search(plain):
        return TextRefusal.ADDRESS_WITH_SPACES
    if scheme[1].lower() not in ("http", "https"):
        return None
    try:
        host = urlsplit(plain).hostname
    except ValueError:
        host = None
    if not host:
        return TextRefusal.ADDRESS_INCOMPLETE
    if "\ufffc" in urlsplit(plain).netloc:
        return TextRefusal.PLACEHOLDER_IN_HOST
    return None


def markdown_problem(text: str) -> Refusal | None:
    """Returns the problem of the first wrong link in a Markdown text; None when there is none."""
    targets = (address for pattern in _LINK_PATTERNS for address in pattern.findall(text))
    for target in filter(None, targets):
        wrong = problem(target, LINKS)
        if wrong is not None:
            return WrongLink(target, wrong)
    return None


def _without_placeholders(address: str) -> str:
    """Returns the address with a mark in place of each placeholder; no address has that mark."""
    return "".join(
        part if isinstance(part, str) else "\ufffc"
        for part in placeholders.parse(address, placeholders.Place.ADDRESS)
    )
