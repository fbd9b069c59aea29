"""The only way to the dialogs: decodes a press, checks the rights, and finds the dialog.

Rights are checked here, on every action, and not by hiding buttons. The router knows no dialog by
name: dialogs register what they handle, see ``dialogs.routes`` and ``dialogs.building``.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Iterable, Mapping, Sequence
from datetime import timedelta
from typing import TypeVar

from campaigns.campaign import CardPlace
from campaigns.errors import NotPossible
from campaigns.user import OpenDraft
from cards import home
from cards.actions import Action, NotAnAction, OnCampaign, OpenHome, TooMuch, decode
from cards.view import Notice
from delivery.engine import Engine
from delivery.people.contacts import Contacts
from dialogs.commands import NOT_UNDERSTOOD, command
from dialogs.errors import Gone
from dialogs.routes import Listener, Openers, Refusals, Routes
from dialogs.turn import Reply, Turn, show
from storage.errors import Damaged

_log = logging.getLogger(__name__)
_audit = logging.getLogger("audit")

_H = TypeVar("_H")
_R = TypeVar("_R")

_REFRESHED_AFTER = timedelta(hours=1)
"""The marker of the open draft is written again once it is this old."""

_TOO_MUCH = Notice(
    "That was too much text at once, and nothing was saved. Paste it in smaller parts.", "warning"
)
_NOT_AN_ACTION = Notice(
    "That button does not work (any more). Nothing was changed. Here is the menu.", "warning"
)


class Router:
    """Leads each turn to its dialog.

    :param routes: handlers of the actions for admins.
    :param for_everyone: handlers of the actions that recipients may take, too.
    :param openers: cards that may be opened in place of another one; the menu is one of them.
    :param refusals: handlers for actions that are not possible.
    :param listeners: asked in this order whether they take a text that an admin has typed.
    :param listeners_for_everyone: asked after those; for texts that anyone has typed.
    """

    def __init__(
        self,
        engine: Engine,
        contacts: Contacts,
        *,
        routes: Iterable[Routes],
        for_everyone: Iterable[Routes],
        openers: Iterable[Openers],
        refusals: Iterable[Refusals],
        listeners: Sequence[Listener],
        listeners_for_everyone: Sequence[Listener],
    ) -> None:
        self._engine = engine
        self._contacts = contacts
        self._routes = _merged(routes)
        self._for_everyone = _merged(for_everyone)
        self._openers = _merged(openers)
        self._refusals = _merged(refusals)
        self._listeners = listeners
        self._listeners_for_everyone = listeners_for_everyone

    async def turn(self, turn: Turn) -> Reply:
        """Returns the reply. When something that an admin asks for is damaged, the card says so.

        Raises StoreError when the store can't be read or written just now, and Refused for a
        recipient's press that has no effect.
        """
        pressed = None if turn.pressed is None else _decoded(turn.pressed)
        if isinstance(pressed, Action) and type(pressed) in self._for_everyone:
            return await self._for_everyone[type(pressed)](turn, pressed)
        if not turn.is_admin:
            return await self._visitor(turn)
        reply = await (self._typed(turn) if pressed is None else self._pressed(turn, pressed))
        await self._mark_open(turn, reply.opens)
        if turn.card_id:
            place = CardPlace(turn.user.id, turn.card_id)
            if reply.follows is None:
                await self._engine.leave(turn.tenant_id, place)
            else:
                await self._engine.follow(reply.follows, place)
        return reply

    async def _visitor(self, turn: Turn) -> Reply:
        """Answers somebody who is no admin."""
        if turn.pressed is None:
            return await self._typed_by_anyone(turn) or show(home.visitor())
        _audit.warning(
            "refused: user %s of tenant %s is no admin and pressed %s",
            turn.user.id,
            turn.tenant_id,
            _verb(turn.pressed),
        )
        return show(home.visitor())

    async def _typed(self, turn: Turn) -> Reply:
        action = command(turn.text)
        if action is not None:
            return await self._act(turn, action)
        for listener in self._listeners:
            reply = await self._unless_damaged(turn, listener(turn), of_campaign=True)
            if reply is not None:
                return reply
        return await self._typed_by_anyone(turn) or await self._open(
            turn, OpenHome(), NOT_UNDERSTOOD
        )

    async def _typed_by_anyone(self, turn: Turn) -> Reply | None:
        """Returns the reply of a listener for everyone; None when no one takes the text."""
        for listener in self._listeners_for_everyone:
            reply = await listener(turn)
            if reply is not None:
                return reply
        return None

    async def _pressed(self, turn: Turn, pressed: Action | NotAnAction) -> Reply:
        match pressed:
            case TooMuch():
                _log.warning("user %s sent too much: %s", turn.user.id, pressed)
                return await self._open(turn, OpenHome(), _TOO_MUCH)
            case NotAnAction():
                _log.warning(
                    "user %s pressed what is no action: %.200r", turn.user.id, str(pressed)
                )
                return await self._open(turn, OpenHome(), _NOT_AN_ACTION)
        return await self._act(turn, pressed)

    async def _act(self, turn: Turn, action: Action) -> Reply:
        answer = self._unless_gone(turn, action)
        return await self._unless_damaged(turn, answer, of_campaign=isinstance(action, OnCampaign))

    async def _unless_gone(self, turn: Turn, action: Action) -> Reply:
        """Returns the dialog's reply, or another card when the object of the action is gone."""
        try:
            return await self._unless_impossible(turn, action)
        except Gone as gone:
            return await self._open(turn, gone.instead, gone.notice)

    async def _unless_impossible(self, turn: Turn, action: Action) -> Reply:
        """Returns the dialog's reply, or the card that says why the action is not possible."""
        try:
            return await self._routes[type(action)](turn, action)
        except NotPossible as refusal:
            for kind in type(action).__mro__:
                if kind in self._refusals:
                    return await self._refusals[kind](turn, action, refusal)
            raise

    async def _open(self, turn: Turn, action: Action, notice: Notice) -> Reply:
        return await self._openers[type(action)](turn, action, notice)

    async def _unless_damaged(
        self, turn: Turn, answer: Awaitable[_R], *, of_campaign: bool
    ) -> _R | Reply:
        """Returns the answer, or a card that says that something it needs is damaged."""
        try:
            return await answer
        except Damaged as error:
            _log.error("user %s was shown that something is damaged: %s", turn.user.id, error)
            return show(home.unreadable(of_campaign=of_campaign))

    async def _mark_open(self, turn: Turn, draft: str) -> None:
        """Remembers the draft that the person has open now; empty when there is none."""
        known = turn.user.open_draft
        if draft != (known.campaign_id if known is not None else "") or (
            known is not None and turn.at - known.at > _REFRESHED_AFTER
        ):
            opened = OpenDraft(draft, turn.at) if draft else None
            await self._contacts.opened(turn.user, opened)


def _decoded(pressed: object) -> Action | NotAnAction:
    try:
        return decode(pressed)
    except NotAnAction as error:
        return error


def _merged(parts: Iterable[Mapping[type[Action], _H]]) -> dict[type[Action], _H]:
    merged: dict[type[Action], _H] = {}
    for part in parts:
        for action, handler in part.items():
            if action in merged:
                raise ValueError(f"two dialogs handle {action.__name__}")
            merged[action] = handler
    return merged


def _verb(pressed: object) -> str:
    """Returns the kind of the pressed action, for the log. A forged press may be anything."""
    verb = pressed.get("do") if isinstance(pressed, dict) else None
    return repr(verb)[:40]
