"""Acknowledgements: admins ask for them and remind people, recipients give them."""

from __future__ import annotations

import logging

import msgspec

from campaigns import drafting
from campaigns.campaign import CampaignKey
from campaigns.errors import NotPossible
from campaigns.feedback import acknowledging, events
from campaigns.feedback.acknowledging import is_asked
from campaigns.feedback.events import Event, EventKind
from campaigns.followup import as_corrected, as_it_stands, recalled
from campaigns.refusals.campaigns import ConfirmationRefusal
from cards import actions
from cards.markdown import escape
from cards.message.personal import Renderer
from cards.view import Notice
from dialogs.context import MOVED_ON, Context
from dialogs.errors import Refused
from dialogs.routes import Routes
from dialogs.turn import Reply, Turn
from storage.errors import Conflict

_audit = logging.getLogger("audit")


class AcknowledgeDialog:
    """Asks for acknowledgements, records them, and reminds those who have not given one.

    :param renderer: renders campaigns as their recipients see them.
    """

    def __init__(self, context: Context, renderer: Renderer) -> None:
        self._context = context
        self._store = context.store
        self._renderer = renderer

    def routes(self) -> Routes:
        return {actions.AskToAcknowledge: self.ask, actions.Remind: self.remind}

    def for_everyone(self) -> Routes:
        """Returns the routes that recipients may take, too."""
        return {actions.Acknowledge: self.acknowledge}

    async def ask(self, turn: Turn, action: actions.AskToAcknowledge) -> Reply:
        draft = await self._context.find(turn, action)
        changed = acknowledging.ask(draft, action.wanted, turn.at)
        if changed.acknowledge == draft.acknowledge:
            return await self._context.present(turn, draft)
        if action.revision != draft.revision:
            return await self._context.present(turn, draft, MOVED_ON)
        try:
            saved = await self._store.campaigns.save(changed)
        except Conflict:
            return await self._context.present_now(turn, action)
        return await self._context.present(turn, saved)

    async def remind(self, turn: Turn, action: actions.Remind) -> Reply:
        campaign = await self._context.find(turn, action)
        followers = await self._context.followers(campaign)
        if recalled(followers):
            raise NotPossible(ConfirmationRefusal.RECALLED)
        campaign = as_corrected(campaign, followers)
        name = f"{acknowledging.REMINDER}{campaign.name}"[: drafting.NAME_LIMIT]
        clone = drafting.clone(
            campaign, action.reminder, name=name, author_id=turn.user.id, now=turn.at
        )
        reminder = await self._context.add(acknowledging.remind(clone, campaign))
        notice = Notice(
            f"This is a reminder of “{escape(campaign.name)}” for those who have not confirmed it "
            "when it is sent. Change the message if you like, then send it."
        )
        return await self._context.present(turn, reminder or campaign, notice)

    async def acknowledge(self, turn: Turn, action: actions.Acknowledge) -> Reply:
        """Records the acknowledgement before the card shows it.

        Raises Refused when there is nothing to confirm, and when the acknowledgement is not kept.
        """
        campaign = await self._store.campaigns.get(CampaignKey(turn.tenant_id, action.campaign))
        if campaign is None:
            raise Refused(ConfirmationRefusal.MESSAGE_GONE)
        delivery = await self._store.ledger.find(campaign.key, turn.user.id)
        standing = as_it_stands(campaign, await self._context.followers(campaign))
        asked = is_asked(campaign) or is_asked(standing)
        if delivery is None or not delivery.may_have_arrived or not asked:
            _audit.warning(
                "refused: user %s of tenant %s acknowledged %s, which they were not sent",
                turn.user.id,
                turn.tenant_id,
                campaign.id,
            )
            raise Refused(ConfirmationRefusal.NOT_SENT_TO_YOU)
        event = Event(kind=EventKind.ACKNOWLEDGED, at=turn.at, recipient_id=turn.user.id)
        if not await self._kept(campaign.key, event):
            raise Refused(ConfirmationRefusal.MESSAGE_GONE)
        if original_id := acknowledging.reminder_of(campaign):
            await self._store.events.append(CampaignKey(turn.tenant_id, original_id), [event])
        message = self._renderer(standing, acknowledged=True).message(turn.user)
        card = message.card
        shown = msgspec.json.decode(card) if isinstance(card, msgspec.Raw) else card
        return Reply(card=shown, summary=message.summary)

    async def _kept(self, key: CampaignKey, event: Event) -> bool:
        """Returns True when the acknowledgement is kept now, or was kept before.

        It is not when the campaign was deleted meanwhile.
        """
        if await self._store.events.append(key, [event]):
            return True
        known = await self._store.events.by_recipient(key, [event.recipient_id])
        return events.has(known.get(event.recipient_id, ()), event.kind)
