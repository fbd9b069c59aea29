"""Writing a campaign, step by step, on one living card.

Each step saves what was typed before it shows the next. *Next* checks it; *Back* and *Save draft*
keep it as far as it is written. What can't be taken comes back in its field, with the reason under
it.
"""

from __future__ import annotations

from campaigns import campaign as domain
from campaigns import drafting
from campaigns.campaign import AllUsers, Audience, Campaign, CampaignKey, ListAudience
from campaigns.content import Format
from campaigns.errors import Invalid
from cards import actions, authoring, lists, personal
from cards.markdown import escape
from cards.size import LIMIT, size_in_bytes
from cards.view import Errors, Notice
from dialogs.recipients import LIST_GONE, recipients_step
from dialogs.routes import Routes
from dialogs.scene import MOVED_ON, Scene, new_id
from dialogs.turn import Reply, Turn, show
from storage.errors import Conflict

SAVED = Notice("Draft saved.")
_CLASH = Notice(
    "Someone else changed this draft in the meantime. What you typed is kept below; "
    "press the button again to save it in place of the other version.",
    "warning",
)


class Authoring:
    """The four steps."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._store = scene.store

    def routes(self) -> Routes:
        return {
            actions.OpenNewCampaign: self.new_campaign,
            actions.CreateCampaign: self.create_campaign,
            actions.OpenBasics: self.open_basics,
            actions.SaveBasics: self.save_basics,
            actions.OpenContent: self.open_content,
            actions.SaveContent: self.save_content,
            actions.OpenPreview: self.open_preview,
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
                    errors=_errors(error),
                )
                return show(form)
            except Conflict:
                # The same press, twice at once: the other one has made it.
                known = await self._store.campaigns.get(key)
        if known is None or known.status.has_started:
            return await self.new_campaign(turn, actions.OpenNewCampaign())
        return self._content(known)

    async def open_basics(self, turn: Turn, action: actions.OpenBasics) -> Reply:
        draft = await self._draft(turn, action)
        return self._basics(draft, notice=_moved(draft, action))

    async def save_basics(self, turn: Turn, action: actions.SaveBasics) -> Reply:
        draft = await self._draft(turn, action)
        try:
            changed = drafting.rename(draft, action.name, _format(action.format), turn.at)
        except Invalid as error:
            if action.then == "back":
                kept = Notice(f"The name is as it was. {escape(error.message)}", "warning")
                return await self._scene.present(turn, draft, kept)
            return self._basics(draft, action, errors=_errors(error))
        saved = await self._saved(draft, changed, action)
        if saved is None:
            return self._basics(await self._draft(turn, action), action, notice=_CLASH)
        if action.then == "draft":
            return await self._scene.present(turn, saved, SAVED)
        if action.then == "back":
            return await self._scene.present(turn, saved)
        return self._content(saved)

    # --- steps 2 and 3: the message and its preview

    async def open_content(self, turn: Turn, action: actions.OpenContent) -> Reply:
        draft = await self._draft(turn, action)
        return self._content(draft, notice=_moved(draft, action))

    async def open_preview(self, turn: Turn, action: actions.OpenPreview) -> Reply:
        draft = await self._draft(turn, action)
        return self._preview(turn, draft, notice=_moved(draft, action))

    async def save_content(self, turn: Turn, action: actions.SaveContent) -> Reply:
        draft = await self._draft(turn, action)
        typed = action.message
        goes_on = action.then in ("preview", "recipients")
        try:
            put = drafting.write if goes_on else drafting.keep
            changed = put(draft, typed, turn.at)
            _require_fitting(changed)
        except Invalid as error:
            return self._message_step(turn, draft, action, typed, errors=_errors(error))
        saved = await self._saved(draft, changed, action)
        if saved is None:
            now = await self._draft(turn, action)
            return self._message_step(turn, now, action, typed, notice=_CLASH)
        match action.then:
            case "preview":
                return self._preview(turn, saved)
            case "recipients":
                return await recipients_step(self._store, saved)
            case "content":
                return self._content(saved)
            case "basics":
                return self._basics(saved)
            case "draft":
                return await self._scene.present(turn, saved, SAVED)

    # --- step 4: recipients

    async def open_recipients(self, turn: Turn, action: actions.OpenRecipients) -> Reply:
        draft = await self._draft(turn, action)
        return await recipients_step(
            self._store, draft, page=action.page, notice=_moved(draft, action)
        )

    async def save_recipients(self, turn: Turn, action: actions.SaveRecipients) -> Reply:
        draft = await self._draft(turn, action)
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
            audience = await self._audience(turn, chosen)
            if audience is None:
                return await recipients_step(
                    self._store, draft, chosen="", errors={"audience": LIST_GONE}
                )
            saved = await self._saved(draft, drafting.target(draft, audience, turn.at), action)
            if saved is None:
                return await recipients_step(
                    self._store, await self._draft(turn, action), chosen=chosen, notice=_CLASH
                )
            draft = saved
        elif action.then == "next":
            errors = {"audience": "Choose who gets this campaign."}
            return await recipients_step(self._store, draft, errors=errors)
        if action.then == "back":
            return self._preview(turn, draft)
        return await self._scene.present(turn, draft, SAVED if action.then == "draft" else None)

    # --- shared

    async def _draft(self, turn: Turn, action: actions.OnCampaign) -> Campaign:
        """The draft as it is now.

        Raises NotPossible when it can't be changed any more.
        """
        found = await self._scene.find(turn, action)
        domain.require_draft(found)
        return found

    async def _saved(
        self, draft: Campaign, changed: Campaign, action: actions.OnCampaign
    ) -> Campaign | None:
        """The saved change; None when someone else changed the draft since the card was shown."""
        if _same(draft, changed):
            return draft
        if action.revision != draft.revision:
            return None
        try:
            return await self._store.campaigns.save(changed)
        except Conflict:
            now = await self._store.campaigns.get(draft.key)
            # The same press, twice at once: the other one has saved it.
            return now if now is not None and _same(now, changed) else None

    async def _audience(self, turn: Turn, chosen: str) -> Audience | None:
        if chosen == "all":
            return AllUsers()
        list_id = chosen.removeprefix("list:")
        if await self._scene.store.lists.get(turn.tenant_id, list_id) is None:
            return None
        return ListAudience(list_id)

    def _basics(
        self,
        draft: Campaign,
        typed: actions.SaveBasics | None = None,
        *,
        errors: Errors | None = None,
        notice: Notice | None = None,
    ) -> Reply:
        view = authoring.basics(
            draft,
            name=draft.name if typed is None else typed.name,
            format=draft.format.value if typed is None else typed.format,
            errors=errors or {},
            notice=notice,
        )
        return show(view)

    def _content(self, draft: Campaign, *, notice: Notice | None = None) -> Reply:
        return show(authoring.content(draft, message=draft.content.message, notice=notice))

    def _preview(self, turn: Turn, draft: Campaign, *, notice: Notice | None = None) -> Reply:
        view = authoring.preview(draft, turn.user, message=draft.content.message, notice=notice)
        return show(view)

    def _message_step(
        self,
        turn: Turn,
        draft: Campaign,
        action: actions.SaveContent,
        typed: str,
        *,
        errors: Errors | None = None,
        notice: Notice | None = None,
    ) -> Reply:
        """The card on which the message was typed, with it still in its field."""
        if action.step == "preview":
            view = authoring.preview(
                draft, turn.user, message=typed, errors=errors or {}, notice=notice
            )
            if size_in_bytes(view.card) <= LIMIT:
                return show(view)
        return show(authoring.content(draft, message=typed, errors=errors or {}, notice=notice))


def _require_fitting(draft: Campaign) -> None:
    """Raises Invalid when the message, as somebody receives it, would be too big for Teams."""
    if personal.is_too_big(draft):
        raise Invalid(
            "message",
            "With people's own names filled in, this message gets too big for Teams. "
            "Shorten it, or use fewer placeholders.",
        )


def _format(value: str) -> Format:
    try:
        return Format(value)
    except ValueError:
        raise Invalid("format", "Choose one of the formats.") from None


def _errors(error: Invalid) -> Errors:
    return {error.field: error.message}


def _moved(draft: Campaign, action: actions.OnCampaign) -> Notice | None:
    return MOVED_ON if action.revision != draft.revision else None


def _same(one: Campaign, other: Campaign) -> bool:
    """Whether nothing that an author writes is different."""
    return (one.name, one.format, one.content, one.audience) == (
        other.name,
        other.format,
        other.content,
        other.audience,
    )
