"""Scheduling a campaign repeatedly: weekly or monthly."""

from __future__ import annotations

import uuid

from msgspec.structs import replace

from campaigns.campaign import Campaign
from campaigns.errors import Invalid
from campaigns.refusals.schedule import ScheduleRefusal
from campaigns.schedule import recurrence as recurrences
from campaigns.schedule.recurrence import Every, Recurrence, Series
from cards import actions
from cards.campaigns import schedule as cards
from cards.refusals.words import errors_of, problems_in_words
from cards.view import NO_ERRORS, Errors, Notice
from dialogs.campaigns.schedule.form import (
    USUAL_TIME,
    Fields,
    as_before,
    day_of,
    new_schedule,
    numbers,
    time_of_day,
    weekdays,
    whole_number,
)
from dialogs.campaigns.schedule.scheduling import Scheduling
from dialogs.context import Context
from dialogs.routes import Routes
from dialogs.turn import Reply, Turn, show


class RepeatDialog:
    """Asks for days and a time, and schedules the first campaign of a series."""

    def __init__(self, context: Context, scheduling: Scheduling) -> None:
        self._context = context
        self._scheduling = scheduling

    def routes(self) -> Routes:
        return {
            actions.OpenRepeat: self.open,
            actions.Repeat: self.schedule,
        }

    async def open(self, turn: Turn, action: actions.OpenRepeat) -> Reply:
        campaign = await self._scheduling.find(turn, action)
        today = turn.at.astimezone(self._context.zone(turn.user)).date()
        form = actions.Repeat(
            campaign=campaign.id,
            revision=campaign.revision,
            every=action.every,
            weekdays=str(today.weekday()),
            month_days=str(today.day),
            time=USUAL_TIME,
        )
        return self._form(turn, campaign, as_before(form, campaign.schedule))

    async def schedule(self, turn: Turn, action: actions.Repeat) -> Reply:
        campaign = await self._scheduling.find(turn, action)
        zone = self._context.zone(turn.user).key
        recurrence, errors = _recurrence(turn, action, zone)
        start = recurrences.following(recurrence, turn.at) if recurrence is not None else None
        if recurrence is None or start is None or errors:
            return self._form(turn, campaign, replace(action, known=""), errors=errors)
        series = Series(id=uuid.uuid4().hex, recurrence=recurrence)
        return await self._scheduling.schedule(
            turn,
            campaign,
            action,
            new_schedule(turn, action, start=start, zone=zone, series=series),
            lambda form, notice: self._form(turn, campaign, form, notice=notice),
        )

    def _form(
        self,
        turn: Turn,
        campaign: Campaign,
        form: actions.Repeat,
        *,
        errors: Errors = NO_ERRORS,
        notice: Notice | None = None,
    ) -> Reply:
        zone = self._context.zone(turn.user)
        return show(cards.repeat(campaign, form, zone=zone, errors=errors, notice=notice))


def _recurrence(turn: Turn, form: actions.Repeat, zone: str) -> tuple[Recurrence | None, Errors]:
    """Returns the typed days and time, and the mistakes in them, by field."""
    fields = Fields()
    start_time = fields.read("time", lambda: time_of_day(form.time), ScheduleRefusal.NOT_A_TIME)
    days = (
        fields.read("weekdays", lambda: weekdays(form.weekdays), ScheduleRefusal.NOT_WEEKDAYS)
        if form.every == "week"
        else fields.read(
            "month_days",
            lambda: numbers(form.month_days),
            ScheduleRefusal.NOT_MONTH_DAYS,
        )
    )
    until = (
        fields.read("until", lambda: day_of(form.until), ScheduleRefusal.NOT_A_LAST_DAY)
        if form.until.strip()
        else None
    )
    times = (
        fields.read("times", lambda: whole_number(form.times), ScheduleRefusal.NOT_A_NUMBER)
        if str(form.times).strip()
        else None
    )
    if until is not None and times is not None:
        fields.problems["times"] = ScheduleRefusal.END_TWICE
    if fields.problems or start_time is None or days is None:
        return None, problems_in_words(fields.problems)
    recurrence = Recurrence(
        every=Every(form.every),
        days=days,
        time_of_day=start_time,
        zone=zone,
        until=until,
        times=times,
    )
    try:
        return recurrences.checked(recurrence, turn.at), NO_ERRORS
    except Invalid as error:
        return None, errors_of(error)
