"""Sending later, over several days, or repeatedly."""

from __future__ import annotations

from typing import Literal

from cards.actions.base import Line, Number, OnCampaign


class OpenSendLater(OnCampaign, frozen=True, kw_only=True, tag="send later"): ...


class ScheduleForm(OnCampaign, frozen=True, kw_only=True):
    """What the forms of a schedule have in common."""

    rule: Line = "whenever"
    fallback: Line = "send"
    night: Line = "false"
    """``true``: nobody's night is disturbed."""
    known: Line = ""
    """The warnings that the card showed: what is pressed then is meant."""


class SendLater(ScheduleForm, frozen=True, kw_only=True, tag="schedule"):
    day: Line = ""
    time: Line = ""


class OpenSendOverDays(OnCampaign, frozen=True, kw_only=True, tag="send over days"): ...


class SendOverDays(ScheduleForm, frozen=True, kw_only=True, tag="schedule over days"):
    first_day: Line = ""
    days: Number = ""
    opens: Line = ""
    closes: Line = ""
    weekdays: Line = ""
    """Numbers joined by commas; 0 is Monday."""
    country: Line = ""
    zone: Line = ""
    """``own`` for each recipient's own, or else the organisation's."""


class OpenRepeat(OnCampaign, frozen=True, kw_only=True, tag="repeat"):
    every: Literal["week", "month"] = "week"


class Repeat(ScheduleForm, frozen=True, kw_only=True, tag="schedule repeatedly"):
    every: Literal["week", "month"] = "week"
    weekdays: Line = ""
    month_days: Line = ""
    time: Line = ""
    until: Line = ""
    times: Number = ""


class AskUnschedule(OnCampaign, frozen=True, kw_only=True, tag="ask unschedule"): ...


class Unschedule(OnCampaign, frozen=True, kw_only=True, tag="unschedule"):
    then: Literal["", "modify"] = ""
