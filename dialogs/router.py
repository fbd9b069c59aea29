"""The one way in: decodes, authorises, and finds the dialog.

Rights are checked here, on every action, and not by hiding buttons.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Sequence
from datetime import timedelta

from campaigns.campaign import CardPlace
from campaigns.errors import NotPossible
from campaigns.user import OpenDraft
from cards import actions, home
from cards.actions import Action, NotAnAction, OnCampaign, TooMuch, decode
from cards.view import Notice
from delivery.engine import Engine
from delivery.people.contacts import Contacts
from dialogs import lists
from dialogs.authoring import templates
from dialogs.authoring.composing import ComposeDialog
from dialogs.campaigns import shelf as campaigns
from dialogs.context import Context
from dialogs.errors import CampaignGone, ListGone, SurveyGone, TemplateGone
from dialogs.routes import Routes
from dialogs.surveys import author as surveys
from dialogs.surveys.answering import AnswerDialog
from dialogs.turn import Reply, Turn, show
from storage.errors import Damaged

_log = logging.getLogger(__name__)
_audit = logging.getLogger("audit")

COMMANDS: dict[str, Action] = {
    "menu": actions.OpenHome(),
    "home": actions.OpenHome(),
    "start": actions.OpenHome(),
    "new campaign": actions.OpenNewCampaign(),
    "new": actions.OpenNewCampaign(),
    "campaigns": actions.OpenCampaigns(),
    "surveys": actions.OpenSurveys(),
    "lists": actions.OpenLists(),
    "distribution lists": actions.OpenLists(),
    "templates": actions.OpenTemplates(),
    "help": actions.OpenHelp(),
}
"""What can be typed; case and surrounding space do not matter."""

_LATELY = timedelta(hours=1)
"""As old, the note of which draft is open is written anew."""

_NOT_UNDERSTOOD = Notice(
    "I did not understand that. Type **menu**, **new campaign**, **campaigns**, **surveys**, "
    "**lists**, **templates** or **help**, or use the buttons.",
    "accent",
)
_TOO_MUCH = Notice(
    "That was too much text at once, and nothing was saved. Paste it in smaller parts.", "warning"
)
_NOT_AN_ACTION = Notice(
    "That button does not work (any more). Nothing was changed. Here is the menu.", "warning"
)


class Router:
    """Leads each turn to its dialog."""

    def __init__(
        self,
        context: Context,
        engine: Engine,
        *,
        contacts: Contacts,
        campaigns: campaigns.CampaignsDialog,
        lists: lists.ListsDialog,
        templates: templates.TemplatesDialog,
        composing: ComposeDialog,
        others: Sequence[Routes],
        for_everyone: Routes,
        surveys: surveys.SurveysDialog,
        answering: AnswerDialog,
    ) -> None:
        self._context = context
        self._engine = engine
        self._contacts = contacts
        self._campaigns = campaigns
        self._lists = lists
        self._templates = templates
        self._composing = composing
        self._routes: Routes = {
            actions.OpenHome: self._home,
            actions.OpenHelp: self._help,
            **campaigns.routes(),
            **lists.routes(),
            **templates.routes(),
            **composing.routes(),
        }
        for routes in others:
            self._routes.update(routes)
        self._for_everyone = for_everyone
        """What recipients may press, too."""
        self._surveys = surveys
        self._answering = answering

    async def turn(self, turn: Turn) -> Reply:
        """What the person sees next; of what is damaged, that it is.

        Raises StoreError when the store can't be read or written just now, and Refused for a
        recipient's press that comes to nothing.
        """
        if (action := self._open_to_all(turn)) is not None:
            return await self._for_everyone[type(action)](turn, action)
        if not turn.is_admin:
            if turn.pressed is not None:
                _audit.warning(
                    "refused: user %s of tenant %s is no admin and pressed %s",
                    turn.user.id,
                    turn.tenant_id,
                    _verb(turn.pressed),
                )
            answered = await self._answering.typed(turn) if turn.pressed is None else None
            return answered or show(home.visitor())
        reply = await (self._typed(turn) if turn.pressed is None else self._pressed(turn))
        await self._open(turn, reply.opens)
        if turn.card_id:
            place = CardPlace(turn.user.id, turn.card_id)
            if reply.follows is None:
                await self._engine.leave(turn.tenant_id, place)
            else:
                await self._engine.follow(reply.follows, place)
        return reply

    def _open_to_all(self, turn: Turn) -> Action | None:
        """What was pressed, when anyone may."""
        try:
            action = None if turn.pressed is None else decode(turn.pressed)
        except NotAnAction:
            return None
        return action if type(action) in self._for_everyone else None

    async def _typed(self, turn: Turn) -> Reply:
        action = COMMANDS.get(" ".join(turn.text.casefold().split()).strip(".!? "))
        if action is None:
            reply = await self._message(turn) or await self._answering.typed(turn)
            return reply or await self._home(turn, actions.OpenHome(), _NOT_UNDERSTOOD)
        return await self._readable(turn, action, self._routes[type(action)](turn, action))

    async def _message(self, turn: Turn) -> Reply | None:
        """What comes of text that is the message of an open draft."""
        try:
            return await self._composing.typed(turn)
        except Damaged as error:
            _log.error("user %s was shown that something is damaged: %s", turn.user.id, error)
            return show(home.unreadable(of_campaign=True))

    async def _open(self, turn: Turn, draft: str) -> None:
        """Remembers which draft the person has open now; none, when that is empty."""
        known = turn.user.open_draft
        if draft != (known.campaign_id if known is not None else "") or (
            known is not None and turn.at - known.at > _LATELY
        ):
            opened = OpenDraft(draft, turn.at) if draft else None
            await self._contacts.opened(turn.user, opened)

    async def _pressed(self, turn: Turn) -> Reply:
        try:
            action = decode(turn.pressed)
        except TooMuch as error:
            _log.warning("user %s sent too much: %s", turn.user.id, error)
            return await self._home(turn, actions.OpenHome(), _TOO_MUCH)
        except NotAnAction as error:
            _log.warning("user %s pressed what is no action: %.200r", turn.user.id, str(error))
            return await self._home(turn, actions.OpenHome(), _NOT_AN_ACTION)
        return await self._readable(turn, action, self._found(turn, action))

    async def _readable(self, turn: Turn, action: Action, answer: Awaitable[Reply]) -> Reply:
        """The answer, or that something it takes is damaged."""
        try:
            return await answer
        except Damaged as error:
            _log.error("user %s was shown that something is damaged: %s", turn.user.id, error)
            return show(home.unreadable(of_campaign=isinstance(action, OnCampaign)))

    async def _found(self, turn: Turn, action: Action) -> Reply:
        """What the action leads to, or what there is when what it is about has been deleted."""
        try:
            return await self._possible(turn, action)
        except CampaignGone:
            return await self._campaigns.shelf(turn, actions.OpenCampaigns(), campaigns.GONE)
        except ListGone:
            return await self._lists.lists(turn, actions.OpenLists(), lists.GONE)
        except SurveyGone:
            return await self._surveys.shelf(turn, _shelf_of(action), surveys.GONE)
        except TemplateGone:
            return await self._templates.shelf(turn, actions.OpenTemplates(), templates.GONE)

    async def _possible(self, turn: Turn, action: Action) -> Reply:
        """What the action leads to, or the campaign as it is and why it does not allow that."""
        try:
            return await self._routes[type(action)](turn, action)
        except NotPossible as refusal:
            if isinstance(action, actions.OnSurvey):
                return await self._surveys.refused(turn, action, refusal)
            assert isinstance(action, OnCampaign)
            campaign = await self._context.find(turn, action)
            return await self._context.present(turn, campaign, Notice(str(refusal), "warning"))

    async def _home(
        self, turn: Turn, action: actions.OpenHome, notice: Notice | None = None
    ) -> Reply:
        view = home.home(
            given_name=turn.user.profile.given_name,
            campaigns=await self._context.store.campaigns.count(turn.tenant_id),
            reachable=await self._context.store.users.count_reachable(turn.tenant_id),
            notice=notice,
        )
        return show(view)

    async def _help(self, turn: Turn, action: actions.OpenHelp) -> Reply:
        return show(home.help_())


def _shelf_of(action: Action) -> actions.OpenSurveys:
    """The surveys, on the way on which one was looked for."""
    match action:
        case actions.OnSurvey():
            return actions.OpenSurveys(
                campaign=action.campaign, campaign_revision=action.campaign_revision
            )
        case actions.UseSurvey():
            return actions.OpenSurveys(campaign=action.campaign, campaign_revision=action.revision)
        case _:
            return actions.OpenSurveys()


def _verb(pressed: object) -> str:
    """What was pressed, for the log: a forged one may be anything."""
    verb = pressed.get("do") if isinstance(pressed, dict) else None
    return repr(verb)[:40]
