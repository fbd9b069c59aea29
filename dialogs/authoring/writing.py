"""Saves the content of a campaign (step 2 of writing it), and opens its preview (step 3)."""

from __future__ import annotations

from typing import Protocol

from msgspec.structs import replace

from campaigns import content as rules
from campaigns import drafting
from campaigns.campaign import Campaign, Purpose, with_draft
from campaigns.content import Button, Content, Format, Picture, is_pasted
from campaigns.errors import Invalid, Refusal
from campaigns.pictures import Finding
from campaigns.refusals.authoring import PictureDoubt
from campaigns.text import placeholders
from cards import actions
from cards.markdown import escape
from cards.refusals.words import errors_of, in_words
from cards.view import NO_ERRORS, Errors, Notice
from dialogs.authoring.basics import basics_step
from dialogs.authoring.content_steps import ContentSteps, read_card, require_fitting
from dialogs.authoring.drafts import CLASH, SAVED, Drafts, moved
from dialogs.authoring.recipients import recipients_step
from dialogs.context import Context
from dialogs.routes import Routes
from dialogs.surveys.drafts import SurveyDrafts
from dialogs.surveys.shelf import survey_shelf
from dialogs.turn import Reply, Turn

_NOT_SAVED = Notice(
    "**Not saved yet.** What you typed is only on this card. Put right what is marked below.",
    "warning",
)
_UNFINISHED = Notice(
    "Saved in the draft as it is. Put right what is marked below before it can be sent.", "warning"
)


class Pictures(Protocol):
    """Looks at pictures on the web."""

    async def look(self, address: str) -> Finding:
        """Returns the finding: would Teams show the picture at this address?"""
        ...


class WriteDialog:
    """Opens and saves a draft's content, and shows the step after it."""

    def __init__(
        self,
        context: Context,
        drafts: Drafts,
        steps: ContentSteps,
        pictures: Pictures,
    ) -> None:
        self._context = context
        self._drafts = drafts
        self._store = context.store
        self._surveys = SurveyDrafts(context)
        self._steps = steps
        self._pictures = pictures

    def routes(self) -> Routes:
        return {
            actions.OpenContent: self.open_content,
            actions.SaveContent: self.save_content,
            actions.OpenPreview: self.open_preview,
        }

    async def open_content(self, turn: Turn, action: actions.OpenContent) -> Reply:
        draft = await self._drafts.find(turn, action)
        return self._steps.content(draft, notice=moved(draft, action))

    async def open_preview(self, turn: Turn, action: actions.OpenPreview) -> Reply:
        draft = await self._drafts.find(turn, action)
        return self._steps.preview(turn, draft, notice=moved(draft, action))

    async def save_content(self, turn: Turn, action: actions.SaveContent) -> Reply:
        draft = await self._drafts.find(turn, action)
        typed = _typed(draft, action)
        goes_on = action.then in ("preview", "recipients")
        write = drafting.write if goes_on else drafting.keep
        try:
            if is_pasted(draft.content, draft.format) and not _keeps_card(action):
                typed = replace(typed, card=await read_card(action.card))
            changed = write(draft, typed, turn.at)
            require_fitting(changed)
            warning = await self._look(changed, required=goes_on)
        except Invalid as error:
            if action.then in ("basics", "build") and set(error.problems) == {"card"}:
                # A card that can't be kept must not hold anybody on this step.
                as_it_was = replace(draft.content, pasted=typed.pasted)
                changed, warning = drafting.keep(draft, as_it_was, turn.at), _not_kept(error)
            else:
                return await self._refused(turn, draft, action, typed, errors_of(error))
        changed = _arranged(changed, action)
        saved = await self._drafts.saved(draft, changed, action)
        if saved is None:
            draft = await self._drafts.find(turn, action)
            return self._again(turn, draft, action, typed, notice=CLASH)
        return await self._next(turn, saved, action, warning)

    async def _next(
        self, turn: Turn, saved: Campaign, action: actions.SaveContent, warning: Notice | None
    ) -> Reply:
        """Shows the step that the pressed button leads to."""
        if saved.original_key is not None and action.then in ("recipients", "basics"):
            # A campaign that follows another one has neither of these steps.
            return await self._context.present(turn, saved, warning)
        match action.then:
            case "preview":
                return self._steps.preview(turn, saved, notice=warning)
            case "recipients":
                return await recipients_step(self._store, saved, notice=warning)
            case "content" | "build" | "paste":
                return self._steps.content(saved, notice=warning)
            case "basics":
                return basics_step(saved, notice=warning)
            case "surveys":
                return await survey_shelf(
                    self._store,
                    saved.tenant_id,
                    campaign=saved.id,
                    campaign_revision=saved.revision,
                )
            case "survey":
                return await self._survey(turn, saved)
            case "draft":
                return await self._context.present(turn, saved, SAVED)

    async def _survey(self, turn: Turn, draft: Campaign) -> Reply:
        """Shows the survey that the draft asks."""
        if draft.survey is None:
            return self._steps.content(draft)
        opened = actions.OpenSurvey(
            survey=draft.survey.id, campaign=draft.id, campaign_revision=draft.revision
        )
        return self._surveys.shown(turn, await self._surveys.find(turn, opened), opened)

    async def _refused(
        self,
        turn: Turn,
        draft: Campaign,
        action: actions.SaveContent,
        typed: Content,
        errors: Errors,
    ) -> Reply:
        """Shows the card again, with the mistakes marked.

        Keeps the typed content in the draft if possible, so that people who leave this card lose
        nothing.
        """
        if rules.is_empty(typed, draft.format):
            lost = _NOT_SAVED if action.card.strip() else None
            return self._again(turn, draft, action, typed, errors=errors, notice=lost)
        try:
            kept = drafting.keep(draft, typed, turn.at)
            require_fitting(kept)
        except Invalid:
            return self._again(turn, draft, action, typed, errors=errors, notice=_NOT_SAVED)
        kept = with_draft(kept, replaced=draft.draft.replaced)
        saved = await self._drafts.saved(draft, kept, action)
        if saved is None:
            draft = await self._drafts.find(turn, action)
            return self._again(turn, draft, action, typed, errors=errors, notice=CLASH)
        notice = _NOT_SAVED if "card" in errors else _UNFINISHED
        return self._again(turn, saved, action, typed, errors=errors, notice=notice)

    def _again(
        self,
        turn: Turn,
        draft: Campaign,
        action: actions.SaveContent,
        typed: Content,
        *,
        errors: Errors = NO_ERRORS,
        notice: Notice | None = None,
    ) -> Reply:
        """Shows the same card again, with the typed content still in its fields."""
        if action.step == "preview":
            return self._steps.preview(turn, draft, typed, errors=errors, notice=notice)
        card = action.card if is_pasted(draft.content, draft.format) else None
        if card is not None and _keeps_card(action):
            card = None
        shown = replace(typed, pasted=draft.content.pasted)
        return self._steps.content(draft, shown, card=card, errors=errors, notice=notice)

    async def _look(self, changed: Campaign, *, required: bool) -> Notice | None:
        """Looks at the picture, and returns a notice when it could not be checked.

        Raises Invalid when Teams would not show it.

        :param required: False: nobody has to look yet.
        """
        content = changed.content
        address = content.image.url
        if not required or changed.format is not Format.CARD or content.pasted or not address:
            return None
        if placeholders.used(address):
            unsure: Refusal | None = PictureDoubt.PLACEHOLDER
        else:
            finding = await self._pictures.look(address)
            if finding.wrong is not None:
                raise Invalid("image", finding.wrong)
            unsure = finding.unsure
        if unsure is None:
            return None
        why = escape(in_words(unsure))
        text = f"The picture could not be checked: {why}. Try the campaign to see it."
        return Notice(text, "warning")


def _typed(draft: Campaign, action: actions.SaveContent) -> Content:
    """Returns the draft's content with the values of the fields that its format has."""
    content = draft.content
    if draft.follow_up.purpose is not Purpose.CORRECT:
        content = replace(content, notification=action.notification)
    if is_pasted(draft.content, draft.format):
        return replace(content, pasted=action.then != "build")
    content = replace(content, message=action.message)
    if draft.format is not Format.CARD:
        return content
    return replace(
        content,
        title=action.title,
        image=Picture(action.image, action.alt),
        buttons=tuple(Button(*action.button(number)) for number in range(1, action.buttons + 1)),
        pasted=action.then == "paste",
    )


def _keeps_card(action: actions.SaveContent) -> bool:
    """True when the card in the draft stays as it is, because its field came back empty.

    An empty field means so in two cases. The card was too large to be shown in the field. Or the
    button does not ask for a card yet, and nothing has been pasted.
    """
    if action.card.strip():
        return False
    return action.keep_card or action.then not in ("preview", "recipients")


def _arranged(changed: Campaign, action: actions.SaveContent) -> Campaign:
    """Returns the draft with its buttons added, moved or removed as asked."""
    buttons = list(changed.content.buttons)
    index = action.position - 1
    match action.move:
        case "add" if len(buttons) < rules.BUTTONS:
            buttons.append(Button())
        case "up" if 0 < index < len(buttons):
            buttons[index - 1 : index + 1] = reversed(buttons[index - 1 : index + 1])
        case "down" if 0 <= index < len(buttons) - 1:
            buttons[index : index + 2] = reversed(buttons[index : index + 2])
        case "remove" if 0 <= index < len(buttons):
            del buttons[index]
    return replace(changed, content=replace(changed.content, buttons=tuple(buttons)))


def _not_kept(error: Invalid) -> Notice:
    [first, *_] = in_words(error.refusal).splitlines()
    return Notice(f"What was pasted is not kept. {escape(first)}", "warning")
