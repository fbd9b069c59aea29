"""What stands between a delivery whose time has come and its being sent: the campaign's schedule;
and for a correction of a survey, that the person has answered.

Campaigns that are merely sent, now or later, have no gate, and pay nothing for it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol

import msgspec

from campaigns.campaign import Campaign, Purpose
from campaigns.delivery import Delivery
from campaigns.ledger import ledger
from campaigns.outcome import Reason
from campaigns.schedule import schedule
from campaigns.schedule.presence import Fallback, Later, Presence, PresenceRule
from campaigns.schedule.schedule import Schedule
from campaigns.user import User
from delivery.sending.presences import Looks
from delivery.starting.surveys import home_of
from storage.base import Store
from storage.errors import StoreError


class Gate(Protocol):
    """The gate of one campaign that is being sent."""

    @property
    def looks(self) -> bool:
        """Whether it is looked who is there."""
        ...

    def knows(self, user_ids: Collection[str]) -> bool:
        """Whether all of these were looked for a moment ago."""
        ...

    async def hold_back(
        self,
        claimed: Sequence[Delivery],
        users: Mapping[str, User],
        soon: Collection[str],
        now: datetime,
    ) -> dict[str, Delivery]:
        """The rows of those of these claimed deliveries that are not to be sent now, by recipient.

        :param soon: recipients whose turn comes next.
        """
        ...


class ScheduleGate:
    """Who is not to be disturbed, or not there, is sent it later."""

    def __init__(self, tenant_id: str, of: Schedule, looks: Looks) -> None:
        self._tenant_id = tenant_id
        self._schedule = of
        self._looks = looks

    @property
    def looks(self) -> bool:
        return self._schedule.rule is not PresenceRule.WHENEVER

    def knows(self, user_ids: Collection[str]) -> bool:
        return all(self._looks.knows(self._tenant_id, user_id) for user_id in user_ids)

    async def hold_back(
        self,
        claimed: Sequence[Delivery],
        users: Mapping[str, User],
        soon: Collection[str],
        now: datetime,
    ) -> dict[str, Delivery]:
        # Of whoever can't be reached any more, that is found out at once.
        zones = {of.id: of.time_zone for of in users.values() if of.reachable}
        seen: Mapping[str, Presence] | None = {}
        if self.looks:
            # Who is not to be disturbed at this hour need not be looked for.
            wanted = [of for of in zones if schedule.is_open(self._schedule, zones[of], now)]
            seen = await self._looks.look(self._tenant_id, wanted, soon)
        by = self._schedule
        if seen is None and self._looks.is_throttled(self._tenant_id):
            # That is over soon, so nobody has to be sent it unseen.
            by = msgspec.structs.replace(by, fallback=Fallback.WAIT)
        held: dict[str, Delivery] = {}
        for row in claimed:
            if row.recipient_id not in zones:
                continue
            presence = None if seen is None else seen.get(row.recipient_id)
            follows = schedule.held_back(by, row, zones[row.recipient_id], presence, now)
            if follows is None:
                continue
            held[row.recipient_id] = (
                ledger.postponed(row, follows.at, follows.waiting)
                if isinstance(follows, Later)
                else ledger.taken_off(row, follows.reason, follows.waiting, now)
            )
        return held


class AnsweredGate:
    """Whoever has answered has the thank-you in place of the survey, with the only way to change
    their answers; a correction would put the empty questions there again.
    """

    looks = False

    def __init__(self, store: Store, correction: Campaign) -> None:
        self._store = store
        self._correction = correction

    def knows(self, user_ids: Collection[str]) -> bool:
        return True

    async def hold_back(
        self,
        claimed: Sequence[Delivery],
        users: Mapping[str, User],
        soon: Collection[str],
        now: datetime,
    ) -> dict[str, Delivery]:
        rows = {row.recipient_id: row for row in claimed}
        try:
            home = await home_of(self._store, self._correction)
            if home is None:
                return {}
            answered = await self._store.responses.answered(home.key, rows)
        except StoreError:
            # Not known just now; and nothing has left.
            return {of: ledger.released(row) for of, row in rows.items()}
        return {of: ledger.left_out(rows[of], Reason.ANSWERED, now) for of in answered}


def gate_of(campaign: Campaign, store: Store, looks: Looks) -> Gate | None:
    """None: what is due is sent."""
    if campaign.survey is not None and campaign.follow_up.purpose is Purpose.CORRECT:
        return AnsweredGate(store, campaign)
    of = campaign.schedule
    if of is None or not of.holds_back:
        return None
    return ScheduleGate(campaign.tenant_id, of, looks)
