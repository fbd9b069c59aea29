"""What one open store knows of the claims that it holds: which call made each, and which were lost.

The ledger's rows carry the run (the open store) and the call that claimed them. A result is only
written over the claim that it is the result of.
"""

from __future__ import annotations

import itertools
import uuid
from collections.abc import Iterable, Sequence

import msgspec

from campaigns.campaign import CampaignKey
from campaigns.delivery import Delivery


class Held:
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
        """This call has claimed these."""
        self._calls.setdefault(key, {}).update(dict.fromkeys(recipient_ids, call))

    def calls(self, key: CampaignKey, rows: Sequence[Delivery]) -> list[int | None]:
        """The call that claimed each row, which now has its result; None when this run has not.

        When the answer to writing this same result was lost, it is the call as it was then: the
        result may have been written, and the delivery claimed again since.
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
        """Nobody knows whether these results were written; they will be written again."""
        for row, call in zip(rows, calls, strict=True):
            if call is not None:
                self._unsure[key, row.recipient_id] = (row, call)

    def settled(
        self, key: CampaignKey, rows: Sequence[Delivery], calls: Sequence[int | None]
    ) -> None:
        """The results of these calls are written, or not wanted any more."""
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
        """This call failed, and may have claimed something all the same."""
        self._lost.setdefault(key, []).append(LostCall(call, until))

    def lost(self, key: CampaignKey) -> Sequence[LostCall]:
        """What has been lost and not been found."""
        return tuple(self._lost.get(key, ()))

    def found(self, key: CampaignKey, lost: LostCall) -> None:
        """What this call claimed is given back, or it is certain that it claimed nothing."""
        left = [other for other in self._lost.get(key, ()) if other != lost]
        if left:
            self._lost[key] = left
        else:
            self._lost.pop(key, None)

    def drop(self, key: CampaignKey) -> None:
        """The campaign's deliveries are gone."""
        self._calls.pop(key, None)
        self._lost.pop(key, None)
        self._unsure = {place: row for place, row in self._unsure.items() if place[0] != key}


class LostCall(msgspec.Struct, frozen=True):
    """A claim whose answer did not arrive."""

    call: int
    until: float
    """The loop's time at which the server has ended it in any case."""
