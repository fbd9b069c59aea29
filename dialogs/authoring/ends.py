"""The first and the last step of writing a campaign: name and format, recipients.

Each step saves what was typed before it shows the next. *Next* checks it; *Back* and *Save draft*
keep it as far as it is written. What can't be taken comes back in its field, with the reason under
it.
"""

from __future__ import annotations

from campaigns import drafting
from campaigns.audience import AllUsers, Audience, ListAudience, WaitingAudience
from campaigns.campaign import Campaign, CampaignKey
from campaigns.content import Format
from campaigns.errors import Invalid
from campaigns.refusals.authoring import AuthoringRefusal
from cards import actions, lists
from cards.authoring import basics as authoring
from cards.markdown import escape
from cards.refusals.words import errors_of, in_words
from cards.view import Notice
from dialogs.authoring.basics import basics_step
from dialogs.authoring.content_steps import ContentSteps
from dialogs.authoring.drafts import CLASH, SAVED, Drafts, moved
from dialogs.authoring.recipients import recipients_step
from dialogs.context import Context, new_id
from dialogs.routes import Routes
from dialogs.turn import Reply, Turn, show
from storage.errors import Conflict


class Authoring:
    """Steps 1 and 4; between them is ``dialogs.authoring.writing``."""

    def __init__(self, context: Context, drafts: Drafts, steps: ContentSteps) -> None:
        self._context = context
        self._drafts = drafts
        self._steps = steps
        self._store = context.store

    def routes(self) -> Routes:
        return {
            actions.OpenNewCampaign: self.new_campaign,
            actions.CreateCampaign: self.create_campaign,
            actions.OpenBasics: self.open_basics,
            actions.SaveBasics: self.save_basics,
            actions.OpenRecipients: self.open_recipients,
            actions.SaveRecipients: self.save_recipients,
        }

    # --- step 1: name and format

    async def new_campaign(self, turn: Turn, action: actions.OpenNewCampaign) -> Reply:
        return show(authoring.new_campaign(new_id()))

    async def create_campaign(self, turn: Turn, action: actions.CreateCampaign) -> Reply:
        key = CampaignKey(turn.tenant_id, action.campaign)
        known = await self._store.campaigns.get(key)
        if known is None:
            try:
                known = await self._store.campaigns.add(
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
                form = authoring.new_campaign(
                    action.campaign,
                    name=action.name,
                    format=action.format,
                    errors=errors_of(error),
                )
                return show(form)
            except Conflict:
                # The same press, twice at once: the other one has made it.
                known = await self._store.campaigns.get(key)
        if known is None or known.status.has_started:
            return await self.new_campaign(turn, actions.OpenNewCampaign())
        return self._steps.content(known)

    async def open_basics(self, turn: Turn, action: actions.OpenBasics) -> Reply:
        draft = await self._drafts.find(turn, action)
        return basics_step(draft, notice=moved(draft, action))

    async def save_basics(self, turn: Turn, action: actions.SaveBasics) -> Reply:
        draft = await self._drafts.find(turn, action)
        try:
            changed = drafting.rename(draft, action.name, _format(action.format), turn.at)
        except Invalid as error:
            if action.then == "back":
                kept = Notice(
                    f"The name is as it was. {escape(in_words(error.refusal))}", "warning"
                )
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

    # --- step 4: recipients

    async def open_recipients(self, turn: Turn, action: actions.OpenRecipients) -> Reply:
        draft = await self._drafts.find(turn, action)
        return await recipients_step(
            self._store, draft, page=action.page, notice=moved(draft, action)
        )

    async def save_recipients(self, turn: Turn, action: actions.SaveRecipients) -> Reply:
        draft = await self._drafts.find(turn, action)
        chosen = action.audience
        if chosen == "new" and action.then == "next":
            form = lists.write_list(
                new_id(),
                revision=0,
                name="",
                addresses="",
                campaign=draft.id,
                campaign_revision=draft.revision,
            )
            return show(form)
        if chosen not in ("", "new"):
            audience = await self._audience(turn, draft, chosen)
            if audience is None:
                return await recipients_step(
                    self._store,
                    draft,
                    chosen="",
                    errors={"audience": in_words(AuthoringRefusal.LIST_GONE)},
                )
            saved = await self._drafts.saved(
                draft, drafting.target(draft, audience, turn.at), action
            )
            if saved is None:
                return await recipients_step(
                    self._store, await self._drafts.find(turn, action), chosen=chosen, notice=CLASH
                )
            draft = saved
        elif action.then == "next":
            errors = {"audience": in_words(AuthoringRefusal.NO_AUDIENCE)}
            return await recipients_step(self._store, draft, errors=errors)
        if action.then == "back":
            return self._steps.preview(turn, draft)
        return await self._context.present(turn, draft, SAVED if action.then == "draft" else None)

    # --- shared

    async def _audience(self, turn: Turn, draft: Campaign, chosen: str) -> Audience | None:
        if chosen == "all":
            return AllUsers()
        if chosen == authoring.WAITING and isinstance(draft.audience, WaitingAudience):
            return draft.audience
        list_id = chosen.removeprefix("list:")
        if await self._context.store.lists.get(turn.tenant_id, list_id) is None:
            return None
        return ListAudience(list_id)


def _format(value: str) -> Format:
    try:
        return Format(value)
    except ValueError:
        raise Invalid("format", AuthoringRefusal.NO_FORMAT) from None
