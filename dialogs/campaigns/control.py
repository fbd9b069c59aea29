"""Controls a campaign that has started: pause, resume, stop, resend the deliveries in doubt."""

from __future__ import annotations

from campaigns.campaign import Status
from campaigns.errors import NotPossible
from campaigns.followup import as_it_stands, require_resendable
from campaigns.probing import is_taken_up
from cards import actions
from cards.campaigns import campaign as cards
from cards.campaigns import confirmations
from cards.texts import people
from cards.view import Notice
from delivery.engine import Engine
from dialogs.context import Context
from dialogs.routes import Routes
from dialogs.turn import Reply, Turn, show


class ControlDialog:
    """Pauses, resumes and stops a campaign, and resends its deliveries in doubt."""

    def __init__(self, context: Context, engine: Engine) -> None:
        self._context = context
        self._store = context.store
        self._engine = engine

    def routes(self) -> Routes:
        return {
            actions.Pause: self.pause,
            actions.Resume: self.resume,
            actions.AskStop: self.ask_stop,
            actions.Stop: self.stop,
            actions.AskResend: self.ask_resend,
            actions.Resend: self.resend,
        }

    async def pause(self, turn: Turn, action: actions.Pause) -> Reply:
        campaign = await self._context.find(turn, action)
        paused_for_good = campaign.status is Status.PAUSED and not is_taken_up(campaign)
        if paused_for_good or campaign.status.has_ended:
            # Pressed twice, by two admins, or too late: the card shows the present status.
            return await self._context.present(turn, campaign)
        paused = await self._engine.pause(campaign.key)
        return await self._context.present(turn, paused or campaign)

    async def resume(self, turn: Turn, action: actions.Resume) -> Reply:
        campaign = await self._context.find(turn, action)
        if campaign.status is Status.SENDING or campaign.status.has_ended:
            return await self._context.present(turn, campaign)
        resumed = await self._engine.resume(campaign.key)
        return await self._context.present(turn, resumed or campaign)

    async def ask_stop(self, turn: Turn, action: actions.AskStop) -> Reply:
        campaign = await self._context.find(turn, action)
        if not cards.is_live(campaign) or campaign.status is Status.STOPPED:
            return await self._context.present(turn, campaign)
        return show(confirmations.ask_stop(campaign, await self._store.ledger.counts(campaign.key)))

    async def stop(self, turn: Turn, action: actions.Stop) -> Reply:
        campaign = await self._context.find(turn, action)
        if campaign.status.has_ended:
            return await self._context.present(turn, campaign)
        stopped = await self._engine.end(campaign.key)
        return await self._context.present(turn, stopped or campaign)

    async def ask_resend(self, turn: Turn, action: actions.AskResend) -> Reply:
        campaign = await self._context.find(turn, action)
        counts = await self._store.ledger.counts(campaign.key)
        if not counts.in_doubt:
            notice = Notice("Nothing of this campaign is in doubt any more.")
            return await self._context.present(turn, campaign, notice)
        followers = await self._context.followers(campaign)
        require_resendable(followers)
        corrected = as_it_stands(campaign, followers) is not campaign
        return show(confirmations.ask_resend(campaign, counts, corrected=corrected))

    async def resend(self, turn: Turn, action: actions.Resend) -> Reply:
        campaign = await self._context.find(turn, action)
        counts = await self._store.ledger.counts(campaign.key)
        if not counts.in_doubt or campaign.status is Status.SENDING:
            return await self._context.present(turn, campaign)
        try:
            resumed = await self._engine.resend(campaign.key)
        except NotPossible:
            campaign = await self._context.find(turn, action)
            if campaign.status is not Status.SENDING:
                raise
            # Pressed twice, or by two admins: it was reopened once.
            return await self._context.present(turn, campaign)
        notice = Notice(f"Sending again to {people(counts.in_doubt)}.")
        return await self._context.present(turn, resumed or campaign, notice)
