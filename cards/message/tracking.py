"""Link tracking: every link of a message leads through this bot, which records who followed it.

It works on any rendered card: on buttons that open an address, wherever they are, and on links in
the Markdown of texts. An address that is written out in a text stays direct, since people would see
the replacement.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator
from typing import Any

import msgspec

from campaigns.campaign import Campaign
from campaigns.seal import TOKEN_LIMIT, Seal, Target, link_id, packed
from campaigns.user import User
from cards.elements import Json
from cards.message.marks import Fill, Marks
from cards.size import LIMIT, size_in_bytes

_ADDRESS = r"https?://(?:[^\s()<>]|\([^\s()<>]*\))+"
_WEB = re.compile(rf"{_ADDRESS}", re.IGNORECASE)
_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")

_RECIPIENT = 150
"""Characters kept free for a recipient's id in a token. The ids of Entra take 51."""


class Link(msgspec.Struct, frozen=True):
    """A link of a campaign, the same for all recipients."""

    id: str
    label: str
    """The button's title or the link's text, as the author wrote it."""
    address: str
    """The address as the author wrote it."""


class Tracking:
    """Leads the links of messages through this bot, so that clicks are counted.

    :param public_url: the address of this bot from outside, without a slash at the end.
    :param personal: False gives everyone the same link, so that a click does not tell its person.
    """

    def __init__(self, public_url: str, seal: Seal, *, personal: bool = True) -> None:
        self._base = f"{public_url}/r/"
        self._seal = seal
        self.personal = personal

    def bind(self, campaign: Campaign, card: Json, marks: Marks) -> tuple[Link, ...]:
        """Replaces the card's links by links through the bot, and returns the replaced ones.

        It changes the card itself: each address becomes a mark, which the recipient's own link will
        replace. A link stays direct when it is too long, or when the card would become too big.
        """
        room = LIMIT - size_in_bytes(card)
        bound: dict[str, Link] = {}

        def replaced(label: str, address: str) -> str | None:
            nonlocal room
            written = marks.as_written(address)
            link = Link(link_id(written), marks.as_written(label), written)
            target = Target(campaign.tenant_id, campaign.counts_for, link.id, address)
            longest = len(self._base) + len(packed(target)) + 2 * _RECIPIENT
            room -= 2 * (longest - len(address))
            if longest > TOKEN_LIMIT or room < 0:
                return None
            bound.setdefault(link.id, link)
            return self._link(target, marks)

        _rewrite(card, marks, replaced)
        return tuple(bound.values())

    def _link(self, target: Target, marks: Marks) -> str:
        """Returns the text that replaces an address: a mark, or a link that is everyone's."""
        base = self._base.encode()
        seal, personal = self._seal, self.personal
        parts = marks.parts(target.address)
        # Without placeholders in the address, all recipients have the same target.
        common_target = packed(target) if len(parts) == 1 else b""
        if common_target and not personal:
            return (base + seal.click(common_target, packed(""))).decode("ascii")

        def own(user: User) -> bytes:
            own_target = common_target or packed(
                msgspec.structs.replace(target, address=marks.filled(parts, user))
            )
            return base + seal.click(own_target, packed(user.id if personal else ""))

        return marks.add(Fill(own, needs_profile=not common_target))


def links_of(card: Json) -> list[Link]:
    """Returns the links of a card, each address once."""
    links: dict[str, Link] = {}

    def note(label: str, address: str) -> None:
        links.setdefault(address, Link(link_id(address), label, address))

    _rewrite(card, Marks(), note)
    return list(links.values())


Replace = Callable[[str, str], str | None]
"""A function that takes a link's label and address, and returns the address to put in its place, or
None to keep it."""


def _rewrite(card: Json, marks: Marks, replace: Replace) -> None:
    for part in _objects(card):
        kind = part.get("type")
        if kind == "Action.OpenUrl" and isinstance(url := part.get("url"), str):
            if _WEB.fullmatch(url.strip()):
                title = part.get("title")
                label = title if isinstance(title, str) else ""
                part["url"] = replace(label, url.strip()) or url
        elif kind == "TextBlock" and isinstance(text := part.get("text"), str) and "(" in text:
            part["text"] = _links_in_text(marks).sub(lambda match: _relinked(match, replace), text)


def _links_in_text(marks: Marks) -> re.Pattern[str]:
    """Returns a pattern for Markdown links. A link's text may be a placeholder's mark, which has no
    brackets around it: its value brings them.
    """
    label = rf"(?<![\\!])\[(?P<label>(?:[^\[\]\\]|\\.)*)\]|(?P<mark>{marks.pattern})"
    return re.compile(
        rf"(?:{label})\((?P<address>{_ADDRESS})(?P<rest>\s+(?:\"[^\"]*\"|'[^']*'))?\)",
        re.IGNORECASE,
    )


def _relinked(match: re.Match[str], replace: Replace) -> str:
    address = html.unescape(_ESCAPED.sub(r"\1", match["address"]))
    replacement = replace(match["label"] or match["mark"] or "", address)
    if replacement is None:
        return match[0]
    before = match[0][: match.start("address") - match.start()]
    return f"{before}{replacement}{match['rest'] or ''})"


def _objects(value: object) -> Iterator[dict[str, Any]]:
    """Yields every object of the card, but not the data that buttons carry."""
    if isinstance(value, dict):
        yield value
        for key, item in value.items():
            if key != "data":
                yield from _objects(item)
    elif isinstance(value, list):
        for item in value:
            yield from _objects(item)
