"""Gates, which hold back deliveries that are due.

One gate follows the campaign's schedule. Another keeps the correction of a survey from people who
have answered it. Campaigns that are merely sent, now or later, have no gate, and pay nothing for
it.
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
from campaigns.schedule.presence import Fallback, Later, Presence, PresenceRule
from campaigns.schedule.schedule import Schedule, held_back, is_open
from campaigns.user import User
from delivery.sending.presences import Looks
from delivery.starting.surveys import home_of
from storage.base import Store


class Gate(Protocol):
    """The gate of one campaign that is being sent."""

    @property
    def looks(self) -> bool:
        """True when this gate checks presence."""
        ...

    def knows(self, user_ids: Collection[str]) -> bool:
        """Returns True when the presence of all these people was checked a moment ago."""
        ...

    async def hold_back(
        self,
        claimed: Sequence[Delivery],
        users: Mapping[str, User],
        soon: Collection[str],
        now: datetime,
    ) -> dict[str, Delivery]:
        """Returns the rows of claimed deliveries that are not to be sent now, by recipient.

        Raises StoreError when the store can't tell.

        :param users: the recipients, by id.
        :param soon: recipients whose turn comes next.
        """
        ...


class ScheduleGate:
    """Postpones recipients who are away or outside their hours."""

    def __init__(self, tenant_id: str, schedule: Schedule, looks: Looks) -> None:
        self._tenant_id = tenant_id
        self._schedule = schedule
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
        # Recipients who can't be reached any more are let through: the attempt finds that out.
        zones = {user.id: user.time_zone for user in users.values() if user.reachable}
        seen: Mapping[str, Presence] | None = {}
        if self.looks:
            # Recipients outside their hours are not written to, wherever they are.
            wanted = [
                user_id for user_id, zone in zones.items() if is_open(self._schedule, zone, now)
            ]
            seen = await self._looks.look(self._tenant_id, wanted, soon)
        schedule = self._schedule
        if seen is None and self._looks.is_throttled(self._tenant_id):
            # Throttling ends soon. So recipients wait, and nobody gets the message without a look.
            schedule = msgspec.structs.replace(schedule, fallback=Fallback.WAIT)
        held: dict[str, Delivery] = {}
        for row in claimed:
            if row.recipient_id not in zones:
                continue
            presence = None if seen is None else seen.get(row.recipient_id)
            follows = held_back(schedule, row, zones[row.recipient_id], presence, now)
            if follows is None:
                continue
            held[row.recipient_id] = (
                ledger.postponed(row, follows.at, follows.waiting)
                if isinstance(follows, Later)
                else ledger.taken_off(row, follows.reason, follows.waiting, now)
            )
        return held


class AnsweredGate:
    """Leaves out recipients who have answered the survey.

    In their chats the thank-you stands in place of the survey, with the only way to change their
    answers. A correction would put the empty questions there again.
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
        home = await home_of(self._store, self._correction)
        if home is None:
            return {}
        answered = await self._store.responses.answered(home.key, rows)
        return {
            user_id: ledger.left_out(rows[user_id], Reason.ANSWERED, now) for user_id in answered
        }


def gate_of(campaign: Campaign, store: Store, looks: Looks) -> Gate | None:
    """Returns the campaign's gate; None: all due deliveries are sent."""
    if campaign.survey is not None and campaign.follow_up.purpose is Purpose.CORRECT:
        return AnsweredGate(store, campaign)
    schedule = campaign.schedule
    if schedule is None or not schedule.holds_back:
        return None
    return ScheduleGate(campaign.tenant_id, schedule, looks)
