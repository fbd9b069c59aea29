"""The middle steps of writing a campaign: its content, and the preview of it.

Each saves what was typed before it shows the next. *Next* checks it; *Back* and *Save draft* keep
it as far as it is written. What can't be taken comes back in its field, with the reason under it.
"""

from __future__ import annotations

from typing import Protocol

from msgspec.structs import replace

from campaigns import content as rules
from campaigns import drafting
from campaigns.campaign import Campaign, Purpose
from campaigns.content import Button, Content, Format, Picture, is_pasted
from campaigns.errors import Invalid
from campaigns.pictures import Finding
from campaigns.text import placeholders
from cards import actions
from cards.markdown import escape
from cards.view import NO_ERRORS, Errors, Notice
from dialogs.authoring.basics import basics_step
from dialogs.authoring.content_steps import ContentSteps, read_card, require_fitting
from dialogs.authoring.drafts import CLASH, SAVED, Drafts, errors_of, moved
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
        """Whether Teams would show the picture at this address."""
        ...


class Writing:
    """What is pressed on steps 2 and 3."""

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
        put = drafting.write if goes_on else drafting.keep
        try:
            if is_pasted(draft.content, draft.format) and not _keeps_card(action):
                typed = replace(typed, card=await read_card(action.card))
            changed = put(draft, typed, turn.at)
            require_fitting(changed)
            warning = await self._look(changed, required=goes_on)
        except Invalid as error:
            if action.then in ("basics", "build") and set(errors_of(error)) == {"card"}:
                # What can't be kept keeps nobody here.
                as_it_was = replace(draft.content, pasted=typed.pasted)
                changed, warning = drafting.keep(draft, as_it_was, turn.at), _not_kept(error)
            else:
                return await self._refused(turn, draft, action, typed, errors_of(error))
        changed = _arranged(changed, action)
        saved = await self._drafts.saved(draft, changed, action)
        if saved is None:
            now = await self._drafts.find(turn, action)
            return self._again(turn, now, action, typed, notice=CLASH)
        if saved.original_key is not None and action.then in ("recipients", "basics"):
            # What follows another campaign has neither of these steps.
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
        """The survey that it asks, to look at or to change."""
        if draft.survey is None:
            return self._steps.content(draft)
        at = actions.OpenSurvey(
            survey=draft.survey.id, campaign=draft.id, campaign_revision=draft.revision
        )
        return self._surveys.shown(turn, await self._surveys.find(turn, at), at)

    async def _refused(
        self,
        turn: Turn,
        draft: Campaign,
        action: actions.SaveContent,
        typed: Content,
        errors: Errors,
    ) -> Reply:
        """The card again with what is wrong; what was typed is kept in the draft if it can be, so
        that it is still there for who leaves this card.
        """
        if rules.is_empty(typed, draft.format):
            lost = _NOT_SAVED if action.card.strip() else None
            return self._again(turn, draft, action, typed, errors=errors, notice=lost)
        try:
            kept = drafting.keep(draft, typed, turn.at)
            require_fitting(kept)
        except Invalid:
            return self._again(turn, draft, action, typed, errors=errors, notice=_NOT_SAVED)
        kept = replace(kept, draft=replace(kept.draft, replaced=draft.draft.replaced))
        saved = await self._drafts.saved(draft, kept, action)
        if saved is None:
            now = await self._drafts.find(turn, action)
            return self._again(turn, now, action, typed, errors=errors, notice=CLASH)
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
        """The card on which it was typed, with it still in its fields."""
        if action.step == "preview":
            return self._steps.preview(turn, draft, typed, errors=errors, notice=notice)
        card = action.card if is_pasted(draft.content, draft.format) else None
        if card is not None and _keeps_card(action):
            card = None
        shown = replace(typed, pasted=draft.content.pasted)
        return self._steps.content(draft, shown, card=card, errors=errors, notice=notice)

    async def _look(self, changed: Campaign, *, required: bool) -> Notice | None:
        """Looks at the picture; a notice when that could not be done.

        Raises Invalid for one that Teams would not show.
        """
        of = changed.content
        if not required or changed.format is not Format.CARD or of.pasted or not of.image.url:
            return None
        if placeholders.used(of.image.url):
            unsure = "its address has a placeholder in it"
        else:
            found = await self._pictures.look(of.image.url)
            if found.wrong:
                raise Invalid("image", found.wrong)
            unsure = found.unsure
        if not unsure:
            return None
        said = f"The picture could not be checked: {escape(unsure)}. Try the campaign to see it."
        return Notice(said, "warning")


def _typed(draft: Campaign, action: actions.SaveContent) -> Content:
    """The draft's content with what the fields of its format say."""
    of = draft.content
    if draft.follow_up.purpose is not Purpose.CORRECT:
        of = replace(of, notification=action.notification)
    if is_pasted(draft.content, draft.format):
        return replace(of, pasted=action.then != "build")
    of = replace(of, message=action.message)
    if draft.format is not Format.CARD:
        return of
    return replace(
        of,
        title=action.title,
        image=Picture(action.image, action.alt),
        buttons=tuple(Button(*action.button(number)) for number in range(1, action.buttons + 1)),
        pasted=action.then == "paste",
    )


def _keeps_card(action: actions.SaveContent) -> bool:
    """Whether the card that is kept stays: an empty field says so when it did not fit into it, and
    when nothing has been pasted yet."""
    if action.card.strip():
        return False
    return action.keep_card or action.then not in ("preview", "recipients")


def _arranged(changed: Campaign, action: actions.SaveContent) -> Campaign:
    """The draft with its buttons as they were asked to be."""
    buttons = list(changed.content.buttons)
    at = action.position - 1
    match action.move:
        case "add" if len(buttons) < rules.BUTTONS:
            buttons.append(Button())
        case "up" if 0 < at < len(buttons):
            buttons[at - 1 : at + 1] = reversed(buttons[at - 1 : at + 1])
        case "down" if 0 <= at < len(buttons) - 1:
            buttons[at : at + 2] = reversed(buttons[at : at + 2])
        case "remove" if 0 <= at < len(buttons):
            del buttons[at]
    return replace(changed, content=replace(changed.content, buttons=tuple(buttons)))


def _not_kept(error: Invalid) -> Notice:
    [first, *_] = error.message.splitlines()
    return Notice(f"What was pasted is not kept. {escape(first)}", "warning")
