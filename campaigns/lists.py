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
"""Characters, as for a campaign's name."""

ADDRESS_LIMIT = 10_000
"""Addresses on one list: checked in well under a second, and half a megabyte as a document."""


class DistributionList(msgspec.Struct, frozen=True, kw_only=True):
    """A list of one tenant.

    ``revision`` counts the saved changes; it is 0 until the first save.
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
    """Addresses found in a text. No piece that may be an address is left out."""

    valid: tuple[str, ...] = ()
    invalid: tuple[str, ...] = ()
    """Pieces that are no addresses, as typed, but without invisible characters."""

    double: tuple[str, ...] = ()
    """Addresses that came more than once; they are in ``valid`` once."""


def parse_addresses(text: str) -> Addresses:
    """Reads addresses in any common separation: commas, semicolons, lines, tabs, spaces.

    Understands ``Doe, Jane <jane@example.com>`` (as Outlook copies it), ``mailto:``, and rows of a
    table in which one cell is an address. Names before a bracket and the other cells of a row are
    left out. Quotes, brackets and full stops around an address are removed.
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
    """Returns the one address that was typed, as it is kept; None for none or several."""
    addresses = parse_addresses(text)
    if len(addresses.valid) != 1 or addresses.invalid:
        return None
    return addresses.valid[0]


def create(
    tenant_id: str,
    list_id: str,
    *,
    name: str,
    addresses: Iterable[str],
    author_id: str,
    now: datetime,
) -> DistributionList:
    """Returns a new list of addresses that :func:`parse_addresses` found valid.

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
    known: DistributionList, *, name: str, addresses: Iterable[str], now: datetime
) -> DistributionList:
    """Returns the list with another name and other people.

    Raises Invalid as :func:`create` does.
    """
    return msgspec.structs.replace(
        known, name=checked_name(name), addresses=checked_addresses(addresses), updated_at=now
    )


def checked_name(name: str) -> str:
    """Returns the name as it is kept. Raises Invalid for an empty or too long one."""
    return typed.checked_name(name, limit=NAME_LIMIT, missing=ListRefusal.NO_NAME)


def checked_addresses(addresses: Iterable[str]) -> tuple[str, ...]:
    """Returns the addresses as they are kept. Raises Invalid for none, or too many."""
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
    """Yields the pieces of a text that may be one address each."""
    # NFKC turns East Asian full-width signs and no-break spaces into plain ones.
    plain = unicodedata.normalize("NFKC", _JOINERS.sub("", typed.without_unseen(text)))
    for line in plain.splitlines():
        cells = line.split("\t")
        with_address = [cell for cell in cells if "@" in cell]
        # A row of a table: the other cells are a name, a department, ...
        is_row = len(with_address) == 1 and ";" not in line
        yield from _pieces_of_line(with_address[0] if is_row else line)


def _pieces_of_line(line: str) -> Iterator[str]:
    end = 0
    for bracketed in _BRACKETED.finditer(line):
        before, _, name = line[end : bracketed.start()].rpartition(";")
        end = bracketed.end()
        yield from _separated(before)
        address = bracketed[1].strip()
        # "Doe, Jane" before a bracket is a name. So is the address itself, which Outlook writes
        # there for people without a name. Another address counts as an address.
        yield from (
            word
            for word in _separated(name)
            if re.search(r"\S@\S", word) and not _same(word, address)
        )
        yield address or (name + bracketed[0]).strip()
    yield from _separated(line[end:])


def _same(piece: str, other: str) -> bool:
    """Returns True when both are the same address; False when either is none."""
    address = _address(piece)
    return address is not None and address == _address(other)


def _separated(text: str) -> Iterator[str]:
    for piece in _SEPARATORS.split(text):
        if "@" in piece:
            yield from piece.split()
        elif piece.strip(_AROUND):
            yield piece.strip()


def _address(piece: str) -> str | None:
    """Returns the address in a piece, as it is kept; None when the piece is no address."""
    bare = piece.strip(_AROUND)
    link = _MAILTO.fullmatch(bare)
    if link:
        bare = link[1].strip(_AROUND)
    bare = bare.lower()
    # The library refuses these endings, because Internet mail does not reach them. That does not
    # matter here: addresses are looked up among users, and nothing is mailed to them.
    ending = next((end for end in _NOT_ON_THE_INTERNET if bare.endswith(end)), "")
    accepted = bare.removesuffix(ending) + ".example" if ending else bare
    try:
        address = validate_email(accepted, check_deliverability=False).normalized
    except EmailNotValidError:
        return None
    return (address.removesuffix(".example") + ending if ending else address).lower()
