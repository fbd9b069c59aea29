"""Reads the forms of a schedule, and fills them in."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import TypeVar

from msgspec.structs import replace

from campaigns.errors import Refusal
from campaigns.schedule.presence import Fallback, PresenceRule
from campaigns.schedule.recurrence import Series
from campaigns.schedule.schedule import Night, Schedule
from campaigns.schedule.windows import Window
from cards import actions
from dialogs.context import Context
from dialogs.turn import Turn

_T = TypeVar("_T")
_Choice = TypeVar("_Choice", PresenceRule, Fallback)
_Form = TypeVar("_Form", bound=actions.ScheduleForm)

USUAL_TIME = f"{time(9):%H:%M}"
"""The time that the forms propose."""


class Fields:
    """Reads typed values, and collects the problems with them, by field."""

    def __init__(self) -> None:
        self.problems: dict[str, Refusal] = {}

    def read(self, field: str, parse: Callable[[], _T], wrong: Refusal) -> _T | None:
        """Returns the parsed value; None, with ``wrong`` among the problems, on a ValueError."""
        try:
            return parse()
        except ValueError:
            self.problems[field] = wrong
            return None


def day_of(typed: str) -> date:
    """Returns the typed day. Raises ValueError."""
    return date.fromisoformat(typed)


def time_of_day(typed: str) -> time:
    """Returns the typed time, which has no zone of its own. Raises ValueError."""
    typed_time = time.fromisoformat(typed)
    if typed_time.tzinfo is not None:
        raise ValueError(typed)
    return typed_time


def whole_number(typed: actions.Number) -> int:
    """Returns the typed number. Raises ValueError unless it is a whole number."""
    number = float(typed)
    if not number.is_integer():
        raise ValueError
    return int(number)


def numbers(typed: str) -> tuple[int, ...]:
    """Returns numbers that are separated by commas, in order. Raises ValueError."""
    return tuple(sorted({int(part) for part in typed.split(",") if part.strip()}))


def weekdays(typed: str) -> tuple[int, ...]:
    """Returns days of the week as numbers; 0 is Monday. Raises ValueError."""
    days = numbers(typed)
    if not all(0 <= day <= 6 for day in days):
        raise ValueError
    return days


def proposed_day(turn: Turn, context: Context) -> str:
    """Returns tomorrow by the person's own clock."""
    today = turn.at.astimezone(context.zone(turn.user)).date()
    return (today + timedelta(days=1)).isoformat()


def as_before(form: _Form, schedule: Schedule | None) -> _Form:
    """Returns the form with the rules of an earlier schedule, if there is one."""
    if schedule is None:
        return form
    return replace(
        form,
        rule=schedule.rule.value,
        fallback=schedule.fallback.value,
        night="true" if schedule.night is not None else "false",
    )


def new_schedule(
    turn: Turn,
    form: actions.ScheduleForm,
    *,
    start: datetime,
    zone: str,
    window: Window | None = None,
    series: Series | None = None,
) -> Schedule:
    """Returns a schedule that begins at ``start`` and has the form's rules."""
    return Schedule(
        at=start,
        zone=zone,
        scheduled_by=turn.user.id,
        seed=uuid.uuid4().hex,
        window=window,
        rule=_choice(PresenceRule, form.rule, PresenceRule.WHENEVER),
        fallback=_choice(Fallback, form.fallback, Fallback.SEND),
        night=Night() if form.night == "true" else None,
        series=series,
    )


def _choice(choices: type[_Choice], typed: str, default: _Choice) -> _Choice:
    try:
        return choices(typed)
    except ValueError:
        return default
