"""The claims that one open store holds: which call made each, and which were lost.

The ledger's rows carry the run (the open store) and the call that claimed them. A result is written
only over the claim that it belongs to.
"""

from __future__ import annotations

import itertools
import uuid
from collections.abc import Iterable, Sequence

import msgspec

from campaigns.campaign import CampaignKey
from campaigns.delivery import Delivery


class HeldClaims:
    """The claims of one run, in memory: as many as are under way."""

    def __init__(self) -> None:
        self.run = uuid.uuid4()
        self._numbers = itertools.count(1)
        self._calls: dict[CampaignKey, dict[str, int]] = {}
        self._unsure: dict[tuple[CampaignKey, str], tuple[Delivery, int]] = {}
        self._lost: dict[CampaignKey, list[LostCall]] = {}

    def next_call(self) -> int:
        return next(self._numbers)

    def took(self, key: CampaignKey, recipient_ids: Iterable[str], call: int) -> None:
        """Remembers that this call has claimed these recipients' deliveries."""
        self._calls.setdefault(key, {}).update(dict.fromkeys(recipient_ids, call))

    def calls(self, key: CampaignKey, rows: Sequence[Delivery]) -> list[int | None]:
        """Returns the call that claimed each of these rows; None where this run did not.

        The rows have their results now. When this same result was written before, and the answer
        was lost, it is the call of that time: the result may have been written, and the delivery
        claimed again since.
        """
        held = self._calls.get(key, {})
        return [
            unsure[1]
            if (unsure := self._unsure.get((key, row.recipient_id))) and unsure[0] == row
            else held.get(row.recipient_id)
            for row in rows
        ]

    def unsure(
        self, key: CampaignKey, rows: Sequence[Delivery], calls: Sequence[int | None]
    ) -> None:
        """Remembers results that may or may not have been written; they are written again later."""
        for row, call in zip(rows, calls, strict=True):
            if call is not None:
                self._unsure[key, row.recipient_id] = (row, call)

    def settled(
        self, key: CampaignKey, rows: Sequence[Delivery], calls: Sequence[int | None]
    ) -> None:
        """Forgets these calls' claims: their results are written, or not wanted any more."""
        held = self._calls.get(key, {})
        for row, call in zip(rows, calls, strict=True):
            if held.get(row.recipient_id) == call:
                held.pop(row.recipient_id, None)
            unsure = self._unsure.get((key, row.recipient_id))
            if unsure is not None and unsure[1] == call:
                del self._unsure[key, row.recipient_id]
        if not held:
            self._calls.pop(key, None)

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
        self._calls.pop(key, None)
        self._lost.pop(key, None)
        self._unsure = {place: row for place, row in self._unsure.items() if place[0] != key}


class LostCall(msgspec.Struct, frozen=True):
    """A claim whose answer did not arrive."""

    call: int
    until: float
    """The event loop's time by which the server has ended the call in any case."""
