"""Scheduling a campaign over several days, in the working hours of a window."""

from __future__ import annotations

from datetime import timedelta

from msgspec.structs import replace

from campaigns.campaign import Campaign
from campaigns.errors import Invalid
from campaigns.refusals.schedule import DaysNotANumber, FirstDayTooFarAhead, ScheduleRefusal
from campaigns.schedule import windows
from campaigns.schedule.windows import Hours, Window
from cards import actions
from cards.campaigns import schedule as cards
from cards.refusals.words import problems_in_words
from cards.view import NO_ERRORS, Errors, Notice
from dialogs.campaigns.schedule.form import (
    Fields,
    as_before,
    day_of,
    new_schedule,
    proposed_day,
    time_of_day,
    weekdays,
    whole_number,
)
from dialogs.campaigns.schedule.scheduling import Scheduling
from dialogs.context import Context
from dialogs.routes import Routes
from dialogs.turn import Reply, Turn, show


class SendOverDaysDialog:
    """Asks for a window, and schedules the campaign over it."""

    def __init__(self, context: Context, scheduling: Scheduling) -> None:
        self._context = context
        self._scheduling = scheduling

    def routes(self) -> Routes:
        return {
            actions.OpenSendOverDays: self.open,
            actions.SendOverDays: self.schedule,
        }

    async def open(self, turn: Turn, action: actions.OpenSendOverDays) -> Reply:
        campaign = await self._scheduling.find(turn, action)
        before = campaign.schedule.window if campaign.schedule is not None else None
        hours = before.hours if before is not None else Hours()
        form = actions.SendOverDays(
            campaign=campaign.id,
            revision=campaign.revision,
            first_day=proposed_day(turn, self._context),
            days=str(before.days if before is not None else 3),
            opens=f"{hours.opens:%H:%M}",
            closes=f"{hours.closes:%H:%M}",
            weekdays=",".join(map(str, hours.weekdays)),
            country=hours.country,
            zone="own" if before is not None and before.own_zones else "organisation",
        )
        return self._form(campaign, as_before(form, campaign.schedule))

    async def schedule(self, turn: Turn, action: actions.SendOverDays) -> Reply:
        campaign = await self._scheduling.find(turn, action)
        window, errors = self._window(turn, action)
        if window is None or errors:
            return self._form(campaign, replace(action, known=""), errors=errors)
        start = windows.starts_at(window, turn.at).replace(microsecond=0)
        return await self._scheduling.schedule(
            turn,
            campaign,
            action,
            new_schedule(turn, action, start=start, zone=window.zone, window=window),
            lambda form, notice: self._form(campaign, form, notice=notice),
        )

    def _form(
        self,
        campaign: Campaign,
        form: actions.SendOverDays,
        *,
        errors: Errors = NO_ERRORS,
        notice: Notice | None = None,
    ) -> Reply:
        zone = self._context.time_zone
        return show(cards.send_over_days(campaign, form, zone=zone, errors=errors, notice=notice))

    def _window(self, turn: Turn, form: actions.SendOverDays) -> tuple[Window | None, Errors]:
        """Returns the typed window, and the mistakes in it, by field."""
        fields = Fields()
        if form.zone not in ("", "own", "organisation"):
            fields.problems["zone"] = ScheduleRefusal.NOT_A_CHOICE
        first_day = fields.read(
            "first_day", lambda: day_of(form.first_day), ScheduleRefusal.NOT_A_DAY
        )
        opens = fields.read("opens", lambda: time_of_day(form.opens), ScheduleRefusal.NOT_A_TIME)
        closes = fields.read("closes", lambda: time_of_day(form.closes), ScheduleRefusal.NOT_A_TIME)
        days = fields.read(
            "days",
            lambda: whole_number(form.days),
            DaysNotANumber(windows.MOST_DAYS),
        )
        days_of_week = fields.read(
            "weekdays", lambda: weekdays(form.weekdays), ScheduleRefusal.NOT_WEEKDAYS
        )
        days_ahead, zone = self._context.days_ahead, self._context.time_zone
        last = (turn.at + timedelta(days=days_ahead)).astimezone(zone)
        if first_day is not None and first_day > last.date():
            fields.problems["first_day"] = FirstDayTooFarAhead(days_ahead, last.date())
        if (
            first_day is None
            or days is None
            or opens is None
            or closes is None
            or days_of_week is None
        ):
            return None, problems_in_words(fields.problems)
        window = Window(
            first_day=first_day,
            days=days,
            hours=Hours(
                opens=opens,
                closes=closes,
                weekdays=days_of_week,
                country="" if form.country == "none" else form.country,
            ),
            zone=zone.key,
            own_zones=form.zone == "own",
        )
        try:
            checked = windows.checked(window, turn.at)
        except Invalid as error:
            return None, problems_in_words({**error.problems, **fields.problems})
        return checked, problems_in_words(fields.problems)
