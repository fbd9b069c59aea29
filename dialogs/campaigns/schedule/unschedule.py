"""Unschedules a campaign, which makes a draft of it again."""

from __future__ import annotations

from campaigns.campaign import Status
from cards import actions
from cards.campaigns.scheduled import ask_unschedule
from cards.view import Notice
from delivery.engine import Engine
from dialogs.authoring.content_steps import ContentSteps
from dialogs.context import Context
from dialogs.routes import Routes
from dialogs.turn import Reply, Turn, show
from storage.errors import Conflict


class UnscheduleDialog:
    """Asks first, and then unschedules a campaign."""

    def __init__(self, context: Context, engine: Engine, steps: ContentSteps) -> None:
        self._context = context
        self._engine = engine
        self._steps = steps

    def routes(self) -> Routes:
        return {
            actions.AskUnschedule: self.ask_unschedule,
            actions.Unschedule: self.unschedule,
        }

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
                return await self._context.present_now(turn, action)
        if campaign.status is not Status.DRAFT:
            return await self._context.present(turn, campaign)
        if action.then == "modify":
            return self._steps.content(campaign)
        return await self._context.present(turn, campaign, Notice("This is a draft again."))
