"""Finding, opening, cloning and deleting campaigns."""

from __future__ import annotations

from campaigns import drafting, lifecycle
from campaigns.campaign import Campaign, Status
from campaigns.errors import Invalid, NotPossible
from campaigns.refusals.campaigns import CampaignRefusal
from cards import actions
from cards.campaigns import campaign as cards
from cards.campaigns import confirmations
from cards.campaigns import shelf as shelves
from cards.markdown import escape
from cards.refusals.words import errors_of, refused
from cards.view import Notice
from dialogs.campaigns.calendar import calendar_page
from dialogs.context import MOVED_ON, Context, new_id
from dialogs.paging import page_or_last
from dialogs.routes import Openers, Refusals, Routes
from dialogs.turn import Reply, Turn, show
from storage.errors import Conflict

_COPY = " (copy)"


class CampaignsDialog:
    """Shows the shelves and each campaign, clones campaigns and deletes them."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._store = context.store

    def routes(self) -> Routes:
        return {
            actions.OpenCampaigns: self.shelf,
            actions.OpenCampaign: self.open,
            actions.OpenClone: self.open_clone,
            actions.Clone: self.clone,
            actions.AskDelete: self.ask_delete,
            actions.Delete: self.delete,
        }

    def openers(self) -> Openers:
        return {actions.OpenCampaigns: self.shelf}

    def refusals(self) -> Refusals:
        return {actions.OnCampaign: self.refused}

    async def refused(self, turn: Turn, action: actions.OnCampaign, refusal: NotPossible) -> Reply:
        """Shows the campaign as it is, and the reason why the action is not possible."""
        campaign = await self._context.find(turn, action)
        return await self._context.present(turn, campaign, Notice(refused(refusal), "warning"))

    async def shelf(
        self, turn: Turn, action: actions.OpenCampaigns, notice: Notice | None = None
    ) -> Reply:
        if action.shelf == "scheduled":
            return await calendar_page(self._context, turn, action.page, notice)
        _, statuses = shelves.SHELVES[action.shelf]
        campaigns, page = await page_or_last(
            lambda offset: self._store.campaigns.page(
                turn.tenant_id, statuses, offset=offset, limit=shelves.PAGE
            ),
            action.page,
            shelves.PAGE,
        )
        view = shelves.campaigns(
            action.shelf,
            campaigns.items,
            page=page,
            total=campaigns.total,
            per_status=await self._store.campaigns.count(turn.tenant_id),
            zone=self._context.zone(turn.user),
            notice=notice,
        )
        return show(view)

    async def open(self, turn: Turn, action: actions.OpenCampaign) -> Reply:
        campaign = await self._context.find(turn, action)
        return await self._context.present(turn, campaign)

    async def open_clone(self, turn: Turn, action: actions.OpenClone) -> Reply:
        campaign = await self._context.find(turn, action)
        name = f"{campaign.name[: drafting.NAME_LIMIT - len(_COPY)]}{_COPY}"
        return show(cards.clone(campaign, new_id(), name=name))

    async def clone(self, turn: Turn, action: actions.Clone) -> Reply:
        campaign = await self._context.find(turn, action)
        try:
            clone = await self._context.add(
                drafting.clone(
                    await self._context.as_corrected(campaign),
                    action.clone,
                    name=action.name,
                    author_id=turn.user.id,
                    now=turn.at,
                )
            )
        except Invalid as error:
            errors = errors_of(error)
            return show(cards.clone(campaign, action.clone, name=action.name, errors=errors))
        return await self._context.present(
            turn, clone or campaign, Notice(f"This is the clone of “{escape(campaign.name)}”.")
        )

    async def ask_delete(self, turn: Turn, action: actions.AskDelete) -> Reply:
        campaign = await self._context.find(turn, action)
        self._require_deletable(campaign)
        if not campaign.status.has_started and campaign.revision != action.revision:
            return await self._context.present(turn, campaign, MOVED_ON)
        return show(confirmations.ask_delete(campaign))

    async def delete(self, turn: Turn, action: actions.Delete) -> Reply:
        campaign = await self._context.find(turn, action)
        self._require_deletable(campaign)
        is_sent = campaign.status.has_started
        if is_sent != action.sent or (not is_sent and campaign.revision != action.revision):
            return await self._context.present(turn, campaign, MOVED_ON)
        try:
            # Saving makes a new revision: an admin who presses Send at this moment is refused, or
            # comes first.
            await self._store.campaigns.save(campaign)
        except Conflict:
            return await self._context.present_now(turn, action)
        await self._store.campaigns.delete(campaign.key)
        shelf: actions.Shelf = "completed" if campaign.status.has_started else "drafts"
        if campaign.status is Status.SCHEDULED:
            shelf = "scheduled"
        return await self.shelf(
            turn,
            actions.OpenCampaigns(shelf=shelf),
            Notice(f"“{escape(campaign.name)}” has been deleted."),
        )

    def _require_deletable(self, campaign: Campaign) -> None:
        """Raises NotPossible while deliveries may be under way."""
        lifecycle.require_deletable(campaign)
        if cards.is_live(campaign):
            raise NotPossible(CampaignRefusal.STOPPING)
