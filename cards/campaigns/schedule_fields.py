"""The fields that the forms for a schedule share."""

from __future__ import annotations

from collections.abc import Sequence

from campaigns.schedule.presence import Fallback, PresenceRule
from campaigns.schedule.schedule import Night
from cards import actions
from cards import elements as ac
from cards.actions import ScheduleForm
from cards.schedule_texts import FALLBACKS, RULES, WEEKDAYS, night_hours
from cards.view import text


def presence_fields(typed: ScheduleForm) -> list[ac.Element]:
    """Returns the fields about presence and the night."""
    return [
        ac.ChoiceSet(
            "rule",
            label="People get it",
            choices=[ac.Choice(RULES[rule], rule.value) for rule in PresenceRule],
            value=typed.rule,
        ),
        text(
            "Whoever is not there is looked for again: after 10 minutes, at the full hour, and on "
            "the next two working days.",
            subtle=True,
            small=True,
        ),
        ac.ChoiceSet(
            "fallback",
            label="If Teams does not say who is there",
            choices=[ac.Choice(FALLBACKS[fallback], fallback.value) for fallback in Fallback],
            value=typed.fallback,
        ),
        ac.ToggleInput(
            "night",
            title=f"Nobody at night: not {night_hours(Night())} of their own time",
            value=typed.night,
            wrap=True,
        ),
    ]


def weekdays_field(label: str, chosen: str) -> ac.Element:
    """Returns the field for some days of the week.

    :param chosen: numbers joined by commas; 0 is Monday.
    """
    return ac.ChoiceSet(
        "weekdays",
        label=label,
        choices=[ac.Choice(name, str(number)) for number, name in enumerate(WEEKDAYS)],
        value=chosen or None,
        is_multi_select=True,
        wrap=True,
    )


def pair(left: Sequence[ac.Element], right: Sequence[ac.Element]) -> ac.Element:
    """Returns two groups of elements side by side."""
    return ac.ColumnSet([ac.Column(left, width="stretch"), ac.Column(right, width="stretch")])


def number_value(typed: actions.Number) -> float | None:
    """Returns the value for a number field; None when a text that was typed is no number.

    These fields have neither minimum nor maximum. Outside of them a client would not send the card,
    and would not say why.
    """
    if isinstance(typed, str):
        return float(typed) if typed.strip().isdecimal() else None
    return typed


def schedule_title(typed: ScheduleForm) -> str:
    """Returns the title of the button that schedules.

    After a warning it is another one, because pressing again confirms the warning.
    """
    return "Schedule anyway" if typed.known else "Schedule"
