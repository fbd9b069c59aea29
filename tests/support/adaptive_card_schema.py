"""Checks that Teams would take a card: schema 1.5, Teams' additions, and limits beyond schemas."""

from collections.abc import Iterator
from typing import Any, Final

from cards.message.schema import validator
from cards.size import LIMIT, size_in_bytes

VISIBLE_ACTIONS: Final = 6


def assert_valid_card(card: dict[str, Any]) -> None:
    """Fail with one line per mistake, each with its JSON path."""
    mistakes = [
        *(
            f"{error.json_path}: {error.message}"
            for error in validator(with_fallbacks=True).iter_errors(card)
        ),
        *_limits(card),
    ]
    if mistakes:
        raise AssertionError("\n".join(mistakes))


def _limits(card: dict[str, Any]) -> Iterator[str]:
    if (size := size_in_bytes(card)) > LIMIT:
        yield f"$: {size:,} bytes as UTF-16, more than {LIMIT:,}"
    inputs: dict[str, str] = {}
    for path, part in _parts(card, "$"):
        kind = str(part.get("type", ""))
        if kind.startswith("Input."):
            first = inputs.setdefault(str(part.get("id")), path)
            if first != path:
                yield f"{path}: input id {part.get('id')!r} is already taken at {first}"
        if kind == "Action.Execute" and "fallback" not in part:
            yield f"{path}: Action.Execute without a fallback"
        actions = part.get("actions", [])
        visible = [action for action in actions if action.get("mode") != "secondary"]
        if len(visible) > VISIBLE_ACTIONS:
            yield f"{path}.actions: {len(visible)} visible actions, more than {VISIBLE_ACTIONS}"


def _parts(value: object, path: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every typed object of a card, except in fallbacks (shown instead, not as well) and data."""
    if isinstance(value, dict):
        if "type" in value:
            yield path, value
        for key, item in value.items():
            if key not in ("fallback", "data"):
                yield from _parts(item, f"{path}.{key}")
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _parts(item, f"{path}[{index}]")
