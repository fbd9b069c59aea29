"""The middle steps of writing a campaign: its content, and the preview of it.

Each saves what was typed before it shows the next. *Next* checks it; *Back* and *Save draft* keep
it as far as it is written. What can't be taken comes back in its field, with the reason under it.

While one of these steps is open, what the person types in Teams' own compose box becomes the
message.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Protocol

from msgspec.structs import replace

from campaigns import content as rules
from campaigns import drafting, placeholders
from campaigns.campaign import Campaign, CampaignKey, Status
from campaigns.content import Button, Content, Format, Image, is_pasted
from campaigns.errors import Invalid
from campaigns.pictures import Finding
from cards import actions, compose, pasted, personal, writing
from cards.compose import Written
from cards.markdown import escape
from cards.size import LIMIT, size_in_bytes
from cards.view import NO_ERRORS, Errors, Notice
from dialogs.basics import basics_step
from dialogs.drafts import CLASH, SAVED, Drafts, errors_of, moved
from dialogs.recipients import recipients_step
from dialogs.routes import Routes
from dialogs.scene import Scene
from dialogs.survey_shelf import survey_shelf
from dialogs.turn import Reply, Turn, show
from storage.errors import Conflict

OPEN_FOR = timedelta(hours=12)
"""As long, what is typed becomes the message of the draft that was opened last."""


class Pictures(Protocol):
    """Looks at pictures on the web."""

    async def look(self, address: str) -> Finding:
        """Whether Teams would show the picture at this address."""
        ...


class Writing:
    """Steps 2 and 3.

    :param knows_directory: whether department, job title, country and city can be known.
    """

    def __init__(
        self,
        scene: Scene,
        drafts: Drafts,
        pictures: Pictures,
        knows_directory: Callable[[], bool],
    ) -> None:
        self._scene = scene
        self._drafts = drafts
        self._store = scene.store
        self._pictures = pictures
        self._knows_directory = knows_directory

    def routes(self) -> Routes:
        return {
            actions.OpenContent: self.open_content,
            actions.SaveContent: self.save_content,
            actions.OpenPreview: self.open_preview,
            actions.TakeBack: self.take_back,
        }

    # --- what is pressed

    async def open_content(self, turn: Turn, action: actions.OpenContent) -> Reply:
        draft = await self._drafts.find(turn, action)
        return self.content(draft, notice=moved(draft, action))

    async def open_preview(self, turn: Turn, action: actions.OpenPreview) -> Reply:
        draft = await self._drafts.find(turn, action)
        return self.preview(turn, draft, notice=moved(draft, action))

    async def take_back(self, turn: Turn, action: actions.TakeBack) -> Reply:
        draft = await self._drafts.find(turn, action)
        if draft.revision != action.revision:
            return self.content(draft, notice=moved(draft, action))
        saved = await self._drafts.saved(draft, drafting.take_back(draft, turn.at), action)
        if saved is None:
            draft = await self._drafts.find(turn, action)
            return self.content(draft, notice=moved(draft, action))
        return self.content(saved, notice=Notice("The message is as it was before."))

    async def save_content(self, turn: Turn, action: actions.SaveContent) -> Reply:
        draft = await self._drafts.find(turn, action)
        typed = _typed(draft, action)
        goes_on = action.then in ("preview", "recipients")
        put = drafting.write if goes_on else drafting.keep
        try:
            if is_pasted(draft.content, draft.format) and not _keeps_card(action):
                typed = replace(typed, card=await _read(action.card))
            changed = put(draft, typed, turn.at)
            _require_fitting(changed)
            warning = await self._look(changed, required=goes_on)
        except Invalid as error:
            if action.then in ("basics", "build") and set(errors_of(error)) == {"card"}:
                # What can't be kept keeps nobody here.
                as_it_was = replace(draft.content, pasted=typed.pasted)
                changed, warning = drafting.keep(draft, as_it_was, turn.at), _not_kept(error)
            else:
                return self._again(turn, draft, action, typed, errors=errors_of(error))
        changed = _arranged(changed, action)
        saved = await self._drafts.saved(draft, changed, action)
        if saved is None:
            now = await self._drafts.find(turn, action)
            return self._again(turn, now, action, typed, notice=CLASH)
        if saved.original_key is not None and action.then in ("recipients", "basics"):
            # What follows another campaign has neither of these steps.
            return await self._scene.present(turn, saved, warning)
        match action.then:
            case "preview":
                return self.preview(turn, saved, notice=warning)
            case "recipients":
                return await recipients_step(self._store, saved, notice=warning)
            case "content" | "build" | "paste":
                return self.content(saved, notice=warning)
            case "basics":
                return basics_step(saved, notice=warning)
            case "surveys":
                return await survey_shelf(
                    self._store,
                    saved.tenant_id,
                    campaign=saved.id,
                    campaign_revision=saved.revision,
                )
            case "draft":
                return await self._scene.present(turn, saved, SAVED)

    # --- what is typed in the compose box

    async def typed(self, turn: Turn) -> Reply | None:
        """What comes of a message that is no command; None when no draft is open."""
        opened = turn.user.open_draft
        if opened is None or turn.at - opened.at > OPEN_FOR:
            return None
        draft = await self._store.campaigns.get(CampaignKey(turn.tenant_id, opened.campaign_id))
        if draft is None or draft.status is not Status.DRAFT:
            return None
        if is_pasted(draft.content, draft.format):
            return await self._pasted(turn, draft)
        written = compose.from_html(turn.html) if turn.html else Written(turn.text)
        if not written.markdown.strip():
            lost = f" ({_listed(written.lost)} can't be kept)" if written.lost else ""
            said = f"There is no text in what you sent{lost}. The draft is as it was."
            return self.content(draft, notice=Notice(said, "warning"))
        try:
            changed = drafting.replace_text(draft, written.markdown, turn.at)
            _require_fitting(changed)
        except Invalid as error:
            said = "What you sent can't be the message as it is. The draft is as it was."
            typed = replace(draft.content, message=written.markdown)
            notice = Notice(said, "warning")
            return self.content(draft, typed, errors=errors_of(error), notice=notice)
        saved = await self._kept(changed)
        if saved is None:
            return await self.typed(turn)
        notice = _taken(written)
        errors = _mistakes(saved)
        if saved.format in (Format.CARD, Format.SURVEY) and errors:
            return self.content(saved, errors=errors, notice=notice)
        return self.preview(turn, saved, errors=errors, notice=notice)

    async def _pasted(self, turn: Turn, draft: Campaign) -> Reply | None:
        """The card whose JSON was sent in the compose box."""
        text = turn.text
        try:
            card = await _read(text)
            changed = drafting.keep(draft, replace(draft.content, card=card), turn.at)
            _require_fitting(changed)
        except Invalid as error:
            return self.content(draft, card=text, errors=errors_of(error))
        changed = replace(changed, replaced=draft.content)
        saved = await self._kept(changed)
        if saved is None:
            return await self.typed(turn)
        return self.preview(turn, saved, notice=_taken(Written("")))

    async def _kept(self, changed: Campaign) -> Campaign | None:
        """The saved draft; None when somebody else changed it in this moment."""
        try:
            return await self._store.campaigns.save(changed)
        except Conflict:
            return None

    # --- what is shown

    def content(
        self,
        draft: Campaign,
        written: Content | None = None,
        *,
        card: str | None = None,
        errors: Errors = NO_ERRORS,
        notice: Notice | None = None,
    ) -> Reply:
        """Step 2 with what was typed on it; with what the draft has, when nothing was."""
        shown = draft.content if written is None else written
        directory = self._knows_directory()
        view = writing.content(
            draft, shown, card=card, directory=directory, errors=errors, notice=notice
        )
        if size_in_bytes(view.card) > LIMIT:
            shown, card = _beginnings(shown), None if card is None else card[: LIMIT // 8]
            view = writing.content(
                draft, shown, card=card, directory=directory, errors=errors, notice=notice
            )
        return show(view, opens=draft.id)

    def preview(
        self,
        turn: Turn,
        draft: Campaign,
        written: Content | None = None,
        *,
        errors: Errors = NO_ERRORS,
        notice: Notice | None = None,
    ) -> Reply:
        """Step 3, likewise."""
        view = writing.preview(
            draft,
            turn.user,
            draft.content if written is None else written,
            directory=self._knows_directory(),
            errors=errors,
            notice=notice,
        )
        if size_in_bytes(view.card) > LIMIT:
            return self.content(draft, written, errors=errors, notice=notice)
        return show(view, opens=draft.id)

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
            return self.preview(turn, draft, typed, errors=errors, notice=notice)
        card = action.card if is_pasted(draft.content, draft.format) else None
        if card is not None and _keeps_card(action):
            card = None
        shown = replace(typed, pasted=draft.content.pasted)
        return self.content(draft, shown, card=card, errors=errors, notice=notice)

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
    of = replace(draft.content, notification=action.notification)
    if is_pasted(draft.content, draft.format):
        return replace(of, pasted=action.then != "build")
    of = replace(of, message=action.message)
    if draft.format is not Format.CARD:
        return of
    return replace(
        of,
        title=action.title,
        image=Image(action.image, action.alt),
        buttons=tuple(Button(*action.button(number)) for number in range(1, action.buttons + 1)),
        pasted=action.then == "paste",
    )


def _keeps_card(action: actions.SaveContent) -> bool:
    """Whether the card that is kept stays: an empty field says so when it did not fit into it, and
    when nothing has been pasted yet."""
    if action.card.strip():
        return False
    return action.keep_card or action.then not in ("preview", "recipients")


async def _read(text: str) -> str:
    """The pasted card as it is kept. Raises Invalid.

    In a thread: checking the largest takes most of a second.
    """
    try:
        return await asyncio.to_thread(pasted.read, text)
    except pasted.BadCard as error:
        raise Invalid("card", "\n".join(error.problems)) from error


def _require_fitting(draft: Campaign) -> None:
    """Raises Invalid when the message, as somebody receives it, would be too big for Teams."""
    if personal.is_too_big(draft):
        field = "card" if is_pasted(draft.content, draft.format) else "message"
        what = "card" if draft.format is Format.CARD else "message"
        raise Invalid(
            field,
            f"With people's own names filled in, this {what} gets too big for Teams. "
            "Shorten it, or use fewer placeholders.",
        )


def _arranged(changed: Campaign, action: actions.SaveContent) -> Campaign:
    """The draft with its buttons as they were asked to be."""
    buttons = list(changed.content.buttons)
    at = action.at - 1
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


def _mistakes(draft: Campaign) -> Errors:
    try:
        rules.checked(draft.content, draft.format)
    except Invalid as error:
        return errors_of(error)
    return NO_ERRORS


def _beginnings(of: Content) -> Content:
    """As much of each part as certainly fits on one card with the others."""
    return replace(
        of,
        message=of.message[: rules.MESSAGE_LIMIT],
        notification=of.notification[: rules.NOTIFICATION_LIMIT],
        title=of.title[: rules.TITLE_LIMIT],
        image=Image(of.image.url[:1_000], of.image.alt[: rules.ALT_LIMIT]),
        buttons=tuple(
            Button(button.text[: rules.BUTTON_LIMIT], button.url[:1_000]) for button in of.buttons
        ),
    )


def _taken(written: Written) -> Notice:
    lost = f" Not kept: {_listed(written.lost)}." if written.lost else ""
    said = f"What you sent is the message now.{lost} *Cancel* brings the old one back."
    return Notice(said, "warning" if lost else "good")


def _not_kept(error: Invalid) -> Notice:
    [first, *_] = error.message.splitlines()
    return Notice(f"What was pasted is not kept. {escape(first)}", "warning")


def _listed(parts: tuple[str, ...]) -> str:
    return " and ".join(filter(None, (", ".join(parts[:-1]), parts[-1])))
