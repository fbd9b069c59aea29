"""From a button's data to its action: one place decodes, and checks the shape."""

from __future__ import annotations

import functools
import operator
from types import ModuleType
from typing import Any

import msgspec

from cards.actions import (
    answers,
    authoring,
    campaigns,
    lists,
    navigation,
    reports,
    results,
    schedule,
    surveys,
    templates,
)
from cards.actions.base import DATA_LIMIT, Action


class NotAnAction(Exception):
    """What was pressed is not an action of ours: unknown, malformed, or too big."""


class TooMuch(NotAnAction):
    """It has more text than any card of ours can need."""


ROOMS = (
    navigation,
    authoring,
    templates,
    lists,
    campaigns,
    schedule,
    reports,
    surveys,
    results,
    answers,
)
"""The modules with the actions of each feature. Buttons of a room that is left out are refused."""


def _actions_in(room: ModuleType) -> list[type[Action]]:
    return [
        kind
        for kind in vars(room).values()
        if isinstance(kind, type)
        and issubclass(kind, Action)
        and kind.__module__ == room.__name__
        and not kind.__subclasses__()
    ]


ACTIONS: tuple[type[Action], ...] = tuple(kind for room in ROOMS for kind in _actions_in(room))
"""All kinds of actions. A base of several is none itself."""

_DECODER_TYPE: Any = functools.reduce(operator.or_, ACTIONS)


def encode(action: Action) -> dict[str, Any]:
    """The action as a button's data."""
    data: dict[str, Any] = msgspec.to_builtins(action)
    return data


def decode(data: object) -> Action:
    """The action in what came back, inputs and all.

    Raises NotAnAction, saying why for the log.
    """
    if not isinstance(data, dict):
        raise NotAnAction(f"not an object but {type(data).__name__}")
    try:
        size = len(msgspec.json.encode(data))
    except UnicodeEncodeError as error:
        raise NotAnAction("half a character") from error
    if size > DATA_LIMIT:
        raise TooMuch(f"{size:,} bytes of data; at most {DATA_LIMIT:,} are taken")
    try:
        action: Action = msgspec.convert(data, type=_DECODER_TYPE, strict=False)
    except msgspec.ValidationError as error:
        raise NotAnAction(str(error)) from error
    return action
