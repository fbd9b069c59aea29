"""The kinds of handlers that a dialog registers with the router."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Protocol, TypeAlias

from campaigns.errors import NotPossible
from cards.actions import Action
from cards.view import Notice
from dialogs.turn import Reply, Turn

ActionHandler: TypeAlias = Callable[[Turn, Any], Awaitable[Reply]]
"""Handles one kind of action; the second argument is of the type that it is registered for."""

Routes: TypeAlias = Mapping[type[Action], ActionHandler]
"""The handler of each kind of action."""


class Opener(Protocol):
    """Handles an action and shows a notice above its card."""

    def __call__(self, turn: Turn, action: Any, notice: Notice | None) -> Awaitable[Reply]: ...


Openers: TypeAlias = Mapping[type[Action], Opener]
"""Cards that may be opened in place of another one, by their action; see ``errors.Gone``."""

RefusalHandler: TypeAlias = Callable[[Turn, Any, NotPossible], Awaitable[Reply]]
"""Shows the object of the action as it is, and the reason why the action is not possible."""

Refusals: TypeAlias = Mapping[type[Action], RefusalHandler]
"""The handler of each kind of action. The handler of a base class serves all its subclasses."""

Listener: TypeAlias = Callable[[Turn], Awaitable[Reply | None]]
"""Handles typed text that is no command; returns None when the text is not for this dialog."""
