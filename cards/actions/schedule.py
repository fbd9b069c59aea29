"""Actions that schedule a campaign: later, over several days, or repeatedly."""

from __future__ import annotations

from typing import Literal

from cards.actions.base import Line, Number, OnCampaign


class OpenSendLater(OnCampaign, frozen=True, kw_only=True, tag="send later"): ...


class ScheduleForm(OnCampaign, frozen=True, kw_only=True):
    """Base of the forms for a schedule."""

    rule: Line = "whenever"
    fallback: Line = "send"
    night: Line = "false"
    """``true`` when nobody is sent anything at night."""
    known: Line = ""
    """The warnings that the card showed. Pressing again confirms them."""


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
    """``own`` for each recipient's own time zone; otherwise the organisation's is used."""


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
