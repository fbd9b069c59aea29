"""Decodes a button's data to an action, and checks its shape."""

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
    schedule,
    survey_results,
    surveys,
    templates,
)
from cards.actions.base import DATA_LIMIT, Action


class NotAnAction(Exception):
    """The data is no action of ours: unknown, malformed, or too big."""


class TooMuch(NotAnAction):
    """The data is larger than any card of ours can send."""


MODULES = (
    navigation,
    authoring,
    templates,
    lists,
    campaigns,
    schedule,
    reports,
    surveys,
    survey_results,
    answers,
)
"""The modules with the actions of each feature. Actions of any other module are refused."""


def _actions_in(module: ModuleType) -> list[type[Action]]:
    return [
        kind
        for kind in vars(module).values()
        if isinstance(kind, type)
        and issubclass(kind, Action)
        and kind.__module__ == module.__name__
        and not kind.__subclasses__()
    ]


ACTIONS: tuple[type[Action], ...] = tuple(
    kind for module in MODULES for kind in _actions_in(module)
)
"""All kinds of actions, without their base classes."""

_DECODER_TYPE: Any = functools.reduce(operator.or_, ACTIONS)


def encode(action: Action) -> dict[str, Any]:
    """Returns the action as a button's data."""
    data: dict[str, Any] = msgspec.to_builtins(action)
    return data


def decode(data: object) -> Action:
    """Returns the action in a button's data, with the inputs that the client added.

    Raises NotAnAction with the reason, for the log; TooMuch when the data is too large.
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
