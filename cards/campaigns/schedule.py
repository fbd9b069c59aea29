"""Sending later: at a time, over days, again and again; and a campaign that is scheduled."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from campaigns.campaign import Campaign
from campaigns.schedule.presence import Fallback, PresenceRule
from campaigns.schedule.public_holidays import countries
from campaigns.schedule.schedule import Night
from campaigns.schedule.windows import MOST_DAYS
from campaigns.user import User
from cards import actions
from cards import elements as ac
from cards.actions import ScheduleForm
from cards.markdown import escape
from cards.message import personal
from cards.texts import FORMATS, STATUSES, place
from cards.times import FALLBACKS, RULES, WEEKDAYS, facts, hours_of, planned
from cards.view import NO_ERRORS, Errors, Notice, View, button, error, link, on, text, view

_NO_COUNTRY = ac.Choice("None", "none")


def send_later(
    campaign: Campaign,
    typed: actions.SendLater,
    *,
    zone: ZoneInfo,
    now: datetime,
    days_ahead: int,
    errors: Errors = NO_ERRORS,
    notice: Notice | None = None,
) -> View:
    """Asks for day and time."""
    at = on(campaign)
    today = now.astimezone(zone).date()
    body: list[ac.Element] = [
        text(f"To everyone at once. Times are those of **{place(zone)}**."),
        _pair(
            [
                ac.DateInput(
                    "day",
                    label="Day",
                    value=typed.day or None,
                    min=today.isoformat(),
                    max=(today + timedelta(days=days_ahead)).isoformat(),
                ),
                *error(errors, "day"),
            ],
            [
                ac.TimeInput("time", label="Time", value=typed.time or None),
                *error(errors, "time"),
            ],
        ),
        *_consideration(typed),
    ]
    return view(
        "Send later",
        body,
        above=escape(campaign.name),
        notice=notice,
        actions=[
            button(_yes(typed), actions.SendLater(**at, known=typed.known), main=True),
            link("Over several days", actions.OpenSendOverDays(**at)),
            link("Again and again", actions.OpenRepeat(**at)),
            link("Back", actions.OpenCampaign(**at)),
        ],
    )


def send_over_days(
    campaign: Campaign,
    typed: actions.SendOverDays,
    *,
    zone: ZoneInfo,
    errors: Errors = NO_ERRORS,
    notice: Notice | None = None,
) -> View:
    """Asks for days and working hours.

    :param zone: the organisation's.
    """
    at = on(campaign)
    body: list[ac.Element] = [
        text("Everyone gets it at a time of their own, drawn at random within the working hours."),
        _pair(
            [
                ac.DateInput("first_day", label="First day", value=typed.first_day or None),
                *error(errors, "first_day"),
            ],
            [
                ac.NumberInput(
                    "days",
                    label=f"Days (1 to {MOST_DAYS})",
                    value=_number(typed.days),
                ),
                *error(errors, "days"),
            ],
        ),
        _pair(
            [
                ac.TimeInput("opens", label="From", value=typed.opens or None),
                *error(errors, "opens"),
            ],
            [
                ac.TimeInput("closes", label="To", value=typed.closes or None),
                *error(errors, "closes"),
            ],
        ),
        ac.ChoiceSet(
            "zone",
            label="By the clocks of",
            choices=[
                ac.Choice(f"The organisation ({place(zone)})", "organisation"),
                ac.Choice("Each recipient's own time zone", "own"),
            ],
            value=typed.zone or "organisation",
        ),
        *error(errors, "zone"),
        _weekdays("Working days", typed.weekdays),
        *error(errors, "weekdays"),
        ac.ChoiceSet(
            "country",
            label="Leave out the public holidays of",
            choices=[_NO_COUNTRY, *(ac.Choice(name, code) for code, name in countries().items())],
            value=typed.country or "none",
            style="filtered",
        ),
        *error(errors, "country"),
        *_consideration(typed),
    ]
    return view(
        "Send over several days",
        body,
        above=escape(campaign.name),
        notice=notice,
        actions=[
            button(_yes(typed), actions.SendOverDays(**at, known=typed.known), main=True),
            link("Back", actions.OpenSendLater(**at)),
        ],
    )


def repeat(
    campaign: Campaign,
    typed: actions.Repeat,
    *,
    zone: ZoneInfo,
    errors: Errors = NO_ERRORS,
    notice: Notice | None = None,
) -> View:
    """Asks on which days, at what time, and for how long."""
    at = on(campaign)
    weekly = typed.every == "week"
    if weekly:
        chosen: list[ac.Element] = [
            _weekdays("On", typed.weekdays),
            *error(errors, "weekdays"),
        ]
    else:
        chosen = [
            ac.TextInput(
                "month_days",
                label="On these days of the month",
                value=typed.month_days or None,
                placeholder="1, 15",
                max_length=100,
            ),
            *error(errors, "month_days"),
            text("A month that is too short has it on its last day.", subtle=True, small=True),
        ]
    body: list[ac.Element] = [
        text(
            f"Each time is a campaign of its own with its own report. Times are those of "
            f"**{place(zone)}**."
        ),
        *chosen,
        ac.TimeInput("time", label="Time", value=typed.time or None),
        *error(errors, "time"),
        _pair(
            [
                ac.DateInput("until", label="Until (may be empty)", value=typed.until or None),
                *error(errors, "until"),
            ],
            [
                ac.NumberInput(
                    "times",
                    label="Or so many times",
                    value=_number(typed.times),
                ),
                *error(errors, "times"),
            ],
        ),
        *_consideration(typed),
    ]
    other = (
        link("Monthly instead", actions.OpenRepeat(**at, every="month"))
        if weekly
        else link("Weekly instead", actions.OpenRepeat(**at))
    )
    return view(
        "Send every week" if weekly else "Send every month",
        body,
        above=escape(campaign.name),
        notice=notice,
        actions=[
            button(
                _yes(typed), actions.Repeat(**at, every=typed.every, known=typed.known), main=True
            ),
            other,
            link("Back", actions.OpenSendLater(**at)),
        ],
    )


def scheduled_card(
    campaign: Campaign,
    reader: User,
    *,
    audience: str,
    zone: ZoneInfo,
    now: datetime,
    notice: Notice | None = None,
) -> View:
    """A campaign that starts by itself: when, in words, and what can be done until then."""
    at = on(campaign)
    of = campaign.schedule
    assert of is not None
    told = [
        ac.Fact("Starts", escape(planned(of.at, zone, now))),
        *(ac.Fact(title, escape(value)) for title, value in facts(of)),
        ac.Fact("Format", FORMATS[campaign.format]),
        ac.Fact("Recipients", escape(audience)),
    ]
    off = "End the series" if of.series is not None else "Unschedule"
    return view(
        campaign.name,
        [ac.FactSet(told), *personal.shown(campaign, reader)],
        above=f"Campaign · {STATUSES[campaign.status]}",
        notice=notice,
        actions=[
            link(off, actions.AskUnschedule(**at)),
            link("Send now", actions.AskSend(**at)),
            link("Modify", actions.AskUnschedule(**at)),
        ],
        more=[
            link("Clone", actions.OpenClone(**at)),
            link("Delete", actions.AskDelete(**at)),
            link("Back", actions.OpenCampaigns(shelf="scheduled")),
        ],
    )


def ask_unschedule(campaign: Campaign) -> View:
    """The confirmation before it is taken off the programme."""
    at = on(campaign)
    series = campaign.schedule is not None and campaign.schedule.series is not None
    said = (
        "It is not sent any more, this time or later. What was sent stays as it is."
        if series
        else "It does not start by itself any more."
    )
    return view(
        "End this series?" if series else "Unschedule this campaign?",
        [text(f"**{escape(campaign.name)}** becomes a draft again. {said}")],
        actions=[
            link("Yes, make it a draft", actions.Unschedule(**at), main=True),
            link("Yes, and modify it", actions.Unschedule(**at, then="modify")),
            link("Back", actions.OpenCampaign(**at)),
        ],
    )


def _consideration(typed: ScheduleForm) -> list[ac.Element]:
    """Who is waited for, and whose night is not disturbed."""
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
            choices=[ac.Choice(FALLBACKS[of], of.value) for of in Fallback],
            value=typed.fallback,
        ),
        ac.ToggleInput(
            "night",
            title=f"Nobody at night: not {hours_of(Night())} of their own time",
            value=typed.night,
            wrap=True,
        ),
    ]


def _weekdays(label: str, chosen: str) -> ac.Element:
    return ac.ChoiceSet(
        "weekdays",
        label=label,
        choices=[ac.Choice(name, str(number)) for number, name in enumerate(WEEKDAYS)],
        value=chosen or None,
        is_multi_select=True,
        wrap=True,
    )


def _pair(left: Sequence[ac.Element], right: Sequence[ac.Element]) -> ac.Element:
    return ac.ColumnSet([ac.Column(left, width="stretch"), ac.Column(right, width="stretch")])


# Without a least and a most: a client would refuse to send the card, and not say why.
def _number(typed: actions.Number) -> float | None:
    if isinstance(typed, str):
        return float(typed) if typed.strip().isdecimal() else None
    return typed


def _yes(typed: ScheduleForm) -> str:
    return "Schedule anyway" if typed.known else "Schedule"
