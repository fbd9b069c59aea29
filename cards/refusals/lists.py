"""Words for mistakes in a distribution list."""

from __future__ import annotations

from campaigns.refusals.lists import ListRefusal, NotAddresses, TooManyAddresses
from cards.lists import SHOWN, shortened
from cards.refusals.base import Words


def _not_addresses(reason: NotAddresses) -> str:
    shown = ", ".join(map(shortened, reason.pieces[:SHOWN]))
    return f"None of this is an e-mail address: {shown}"


WORDS: Words = {
    ListRefusal.NO_NAME: "Give the list a name.",
    ListRefusal.NO_ADDRESS: "Add at least one e-mail address.",
    TooManyAddresses: "A list has at most {limit:,} addresses; this one has {number:,}.",
    NotAddresses: _not_addresses,
}
