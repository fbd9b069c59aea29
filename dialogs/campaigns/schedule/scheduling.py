"""Finds a draft, warns and schedules it, for all dialogs that schedule a campaign."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from msgspec.structs import replace

from campaigns.campaign import Campaign, Status
from campaigns.errors import NotPossible
from campaigns.outcome import Outcome, Reason, Rejected
from campaigns.refusals.campaigns import CampaignRefusal
from campaigns.refusals.schedule import ScheduleRefusal
from campaigns.schedule import windows
from campaigns.schedule.presence import Fallback, PresenceRule
from campaigns.schedule.schedule import Schedule
from cards import actions
from cards.schedule_texts import rough_duration
from cards.texts import people
from cards.view import Notice
from delivery.engine import Engine
from dialogs.campaigns.sending import SendDialog
from dialogs.context import MOVED_ON, Context
from dialogs.turn import Reply, Turn
from storage.errors import Conflict

_Form = TypeVar("_Form", bound=actions.ScheduleForm)


class Scheduling:
    """Schedules drafts, after warnings of everything that is perhaps not meant."""

    def __init__(self, context: Context, engine: Engine, sending: SendDialog) -> None:
        self._context = context
        self._engine = engine
        self._sending = sending

    async def find(self, turn: Turn, action: actions.OnCampaign) -> Campaign:
        """Returns the draft of an action.

        Raises NotPossible when it can't be scheduled.
        """
        campaign = await self._context.find(turn, action)
        if campaign.status is Status.SCHEDULED:
            raise NotPossible(ScheduleRefusal.SCHEDULED)
        if campaign.status is not Status.DRAFT:
            raise NotPossible(CampaignRefusal.ALREADY_SENT)
        await self._sending.require_sendable(campaign)
        return campaign

    async def schedule(
        self,
        turn: Turn,
        campaign: Campaign,
        form: _Form,
        schedule: Schedule,
        show_again: Callable[[_Form, Notice], Reply],
    ) -> Reply:
        """Schedules the campaign, or shows the form again when there are new warnings.

        :param form: the form as it was typed, with the keys of the warnings that it has shown.
        :param show_again: shows a form with a notice. It gets the form with the keys of all
            warnings, so that the next press goes ahead.
        """
        if campaign.revision != form.revision:
            return await self._context.present(turn, campaign, MOVED_ON)
        warnings = await self._warnings(turn, campaign, schedule)
        if not warnings.keys() <= set(form.known.split(",")):
            notice = Notice("\n\n".join(warnings.values()), "warning")
            return show_again(replace(form, known=",".join(warnings)), notice)
        try:
            scheduled = await self._engine.schedule(campaign, schedule)
        except Conflict:
            campaign = await self._context.find(turn, form)
            moved = None if campaign.status is Status.SCHEDULED else MOVED_ON
            return await self._context.present(turn, campaign, moved)
        return await self._context.present(turn, scheduled, Notice("Scheduled."))

    async def _warnings(self, turn: Turn, campaign: Campaign, schedule: Schedule) -> dict[str, str]:
        """Returns the texts of the warnings, by their keys."""
        warnings: dict[str, str] = {}
        if schedule.window is not None:
            number = (await self._context.reach(campaign, turn.at)).reachable
            lacking = windows.lacking_time(schedule.window, number, self._context.rate, turn.at)
            if lacking is not None:
                warnings[f"short {rough_duration(lacking)}"] = (
                    f"**These hours are too short.** {people(number)} at {self._context.rate:g} "
                    f"per second take {rough_duration(lacking)} longer than that. Whoever is left "
                    "over does not get it."
                )
        if schedule.rule is not PresenceRule.WHENEVER:
            fault = await self._engine.can_look(turn.tenant_id, turn.user.id)
            if fault is not None:
                warnings["presence"] = _cant_look(fault, schedule.fallback)
        return warnings


def _cant_look(fault: Outcome, fallback: Fallback) -> str:
    if isinstance(fault, Rejected) and fault.reason is Reason.UNAUTHORISED:
        cause = (
            "**The bot may not see who is there.** Your IT operations can allow it "
            "(Presence.Read.All)."
        )
    else:
        cause = "**Teams does not say who is there just now.**"
    consequence = (
        "Until then everyone gets it whether they are there or not."
        if fallback is Fallback.SEND
        else "Until then nobody gets it."
    )
    return f"{cause} {consequence}"
