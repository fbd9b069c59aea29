"""Putting a campaign on the programme, and taking it off again.

What was typed is checked field by field. What can be done but may not be meant, such as a window
that is too short, is said once; pressed again, it is done.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import TypeVar

import msgspec

from campaigns.campaign import Campaign, Status
from campaigns.errors import Invalid, NotPossible
from campaigns.outcome import Outcome, Reason, Rejected
from campaigns.schedule import recurrence, windows
from campaigns.schedule.presence import Fallback, Rule
from campaigns.schedule.recurrence import Every, Recurrence, Series
from campaigns.schedule.schedule import Night, Schedule, checked_start
from campaigns.schedule.windows import Hours, Window
from cards import actions
from cards.campaigns import schedule as cards
from cards.campaigns.scheduled import ask_unschedule
from cards.schedule_texts import rough_duration
from cards.texts import people
from cards.view import NO_ERRORS, Errors, Notice
from delivery.engine import Engine
from dialogs.authoring.content_steps import ContentSteps
from dialogs.campaigns.sending import SendDialog
from dialogs.context import MOVED_ON, Context
from dialogs.routes import Routes
from dialogs.turn import Reply, Turn, show
from storage.errors import Conflict

_T = TypeVar("_T")
_Choice = TypeVar("_Choice", Rule, Fallback)
_Typed = TypeVar("_Typed", bound=actions.ScheduleForm)

_USUAL = time(9)
"""What the forms begin with."""


class ScheduleDialog:
    """Send later, over days, again and again; unschedule."""

    def __init__(
        self, context: Context, engine: Engine, sending: SendDialog, steps: ContentSteps
    ) -> None:
        self._context = context
        self._engine = engine
        self._sending = sending
        self._steps = steps

    def routes(self) -> Routes:
        return {
            actions.OpenSendLater: self.open_send_later,
            actions.SendLater: self.send_later,
            actions.OpenSendOverDays: self.open_send_over_days,
            actions.SendOverDays: self.send_over_days,
            actions.OpenRepeat: self.open_repeat,
            actions.Repeat: self.repeat,
            actions.AskUnschedule: self.ask_unschedule,
            actions.Unschedule: self.unschedule,
        }

    # --- at a time

    async def open_send_later(self, turn: Turn, action: actions.OpenSendLater) -> Reply:
        campaign = await self._ready(turn, action)
        typed = actions.SendLater(
            campaign=campaign.id,
            revision=campaign.revision,
            day=_proposed_day(turn, self._context).isoformat(),
            time=f"{_USUAL:%H:%M}",
        )
        typed = _as_before(typed, campaign.schedule)
        return self._later(turn, campaign, typed)

    async def send_later(self, turn: Turn, action: actions.SendLater) -> Reply:
        campaign = await self._ready(turn, action)
        zone = self._context.zone(turn.user)
        fields = _Fields()
        day = fields.read("day", lambda: date.fromisoformat(action.day), "Choose a day.")
        at = fields.read("time", lambda: time.fromisoformat(action.time), "Choose a time.")
        start = turn.at
        if day is not None and at is not None:
            try:
                start = checked_start(day, at, zone, now=turn.at, days=self._context.days_ahead)
            except Invalid as error:
                fields.errors |= error.errors

        def form(errors: Errors, known: str, notice: Notice | None) -> Reply:
            return self._later(turn, campaign, _knowing(action, known), errors, notice)

        if fields.errors:
            return form(fields.errors, "", None)
        to = _schedule(turn, action, at=start, zone=zone.key)
        return await self._put(turn, campaign, action, to, form)

    def _later(
        self,
        turn: Turn,
        campaign: Campaign,
        typed: actions.SendLater,
        errors: Errors = NO_ERRORS,
        notice: Notice | None = None,
    ) -> Reply:
        return show(
            cards.send_later(
                campaign,
                typed,
                zone=self._context.zone(turn.user),
                now=turn.at,
                days_ahead=self._context.days_ahead,
                errors=errors,
                notice=notice,
            )
        )

    # --- over days

    async def open_send_over_days(self, turn: Turn, action: actions.OpenSendOverDays) -> Reply:
        campaign = await self._ready(turn, action)
        of = campaign.schedule.window if campaign.schedule is not None else None
        hours = of.hours if of is not None else Hours()
        typed = actions.SendOverDays(
            campaign=campaign.id,
            revision=campaign.revision,
            first_day=_proposed_day(turn, self._context).isoformat(),
            days=str(of.days if of is not None else 3),
            opens=f"{hours.opens:%H:%M}",
            closes=f"{hours.closes:%H:%M}",
            weekdays=",".join(map(str, hours.weekdays)),
            country=hours.country,
            zone="own" if of is not None and of.own_zones else "organisation",
        )
        typed = _as_before(typed, campaign.schedule)
        return show(cards.send_over_days(campaign, typed, zone=self._context.time_zone))

    async def send_over_days(self, turn: Turn, action: actions.SendOverDays) -> Reply:
        campaign = await self._ready(turn, action)

        def form(errors: Errors, known: str, notice: Notice | None) -> Reply:
            return show(
                cards.send_over_days(
                    campaign,
                    _knowing(action, known),
                    zone=self._context.time_zone,
                    errors=errors,
                    notice=notice,
                )
            )

        window, errors = self._window(turn, action)
        if window is None or errors:
            return form(errors, "", None)
        start = windows.starts_at(window, turn.at).replace(microsecond=0)
        to = _schedule(turn, action, at=start, zone=window.zone, window=window)
        return await self._put(turn, campaign, action, to, form)

    def _window(self, turn: Turn, typed: actions.SendOverDays) -> tuple[Window | None, Errors]:
        """The window that was typed, and what is wrong with it."""
        fields = _Fields()
        zone = self._context.time_zone.key
        if typed.zone not in ("", "own", "organisation"):
            fields.errors["zone"] = "Choose one of these."
        first_day = fields.read(
            "first_day", lambda: date.fromisoformat(typed.first_day), "Choose a day."
        )
        opens = fields.read("opens", lambda: time.fromisoformat(typed.opens), "Choose a time.")
        closes = fields.read("closes", lambda: time.fromisoformat(typed.closes), "Choose a time.")
        days = fields.read(
            "days", lambda: _whole(typed.days), f"A whole number from 1 to {windows.MOST_DAYS}."
        )
        weekdays = fields.read("weekdays", lambda: _weekdays(typed.weekdays), "Choose days.")
        last = (turn.at + timedelta(days=self._context.days_ahead)).astimezone(
            self._context.time_zone
        )
        if first_day is not None and first_day > last.date():
            fields.errors["first_day"] = (
                f"At most {self._context.days_ahead} days ahead: {last:%A} {last.day} {last:%B}."
            )
        if first_day is None or days is None or opens is None or closes is None or weekdays is None:
            return None, fields.errors
        window = Window(
            first_day=first_day,
            days=days,
            hours=Hours(
                opens=opens,
                closes=closes,
                weekdays=weekdays,
                country="" if typed.country == "none" else typed.country,
            ),
            zone=zone,
            own_zones=typed.zone == "own",
        )
        try:
            return windows.checked(window, turn.at), fields.errors
        except Invalid as error:
            return None, {**error.errors, **fields.errors}

    # --- again and again

    async def open_repeat(self, turn: Turn, action: actions.OpenRepeat) -> Reply:
        campaign = await self._ready(turn, action)
        today = turn.at.astimezone(self._context.zone(turn.user)).date()
        typed = actions.Repeat(
            campaign=campaign.id,
            revision=campaign.revision,
            every=action.every,
            weekdays=str(today.weekday()),
            month_days=str(today.day),
            time=f"{_USUAL:%H:%M}",
        )
        typed = _as_before(typed, campaign.schedule)
        return show(cards.repeat(campaign, typed, zone=self._context.zone(turn.user)))

    async def repeat(self, turn: Turn, action: actions.Repeat) -> Reply:
        campaign = await self._ready(turn, action)
        zone = self._context.zone(turn.user)

        def form(errors: Errors, known: str, notice: Notice | None) -> Reply:
            typed = _knowing(action, known)
            return show(cards.repeat(campaign, typed, zone=zone, errors=errors, notice=notice))

        of, errors = _recurrence(action, zone.key, turn.at)
        start = recurrence.following(of, turn.at) if of is not None else None
        if of is None or start is None or errors:
            return form(errors, "", None)
        series = Series(id=uuid.uuid4().hex, recurrence=of)
        to = _schedule(turn, action, at=start, zone=zone.key, series=series)
        return await self._put(turn, campaign, action, to, form)

    # --- off again

    async def ask_unschedule(self, turn: Turn, action: actions.AskUnschedule) -> Reply:
        campaign = await self._context.find(turn, action)
        if campaign.status is not Status.SCHEDULED:
            return await self._context.present(turn, campaign)
        return show(ask_unschedule(campaign))

    async def unschedule(self, turn: Turn, action: actions.Unschedule) -> Reply:
        campaign = await self._context.find(turn, action)
        if campaign.status is Status.SCHEDULED:
            try:
                campaign = await self._engine.unschedule(campaign)
            except Conflict:
                now = await self._context.find(turn, action)
                return await self._context.present(turn, now, MOVED_ON)
        if campaign.status is not Status.DRAFT:
            return await self._context.present(turn, campaign)
        if action.then == "modify":
            return self._steps.content(campaign)
        return await self._context.present(turn, campaign, Notice("This is a draft again."))

    # --- shared

    async def _ready(self, turn: Turn, action: actions.OnCampaign) -> Campaign:
        """The draft that can be scheduled.

        Raises NotPossible.
        """
        campaign = await self._context.find(turn, action)
        if campaign.status is Status.SCHEDULED:
            raise NotPossible("This campaign is scheduled already. Unschedule it first.")
        if campaign.status is not Status.DRAFT:
            raise NotPossible("This campaign has already been sent.")
        await self._sending.require_sendable(campaign, turn.at)
        return campaign

    async def _put(
        self,
        turn: Turn,
        campaign: Campaign,
        action: actions.ScheduleForm,
        to: Schedule,
        form: Callable[[Errors, str, Notice | None], Reply],
    ) -> Reply:
        """Schedules it, once everything that may not be meant has been said."""
        if campaign.revision != action.revision:
            return await self._context.present(turn, campaign, MOVED_ON)
        warnings = await self._warnings(turn, campaign, to)
        if not warnings.keys() <= set(action.known.split(",")):
            said = Notice("\n\n".join(warnings.values()), "warning")
            return form(NO_ERRORS, ",".join(warnings), said)
        try:
            saved = await self._engine.schedule(campaign, to)
        except Conflict:
            now = await self._context.find(turn, action)
            return await self._context.present(
                turn, now, None if now.status is Status.SCHEDULED else MOVED_ON
            )
        return await self._context.present(turn, saved, Notice("Scheduled."))

    async def _warnings(self, turn: Turn, campaign: Campaign, to: Schedule) -> dict[str, str]:
        """What may not be meant, in words, by what it is."""
        found: dict[str, str] = {}
        if to.window is not None:
            number = (await self._context.reach(campaign)).reachable
            lacking = windows.fits(to.window, number, self._context.rate, turn.at)
            if lacking is not None:
                found[f"short {rough_duration(lacking)}"] = (
                    f"**These hours are too short.** {people(number)} at {self._context.rate:g} "
                    f"per second take {rough_duration(lacking)} longer than that. Whoever is left "
                    "over does not get it."
                )
        if to.rule is not Rule.WHENEVER:
            why = await self._engine.can_look(turn.tenant_id, turn.user.id)
            if why is not None:
                found["presence"] = _cant_look(why, to.fallback)
        return found


class _Fields:
    """Reads what was typed, and keeps what can't be read."""

    def __init__(self) -> None:
        self.errors: dict[str, str] = {}

    def read(self, field: str, parse: Callable[[], _T], wrong: str) -> _T | None:
        try:
            return parse()
        except ValueError:
            self.errors[field] = wrong
            return None


def _recurrence(
    typed: actions.Repeat, zone: str, now: datetime
) -> tuple[Recurrence | None, Errors]:
    fields = _Fields()
    weekly = typed.every == "week"
    at = fields.read("time", lambda: time.fromisoformat(typed.time), "Choose a time.")
    days = (
        fields.read("weekdays", lambda: _weekdays(typed.weekdays), "Choose days.")
        if weekly
        else fields.read(
            "month_days",
            lambda: _numbers(typed.month_days),
            "Type days of the month, such as 1, 15.",
        )
    )
    until = (
        fields.read("until", lambda: date.fromisoformat(typed.until), "Choose a day, or none.")
        if typed.until.strip()
        else None
    )
    times = (
        fields.read("times", lambda: _whole(typed.times), "Type a whole number, or nothing.")
        if str(typed.times).strip()
        else None
    )
    if until is not None and times is not None:
        fields.errors["times"] = "Either a last day or a number of times, not both."
    if fields.errors or at is None or days is None:
        return None, fields.errors
    of = Recurrence(every=Every(typed.every), days=days, at=at, zone=zone, until=until, times=times)
    try:
        return recurrence.checked(of, now), NO_ERRORS
    except Invalid as error:
        return None, error.errors


def _schedule(
    turn: Turn,
    typed: actions.ScheduleForm,
    *,
    at: datetime,
    zone: str,
    window: Window | None = None,
    series: Series | None = None,
) -> Schedule:
    return Schedule(
        at=at,
        zone=zone,
        by=turn.user.id,
        seed=uuid.uuid4().hex,
        window=window,
        rule=_one_of(Rule, typed.rule, Rule.WHENEVER),
        fallback=_one_of(Fallback, typed.fallback, Fallback.SEND),
        night=Night() if typed.night == "true" else None,
        series=series,
    )


def _one_of(kind: type[_Choice], typed: str, otherwise: _Choice) -> _Choice:
    try:
        return kind(typed)
    except ValueError:
        return otherwise


def _as_before(typed: _Typed, of: Schedule | None) -> _Typed:
    """The form with what was chosen before."""
    if of is None:
        return typed
    night = "true" if of.night is not None else "false"
    return msgspec.structs.replace(
        typed, rule=of.rule.value, fallback=of.fallback.value, night=night
    )


def _knowing(typed: _Typed, known: str) -> _Typed:
    """The form with the warnings that it shows."""
    return msgspec.structs.replace(typed, known=known)


def _whole(typed: actions.Number) -> int:
    """Raises ValueError."""
    number = float(typed)
    if not number.is_integer():
        raise ValueError
    return int(number)


def _numbers(typed: str) -> tuple[int, ...]:
    """Raises ValueError."""
    return tuple(sorted({int(part) for part in typed.split(",") if part.strip()}))


def _weekdays(typed: str) -> tuple[int, ...]:
    """Raises ValueError."""
    numbers = _numbers(typed)
    if not all(0 <= number <= 6 for number in numbers):
        raise ValueError
    return numbers


def _proposed_day(turn: Turn, context: Context) -> date:
    """Tomorrow, by the clocks that the person goes by."""
    return turn.at.astimezone(context.zone(turn.user)).date() + timedelta(days=1)


def _cant_look(why: Outcome, fallback: Fallback) -> str:
    if isinstance(why, Rejected) and why.reason is Reason.UNAUTHORISED:
        said = (
            "**The bot may not see who is there.** Your IT operations can allow it "
            "(Presence.Read.All)."
        )
    else:
        said = "**Teams does not say who is there just now.**"
    then = (
        "Until then everyone gets it whether they are there or not."
        if fallback is Fallback.SEND
        else "Until then nobody gets it."
    )
    return f"{said} {then}"
