"""Sending a campaign to everyone in its audience."""

from __future__ import annotations

from datetime import datetime

from campaigns import drafting, readiness
from campaigns.audience import AllUsers, ListAudience, NewcomersAudience, ReceivedAudience
from campaigns.campaign import Campaign, InDoubtPolicy, Purpose
from campaigns.errors import NotPossible
from campaigns.followup import recalled
from campaigns.surveys.survey import require_askable
from cards import actions
from cards.campaigns import confirmations, followup
from cards.message.personal import is_too_big
from delivery.engine import Engine
from delivery.starting.surveys import is_over
from dialogs.context import MOVED_ON, Context
from dialogs.routes import Routes
from dialogs.turn import Reply, Turn, show
from storage.errors import Conflict

_TOO_BIG = (
    "With its survey, this message is too big for Teams. Shorten the message, or the survey's "
    "questions."
)
_CLOSED = "The survey is closed. Reopen it in its results before you send it to more people."


class SendDialog:
    """Asks whether to send a campaign, and starts sending it."""

    def __init__(self, context: Context, engine: Engine) -> None:
        self._context = context
        self._store = context.store
        self._engine = engine

    def routes(self) -> Routes:
        return {actions.AskSend: self.ask_send, actions.Send: self.send}

    async def ask_send(self, turn: Turn, action: actions.AskSend) -> Reply:
        campaign = await self._context.find(turn, action)
        if campaign.status.has_started:
            return await self._context.present(turn, campaign)
        await self.require_sendable(campaign, turn.at)
        if campaign.revision != action.revision:
            return await self._context.present(turn, campaign, MOVED_ON)
        size = await self._context.reach(campaign)
        if campaign.follow_up.purpose is not Purpose.SEND:
            return show(followup.ask_change(campaign, having=size.reachable, unsure=size.left_out))
        view = confirmations.ask_send(
            campaign,
            audience=await self._audience_name(campaign),
            reachable=size.reachable,
            left_out=size.left_out,
            recalled=await self._recalled(campaign),
        )
        return show(view)

    async def send(self, turn: Turn, action: actions.Send) -> Reply:
        campaign = await self._context.find(turn, action)
        if campaign.status.has_started:
            # Pressed twice, or by two admins: it was started once.
            return await self._context.present(turn, campaign)
        await self.require_sendable(campaign, turn.at)
        if campaign.revision != action.revision:
            return await self._context.present(turn, campaign, MOVED_ON)
        try:
            started = await self._engine.send(
                drafting.when_in_doubt(campaign, InDoubtPolicy(action.in_doubt)),
                audience_name=await self._audience_name(campaign),
                sender_id=turn.user.id,
            )
        except Conflict:
            campaign = await self._context.find(turn, action)
            notice = None if campaign.status.has_started else MOVED_ON
            return await self._context.present(turn, campaign, notice)
        return await self._context.present(turn, started)

    async def require_sendable(self, campaign: Campaign, now: datetime) -> None:
        """Raises NotPossible, saying what to do, when the campaign can't be sent."""
        readiness.require_complete(campaign)
        require_room(campaign)
        if campaign.original_key is None:
            require_askable(campaign.survey, now)
        elif await is_over(self._store, campaign, now):
            raise NotPossible(_CLOSED)
        if (
            isinstance(campaign.audience, ListAudience)
            and await self._store.lists.get(campaign.tenant_id, campaign.audience.list_id) is None
        ):
            raise NotPossible(
                "The distribution list of this campaign was deleted. Choose the recipients again."
            )
        if not (await self._context.reach(campaign)).reachable:
            if isinstance(campaign.audience, NewcomersAudience):
                raise NotPossible("Nobody has joined since; there is nobody to send this to.")
            if isinstance(campaign.audience, ReceivedAudience):
                raise NotPossible("Nobody has this message in their chats.")
            raise NotPossible("Nobody in this audience has the app, so nobody would get it.")

    async def _recalled(self, campaign: Campaign) -> bool:
        """True when it sends newcomers a message that was recalled from all others."""
        key = campaign.original_key
        if key is None or not isinstance(campaign.audience, NewcomersAudience):
            return False
        original = await self._store.campaigns.get(key)
        return original is not None and recalled(await self._context.followers(original))

    async def _audience_name(self, campaign: Campaign) -> str:
        if isinstance(campaign.audience, AllUsers):
            return "All users"
        if campaign.original_key is not None:
            return await self._context.audience(campaign)
        return await self._context.list_name(campaign)


def require_room(campaign: Campaign) -> None:
    """Raises NotPossible when the message no longer has room for its survey.

    The survey may have grown since it was chosen.
    """
    if campaign.survey is not None and is_too_big(campaign):
        raise NotPossible(_TOO_BIG)
