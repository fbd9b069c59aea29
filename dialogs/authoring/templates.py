"""Templates: saving a campaign as one, starting from one, deleting one."""

from __future__ import annotations

from campaigns.errors import Invalid
from campaigns.templates import Template, campaign_from, template_of
from cards import actions
from cards.authoring import templates as cards
from cards.markdown import escape
from cards.refusals.words import errors_of
from cards.view import Notice
from dialogs.context import Context, new_id
from dialogs.errors import Gone
from dialogs.paging import page_or_last
from dialogs.routes import Openers, Routes
from dialogs.turn import Reply, Turn, show
from storage.errors import Conflict

_GONE = Notice("This template does not exist any more.", "warning")


class TemplatesDialog:
    """Shows, saves, uses and deletes the tenant's templates."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._store = context.store

    def routes(self) -> Routes:
        return {
            actions.OpenTemplates: self.shelf,
            actions.OpenSaveTemplate: self.open_save,
            actions.SaveTemplate: self.save,
            actions.OpenUseTemplate: self.open_use,
            actions.UseTemplate: self.use,
            actions.AskDeleteTemplate: self.ask_delete,
            actions.DeleteTemplate: self.delete,
        }

    def openers(self) -> Openers:
        return {actions.OpenTemplates: self.shelf}

    async def shelf(
        self, turn: Turn, action: actions.OpenTemplates, notice: Notice | None = None
    ) -> Reply:
        templates, page = await page_or_last(
            lambda offset: self._store.templates.page(
                turn.tenant_id, offset=offset, limit=cards.PAGE
            ),
            action.page,
            cards.PAGE,
        )
        view = cards.templates(
            templates.items,
            page=page,
            total=templates.total,
            zone=self._context.zone(turn.user),
            notice=notice,
        )
        return show(view)

    async def open_save(self, turn: Turn, action: actions.OpenSaveTemplate) -> Reply:
        campaign = await self._context.find(turn, action)
        return show(cards.save(campaign, new_id(), name=campaign.name))

    async def save(self, turn: Turn, action: actions.SaveTemplate) -> Reply:
        campaign = await self._context.find(turn, action)
        try:
            template = template_of(
                await self._context.as_corrected(campaign),
                action.template,
                name=action.name,
                author_id=turn.user.id,
                now=turn.at,
            )
        except Invalid as error:
            return show(
                cards.save(campaign, action.template, name=action.name, errors=errors_of(error))
            )
        try:
            template = await self._store.templates.add(template)
        except Conflict:
            # The same press came before, or twice at once: the template is there.
            template = await self._find(turn, action.template)
        notice = Notice(f"Saved as the template “{escape(template.name)}”.")
        return await self.shelf(turn, actions.OpenTemplates(), notice)

    async def open_use(self, turn: Turn, action: actions.OpenUseTemplate) -> Reply:
        template = await self._find(turn, action.template)
        return show(cards.use(template, new_id(), name=template.name))

    async def use(self, turn: Turn, action: actions.UseTemplate) -> Reply:
        template = await self._find(turn, action.template)
        try:
            campaign = await self._context.add(
                campaign_from(
                    template,
                    action.campaign,
                    name=action.name,
                    author_id=turn.user.id,
                    now=turn.at,
                )
            )
        except Invalid as error:
            errors = errors_of(error)
            return show(cards.use(template, action.campaign, name=action.name, errors=errors))
        if campaign is None:
            return await self.shelf(turn, actions.OpenTemplates())
        return await self._context.present(turn, campaign)

    async def ask_delete(self, turn: Turn, action: actions.AskDeleteTemplate) -> Reply:
        return show(cards.ask_delete(await self._find(turn, action.template)))

    async def delete(self, turn: Turn, action: actions.DeleteTemplate) -> Reply:
        template = await self._find(turn, action.template)
        await self._store.templates.delete(turn.tenant_id, template.id)
        notice = Notice(f"The template “{escape(template.name)}” has been deleted.")
        return await self.shelf(turn, actions.OpenTemplates(), notice)

    async def _find(self, turn: Turn, template_id: str) -> Template:
        """Returns the template. Raises Gone."""
        template = await self._store.templates.get(turn.tenant_id, template_id)
        if template is None:
            raise Gone(actions.OpenTemplates(), _GONE)
        return template
