"""Distribution lists: named, editable sets of people by e-mail address."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from datetime import datetime

import msgspec
from email_validator import EmailNotValidError, validate_email

from campaigns.errors import Invalid
from campaigns.moment import require_aware
from campaigns.refusals.lists import ListRefusal, TooManyAddresses
from campaigns.text import typed

NAME_LIMIT = 80
"""Characters; as a campaign's name."""

ADDRESS_LIMIT = 10_000
"""Addresses on one list: checked in well under a second, and half a megabyte as a document."""


class DistributionList(msgspec.Struct, frozen=True, kw_only=True):
    """A list of one tenant.

    ``revision`` counts saved changes; 0 is not saved yet.
    """

    tenant_id: str
    id: str
    name: str
    addresses: tuple[str, ...]
    """Lower-cased, each once, in the order in which they were given."""

    author_id: str
    created_at: datetime
    updated_at: datetime
    revision: int = 0

    def __post_init__(self) -> None:
        require_aware(self.created_at, self.updated_at)


class Addresses(msgspec.Struct, frozen=True, kw_only=True):
    """What was found in a text of addresses; nothing that may be one is swallowed."""

    valid: tuple[str, ...] = ()
    invalid: tuple[str, ...] = ()
    """As they were typed, but for invisible characters."""

    double: tuple[str, ...] = ()
    """Addresses that came more than once; they are in ``valid`` once."""


def parse_addresses(text: str) -> Addresses:
    """Addresses pasted in any common separation: commas, semicolons, lines, tabs, spaces.

    Understands ``Doe, Jane <jane@example.com>`` (as Outlook copies it), ``mailto:``, and rows of a
    table in which one cell is an address: the other cells are then left out, like a name before a
    bracket. An address is taken without the quotes, brackets and full stops around it.
    """
    valid: dict[str, None] = {}
    invalid: dict[str, None] = {}
    double: dict[str, None] = {}
    for piece in _pieces(text):
        address = _address(piece)
        if address is None:
            invalid[piece] = None
        elif address in valid:
            double[address] = None
        else:
            valid[address] = None
    return Addresses(valid=tuple(valid), invalid=tuple(invalid), double=tuple(double))


def one_address(text: str) -> str | None:
    """The one address that was typed, as it is kept; None when it is none, or more than one."""
    found = parse_addresses(text)
    if len(found.valid) != 1 or found.invalid:
        return None
    return found.valid[0]


def create(
    tenant_id: str,
    list_id: str,
    *,
    name: str,
    addresses: Iterable[str],
    author_id: str,
    now: datetime,
) -> DistributionList:
    """A new list of addresses as :func:`parse_addresses` found them valid.

    Raises Invalid for an empty or too long name, for no address at all, or for too many.
    """
    return DistributionList(
        tenant_id=tenant_id,
        id=list_id,
        name=checked_name(name),
        addresses=checked_addresses(addresses),
        author_id=author_id,
        created_at=now,
        updated_at=now,
    )


def change(
    of: DistributionList, *, name: str, addresses: Iterable[str], now: datetime
) -> DistributionList:
    """The list with another name and other people.

    Raises Invalid as :func:`create` does.
    """
    return msgspec.structs.replace(
        of, name=checked_name(name), addresses=checked_addresses(addresses), updated_at=now
    )


def checked_name(name: str) -> str:
    """The name as it is kept; raises Invalid for an empty or too long one."""
    return typed.checked_name(name, limit=NAME_LIMIT, missing=ListRefusal.NO_NAME)


def checked_addresses(addresses: Iterable[str]) -> tuple[str, ...]:
    """The addresses as they are kept; raises Invalid for none, or for more than ADDRESS_LIMIT."""
    kept = tuple(dict.fromkeys(address.lower() for address in addresses))
    if not kept:
        raise Invalid("addresses", ListRefusal.NO_ADDRESS)
    if len(kept) > ADDRESS_LIMIT:
        raise Invalid("addresses", TooManyAddresses(len(kept), ADDRESS_LIMIT))
    return kept


_BRACKETED = re.compile(r"<([^<>]*)>")
_SEPARATORS = re.compile("[,;|\t\u3001]+")
_JOINERS = re.compile("[\u200c\u200d]")
_AROUND = " \t<>()[]{}\"'`.:!\u2018\u2019\u201a\u201c\u201d\u201e\u00ab\u00bb\u2039\u203a"
_MAILTO = re.compile(r"mailto:([^?]*)(\?.*)?", re.IGNORECASE)
_NOT_ON_THE_INTERNET = (".local", ".test")


def _pieces(text: str) -> Iterator[str]:
    """What the text consists of, one would-be address each."""
    # NFKC makes of East Asian full-width signs, and of no-break spaces, the plain ones.
    plain = unicodedata.normalize("NFKC", _JOINERS.sub("", typed.without_unseen(text)))
    for line in plain.splitlines():
        cells = line.split("\t")
        with_address = [cell for cell in cells if "@" in cell]
        # A row of a table: the other cells are a name, a department, ...
        is_row = len(with_address) == 1 and ";" not in line
        yield from _of_line(with_address[0] if is_row else line)


def _of_line(line: str) -> Iterator[str]:
    end = 0
    for bracketed in _BRACKETED.finditer(line):
        before, _, name = line[end : bracketed.start()].rpartition(";")
        end = bracketed.end()
        yield from _separated(before)
        address = bracketed[1].strip()
        # "Doe, Jane" before a bracket is a name, and so is the address itself, which Outlook
        # writes there for people it has no name of. Another address is an address.
        yield from (
            word
            for word in _separated(name)
            if re.search(r"\S@\S", word) and not _same(word, address)
        )
        yield address or (name + bracketed[0]).strip()
    yield from _separated(line[end:])


def _same(piece: str, other: str) -> bool:
    """Whether both are the same address; two that are none are not."""
    address = _address(piece)
    return address is not None and address == _address(other)


def _separated(text: str) -> Iterator[str]:
    for piece in _SEPARATORS.split(text):
        if "@" in piece:
            yield from piece.split()
        elif piece.strip(_AROUND):
            yield piece.strip()


def _address(piece: str) -> str | None:
    """The one address that the piece is, as it is kept; None when it is none."""
    bare = piece.strip(_AROUND)
    link = _MAILTO.fullmatch(bare)
    if link:
        bare = link[1].strip(_AROUND)
    bare = bare.lower()
    # Addresses are looked up among users, nothing is mailed to them: so it does not matter whether
    # the Internet's mail would reach them, which the library insists on for these endings.
    ending = next((end for end in _NOT_ON_THE_INTERNET if bare.endswith(end)), "")
    standing_in = bare.removesuffix(ending) + ".example" if ending else bare
    try:
        found = validate_email(standing_in, check_deliverability=False).normalized
    except EmailNotValidError:
        return None
    return (found.removesuffix(".example") + ending if ending else found).lower()
