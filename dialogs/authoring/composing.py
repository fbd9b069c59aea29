"""Makes an editor of Teams' own compose box.

While a draft's content is open, the text that its author types there becomes the message. *Cancel*
brings the previous message back.
"""

from __future__ import annotations

from datetime import timedelta

from msgspec.structs import replace

from campaigns import content as rules
from campaigns import drafting
from campaigns.campaign import Campaign, CampaignKey, Status, with_draft
from campaigns.content import Format, is_pasted
from campaigns.errors import Invalid
from cards import actions
from cards.message import compose
from cards.message.compose import Written
from cards.refusals.words import errors_of
from cards.view import NO_ERRORS, Errors, Notice
from dialogs.authoring.content_steps import ContentSteps, read_card, require_fitting
from dialogs.authoring.drafts import Drafts, moved
from dialogs.context import Context
from dialogs.routes import Routes
from dialogs.turn import Reply, Turn
from storage.errors import Conflict

OPEN_FOR = timedelta(hours=12)
"""Time after a draft is opened in which typed text becomes its message."""


class ComposeDialog:
    """Takes a message from the compose box into the open draft, and takes it out again."""

    def __init__(self, context: Context, drafts: Drafts, steps: ContentSteps) -> None:
        self._store = context.store
        self._drafts = drafts
        self._steps = steps

    def routes(self) -> Routes:
        return {actions.TakeBack: self.take_back}

    async def typed(self, turn: Turn) -> Reply | None:
        """Makes the typed text the message of the open draft. Returns None when none is open."""
        opened = turn.user.open_draft
        if opened is None or turn.at - opened.at > OPEN_FOR:
            return None
        draft = await self._store.campaigns.get(CampaignKey(turn.tenant_id, opened.campaign_id))
        if draft is None or draft.status is not Status.DRAFT:
            return None
        if is_pasted(draft.content, draft.format):
            return await self._pasted(turn, draft)
        return await self._written(turn, draft)

    async def take_back(self, turn: Turn, action: actions.TakeBack) -> Reply:
        draft = await self._drafts.find(turn, action)
        if draft.revision != action.revision:
            return self._steps.content(draft, notice=moved(draft, action))
        saved = await self._drafts.saved(draft, drafting.take_back(draft, turn.at), action)
        if saved is None:
            draft = await self._drafts.find(turn, action)
            return self._steps.content(draft, notice=moved(draft, action))
        return self._steps.content(saved, notice=Notice("The message is as it was before."))

    async def _written(self, turn: Turn, draft: Campaign) -> Reply | None:
        """Takes the typed text as the text of the message."""
        written = compose.from_html(turn.html) if turn.html else Written(turn.text)
        if not written.markdown.strip():
            lost = f" ({_listed(written.lost)} can't be kept)" if written.lost else ""
            text = f"There is no text in what you sent{lost}. The draft is as it was."
            return self._steps.content(draft, notice=Notice(text, "warning"))
        try:
            changed = drafting.replace_text(draft, written.markdown, turn.at)
            require_fitting(changed)
        except Invalid as error:
            typed = replace(draft.content, message=written.markdown)
            notice = Notice(
                "What you sent can't be the message as it is. The draft is as it was.", "warning"
            )
            return self._steps.content(draft, typed, errors=errors_of(error), notice=notice)
        saved = await self._saved(changed)
        if saved is None:
            return await self.typed(turn)
        notice = _taken(written)
        errors = _mistakes(saved)
        if saved.format in (Format.CARD, Format.SURVEY) and errors:
            return self._steps.content(saved, errors=errors, notice=notice)
        return self._steps.preview(turn, saved, errors=errors, notice=notice)

    async def _pasted(self, turn: Turn, draft: Campaign) -> Reply | None:
        """Takes the typed text as the JSON of a card."""
        try:
            card = await read_card(turn.text)
            changed = drafting.keep(draft, replace(draft.content, card=card), turn.at)
            require_fitting(changed)
        except Invalid as error:
            return self._steps.content(draft, card=turn.text, errors=errors_of(error))
        changed = with_draft(changed, replaced=draft.content)
        saved = await self._saved(changed)
        if saved is None:
            return await self.typed(turn)
        return self._steps.preview(turn, saved, notice=_taken(Written("")))

    async def _saved(self, changed: Campaign) -> Campaign | None:
        """Returns the saved draft; None when somebody else changed it at the same moment."""
        try:
            return await self._store.campaigns.save(changed)
        except Conflict:
            return None


def _mistakes(draft: Campaign) -> Errors:
    try:
        rules.checked(draft.content, draft.format)
    except Invalid as error:
        return errors_of(error)
    return NO_ERRORS


def _taken(written: Written) -> Notice:
    lost = f" Not kept: {_listed(written.lost)}." if written.lost else ""
    text = f"What you sent is the message now.{lost} *Cancel* brings the old one back."
    return Notice(text, "warning" if lost else "good")


def _listed(parts: tuple[str, ...]) -> str:
    return " and ".join(filter(None, (", ".join(parts[:-1]), parts[-1])))
