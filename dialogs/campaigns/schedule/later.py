"""Scheduling a campaign for one time."""

from __future__ import annotations

from msgspec.structs import replace

from campaigns.campaign import Campaign
from campaigns.errors import Invalid
from campaigns.refusals.schedule import ScheduleRefusal
from campaigns.schedule.schedule import checked_start
from cards import actions
from cards.campaigns import schedule as cards
from cards.refusals.words import problems_in_words
from cards.view import NO_ERRORS, Errors, Notice
from dialogs.campaigns.schedule.form import (
    USUAL_TIME,
    Fields,
    as_before,
    day_of,
    new_schedule,
    proposed_day,
    time_of_day,
)
from dialogs.campaigns.schedule.scheduling import Scheduling
from dialogs.context import Context
from dialogs.routes import Routes
from dialogs.turn import Reply, Turn, show


class SendLaterDialog:
    """Asks for a day and a time, and schedules the campaign."""

    def __init__(self, context: Context, scheduling: Scheduling) -> None:
        self._context = context
        self._scheduling = scheduling

    def routes(self) -> Routes:
        return {
            actions.OpenSendLater: self.open,
            actions.SendLater: self.schedule,
        }

    async def open(self, turn: Turn, action: actions.OpenSendLater) -> Reply:
        campaign = await self._scheduling.find(turn, action)
        form = actions.SendLater(
            campaign=campaign.id,
            revision=campaign.revision,
            day=proposed_day(turn, self._context),
            time=USUAL_TIME,
        )
        return self._form(turn, campaign, as_before(form, campaign.schedule))

    async def schedule(self, turn: Turn, action: actions.SendLater) -> Reply:
        campaign = await self._scheduling.find(turn, action)
        zone = self._context.zone(turn.user)
        fields = Fields()
        day = fields.read("day", lambda: day_of(action.day), ScheduleRefusal.NOT_A_DAY)
        start_time = fields.read(
            "time", lambda: time_of_day(action.time), ScheduleRefusal.NOT_A_TIME
        )
        start = turn.at
        if day is not None and start_time is not None:
            try:
                start = checked_start(
                    day, start_time, zone, now=turn.at, days=self._context.days_ahead
                )
            except Invalid as error:
                fields.problems |= error.problems
        if fields.problems:
            errors = problems_in_words(fields.problems)
            return self._form(turn, campaign, replace(action, known=""), errors=errors)
        return await self._scheduling.schedule(
            turn,
            campaign,
            action,
            new_schedule(turn, action, start=start, zone=zone.key),
            lambda form, notice: self._form(turn, campaign, form, notice=notice),
        )

    def _form(
        self,
        turn: Turn,
        campaign: Campaign,
        form: actions.SendLater,
        *,
        errors: Errors = NO_ERRORS,
        notice: Notice | None = None,
    ) -> Reply:
        view = cards.send_later(
            campaign,
            form,
            zone=self._context.zone(turn.user),
            now=turn.at,
            days_ahead=self._context.days_ahead,
            errors=errors,
            notice=notice,
        )
        return show(view)
