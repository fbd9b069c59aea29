"""Which action leads where."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, TypeAlias

from cards.actions import Action
from dialogs.turn import Reply, Turn

ActionHandler: TypeAlias = Callable[[Turn, Any], Awaitable[Reply]]
"""Handles one kind of action; the second argument is of the type that it is registered for."""

Routes: TypeAlias = dict[type[Action], ActionHandler]
