"""The forms that schedule a campaign: at a time, over several days, or repeatedly."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from campaigns.campaign import Campaign
from campaigns.schedule.public_holidays import countries
from campaigns.schedule.windows import MOST_DAYS
from cards import actions
from cards import elements as ac
from cards.campaigns.schedule_fields import (
    number_value,
    pair,
    presence_fields,
    schedule_title,
    weekdays_field,
)
from cards.markdown import escape
from cards.texts import zone_name
from cards.view import (
    NO_ERRORS,
    Errors,
    Notice,
    View,
    button,
    campaign_fields,
    error,
    link,
    text,
    view,
)

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
    """Returns the form that asks for day and time.

    :param typed: the fields as typed, or with the values to begin with.
    :param days_ahead: the most days ahead that a campaign may be scheduled.
    """
    fields = campaign_fields(campaign)
    today = now.astimezone(zone).date()
    body: list[ac.Element] = [
        text(f"To everyone at once. Times are those of **{zone_name(zone)}**."),
        pair(
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
        *presence_fields(typed),
    ]
    return view(
        "Send later",
        body,
        above=escape(campaign.name),
        notice=notice,
        actions=[
            button(
                schedule_title(typed), actions.SendLater(**fields, known=typed.known), main=True
            ),
            link("Over several days", actions.OpenSendOverDays(**fields)),
            link("Again and again", actions.OpenRepeat(**fields)),
            link("Back", actions.OpenCampaign(**fields)),
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
    """Returns the form that asks for days and working hours.

    :param typed: the fields as typed, or with the values to begin with.
    :param zone: the organisation's time zone.
    """
    fields = campaign_fields(campaign)
    body: list[ac.Element] = [
        text("Everyone gets it at a time of their own, drawn at random within the working hours."),
        pair(
            [
                ac.DateInput("first_day", label="First day", value=typed.first_day or None),
                *error(errors, "first_day"),
            ],
            [
                ac.NumberInput(
                    "days",
                    label=f"Days (1 to {MOST_DAYS})",
                    value=number_value(typed.days),
                ),
                *error(errors, "days"),
            ],
        ),
        pair(
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
                ac.Choice(f"The organisation ({zone_name(zone)})", "organisation"),
                ac.Choice("Each recipient's own time zone", "own"),
            ],
            value=typed.zone or "organisation",
        ),
        *error(errors, "zone"),
        weekdays_field("Working days", typed.weekdays),
        *error(errors, "weekdays"),
        ac.ChoiceSet(
            "country",
            label="Leave out the public holidays of",
            choices=[_NO_COUNTRY, *(ac.Choice(name, code) for code, name in countries().items())],
            value=typed.country or "none",
            style="filtered",
        ),
        *error(errors, "country"),
        *presence_fields(typed),
    ]
    return view(
        "Send over several days",
        body,
        above=escape(campaign.name),
        notice=notice,
        actions=[
            button(
                schedule_title(typed), actions.SendOverDays(**fields, known=typed.known), main=True
            ),
            link("Back", actions.OpenSendLater(**fields)),
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
    """Returns the form for a series: the days, the time, and the end.

    :param typed: the fields as typed, or with the values to begin with.
    """
    fields = campaign_fields(campaign)
    weekly = typed.every == "week"
    if weekly:
        chosen: list[ac.Element] = [
            weekdays_field("On", typed.weekdays),
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
            f"**{zone_name(zone)}**."
        ),
        *chosen,
        ac.TimeInput("time", label="Time", value=typed.time or None),
        *error(errors, "time"),
        pair(
            [
                ac.DateInput("until", label="Until (may be empty)", value=typed.until or None),
                *error(errors, "until"),
            ],
            [
                ac.NumberInput(
                    "times",
                    label="Or so many times",
                    value=number_value(typed.times),
                ),
                *error(errors, "times"),
            ],
        ),
        *presence_fields(typed),
    ]
    other = (
        link("Monthly instead", actions.OpenRepeat(**fields, every="month"))
        if weekly
        else link("Weekly instead", actions.OpenRepeat(**fields))
    )
    return view(
        "Send every week" if weekly else "Send every month",
        body,
        above=escape(campaign.name),
        notice=notice,
        actions=[
            button(
                schedule_title(typed),
                actions.Repeat(**fields, every=typed.every, known=typed.known),
                main=True,
            ),
            other,
            link("Back", actions.OpenSendLater(**fields)),
        ],
    )
