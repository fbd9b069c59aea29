"""Sending a campaign to everyone in its audience."""

from __future__ import annotations

from msgspec.structs import replace

from campaigns import drafting
from campaigns.audience import FrozenAudience
from campaigns.campaign import Campaign, InDoubtPolicy, Purpose
from campaigns.delivery import Delivery
from campaigns.errors import NotPossible
from campaigns.followup import recalled
from campaigns.refusals.sending import SurveyTooBig
from cards import actions
from cards.audiences import audience_name
from cards.campaigns import confirmations, followup
from cards.campaigns.left_out import LEFT_OUT_PAGE, left_out_people
from cards.message.personal import is_too_big
from delivery.engine import Engine
from delivery.starting import audiences
from dialogs.context import MOVED_ON, Context
from dialogs.paging import last_page
from dialogs.routes import Routes
from dialogs.turn import Reply, Turn, show
from storage.errors import Conflict


class SendDialog:
    """Asks whether to send a campaign, and starts sending it."""

    def __init__(self, context: Context, engine: Engine) -> None:
        self._context = context
        self._store = context.store
        self._engine = engine

    def routes(self) -> Routes:
        return {
            actions.AskSend: self.ask_send,
            actions.OpenLeftOut: self.show_left_out,
            actions.Send: self.send,
        }

    async def ask_send(self, turn: Turn, action: actions.AskSend) -> Reply:
        campaign = await self._context.find(turn, action)
        if campaign.status.has_started:
            return await self._context.present(turn, campaign)
        await self.require_sendable(campaign)
        if campaign.revision != action.revision:
            return await self._context.present(turn, campaign, MOVED_ON)
        size = await self._context.reach(campaign, turn.at)
        if campaign.follow_up.purpose is not Purpose.SEND:
            return show(followup.ask_change(campaign, having=size.reachable, unsure=size.left_out))
        view = confirmations.ask_send(
            campaign,
            audience=await self._audience_name(campaign, size.reachable),
            reachable=size.reachable,
            left_out=size.because,
            recalled=await self._recalled(campaign),
        )
        return show(view)

    async def show_left_out(self, turn: Turn, action: actions.OpenLeftOut) -> Reply:
        campaign = await self._context.find(turn, action)
        if campaign.status.has_started:
            return await self._context.present(turn, campaign)
        everyone: list[Delivery] = []
        chunks = audiences.left_out(self._store, campaign.tenant_id, campaign.audience, turn.at)
        async for chunk in chunks:
            everyone += chunk
        everyone.sort(key=lambda row: (row.name.casefold(), row.recipient_id))
        page = min(action.page, last_page(len(everyone), LEFT_OUT_PAGE))
        first = page * LEFT_OUT_PAGE
        return show(
            left_out_people(
                campaign,
                everyone[first : first + LEFT_OUT_PAGE],
                page=page,
                total=len(everyone),
            )
        )

    async def send(self, turn: Turn, action: actions.Send) -> Reply:
        campaign = await self._context.find(turn, action)
        if campaign.status.has_started:
            # Pressed twice, or by two admins: it was started once.
            return await self._context.present(turn, campaign)
        await self.require_sendable(campaign)
        if campaign.revision != action.revision:
            return await self._context.present(turn, campaign, MOVED_ON)
        try:
            started = await self._engine.send(
                drafting.when_in_doubt(campaign, InDoubtPolicy(action.in_doubt)),
                sender_id=turn.user.id,
            )
        except Conflict:
            campaign = await self._context.find(turn, action)
            notice = None if campaign.status.has_started else MOVED_ON
            return await self._context.present(turn, campaign, notice)
        return await self._context.present(turn, started)

    async def require_sendable(self, campaign: Campaign) -> None:
        """Raises NotPossible, with the obstacle, when the campaign can't be sent."""
        reason = await self._engine.obstacle(campaign)
        if reason is not None:
            raise NotPossible(reason)

    async def _recalled(self, campaign: Campaign) -> bool:
        """True when it sends newcomers a message that was recalled from all others."""
        key = campaign.original_key
        if key is None or campaign.audience is None or not campaign.audience.adds_recipients:
            return False
        original = await self._store.campaigns.get(key)
        return original is not None and recalled(await self._context.followers(original))

    async def _audience_name(self, campaign: Campaign, reachable: int) -> str:
        source = await audiences.source(self._store, campaign.tenant_id, campaign.audience)
        return audience_name(
            campaign.audience, replace(source or FrozenAudience(), people=reachable)
        )


def require_room(campaign: Campaign) -> None:
    """Raises NotPossible when the message with its survey is too big for Teams.

    The survey may have grown since it was chosen.
    """
    if campaign.survey is not None and is_too_big(campaign):
        raise NotPossible(SurveyTooBig())
