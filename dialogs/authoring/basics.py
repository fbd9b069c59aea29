"""Step 1 of writing a campaign: its name and format."""

from __future__ import annotations

from campaigns import drafting
from campaigns.campaign import Campaign, CampaignKey
from campaigns.content import Format
from campaigns.errors import Invalid
from campaigns.refusals.authoring import AuthoringRefusal
from cards import actions
from cards.authoring import basics as cards
from cards.markdown import escape
from cards.refusals.words import errors_of, in_words
from cards.view import Errors, Notice
from dialogs.authoring.content_steps import ContentSteps
from dialogs.authoring.drafts import CLASH, SAVED, Drafts, moved
from dialogs.context import Context, new_id
from dialogs.routes import Routes
from dialogs.turn import Reply, Turn, show


class BasicsDialog:
    """Starts a campaign, and changes its name and format."""

    def __init__(self, context: Context, drafts: Drafts, steps: ContentSteps) -> None:
        self._context = context
        self._drafts = drafts
        self._steps = steps

    def routes(self) -> Routes:
        return {
            actions.OpenNewCampaign: self.new_campaign,
            actions.CreateCampaign: self.create_campaign,
            actions.OpenBasics: self.open,
            actions.SaveBasics: self.save,
        }

    async def new_campaign(self, turn: Turn, action: actions.OpenNewCampaign) -> Reply:
        return show(cards.new_campaign(new_id()))

    async def create_campaign(self, turn: Turn, action: actions.CreateCampaign) -> Reply:
        campaign = await self._context.store.campaigns.get(
            CampaignKey(turn.tenant_id, action.campaign)
        )
        if campaign is None:
            try:
                campaign = await self._context.add(
                    drafting.draft(
                        turn.tenant_id,
                        action.campaign,
                        name=action.name,
                        format=_format(action.format),
                        author_id=turn.user.id,
                        now=turn.at,
                    )
                )
            except Invalid as error:
                form = cards.new_campaign(
                    action.campaign,
                    name=action.name,
                    format=action.format,
                    errors=errors_of(error),
                )
                return show(form)
        if campaign is None or campaign.status.has_started:
            return await self.new_campaign(turn, actions.OpenNewCampaign())
        return self._steps.content(campaign)

    async def open(self, turn: Turn, action: actions.OpenBasics) -> Reply:
        draft = await self._drafts.find(turn, action)
        return basics_step(draft, notice=moved(draft, action))

    async def save(self, turn: Turn, action: actions.SaveBasics) -> Reply:
        draft = await self._drafts.find(turn, action)
        try:
            changed = drafting.rename(draft, action.name, _format(action.format), turn.at)
        except Invalid as error:
            if action.then == "back":
                why = escape(in_words(error.refusal))
                kept = Notice(f"The name is as it was. {why}", "warning")
                return await self._context.present(turn, draft, kept)
            return basics_step(draft, action, errors=errors_of(error))
        saved = await self._drafts.saved(draft, changed, action)
        if saved is None:
            return basics_step(await self._drafts.find(turn, action), action, notice=CLASH)
        if action.then == "draft":
            return await self._context.present(turn, saved, SAVED)
        if action.then == "back":
            return await self._context.present(turn, saved)
        return self._steps.content(saved)


def basics_step(
    draft: Campaign,
    typed: actions.SaveBasics | None = None,
    *,
    errors: Errors | None = None,
    notice: Notice | None = None,
) -> Reply:
    """Shows the step with the typed values, or with those of the draft.

    :param typed: the typed values; None when nothing was typed yet.
    """
    view = cards.basics(
        draft,
        name=draft.name if typed is None else typed.name,
        format=draft.format.value if typed is None else typed.format,
        errors=errors or {},
        notice=notice,
    )
    return show(view)


def _format(value: str) -> Format:
    try:
        return Format(value)
    except ValueError:
        raise Invalid("format", AuthoringRefusal.NO_FORMAT) from None
