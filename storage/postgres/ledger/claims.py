"""Claiming calls of one open store whose answers were lost.

The ledger's rows carry the run (the open store) and the call that claimed them. When the answer to
a call is lost, nobody knows which deliveries it has claimed, and nobody sends them. So the next
call gives them back.
"""

from __future__ import annotations

import itertools
import uuid
from collections.abc import Sequence

import msgspec

from campaigns.campaign import CampaignKey


class LostCalls:
    """The calls of one run whose claims have to be given back."""

    def __init__(self) -> None:
        self.run = uuid.uuid4()
        self._numbers = itertools.count(1)
        self._lost: dict[CampaignKey, list[LostCall]] = {}

    def next_call(self) -> int:
        return next(self._numbers)

    def lose(self, key: CampaignKey, call: int, until: float) -> None:
        """Remembers a call that failed, and may have claimed something all the same."""
        self._lost.setdefault(key, []).append(LostCall(call, until))

    def lost(self, key: CampaignKey) -> Sequence[LostCall]:
        """Returns the lost calls whose claims may still be there."""
        return tuple(self._lost.get(key, ()))

    def found(self, key: CampaignKey, lost: LostCall) -> None:
        """Forgets a lost call: its claims are given back, or it certainly claimed nothing."""
        left = [other for other in self._lost.get(key, ()) if other != lost]
        if left:
            self._lost[key] = left
        else:
            self._lost.pop(key, None)

    def drop(self, key: CampaignKey) -> None:
        """Forgets a campaign whose deliveries are gone."""
        self._lost.pop(key, None)


class LostCall(msgspec.Struct, frozen=True):
    """A claim whose answer did not arrive."""

    call: int
    until: float
    """The event loop's time by which the server has ended the call in any case."""
