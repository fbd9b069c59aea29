"""Whether Teams would take a card: schema 1.5, Teams' additions, and limits no schema states."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from jsonschema import Draft7Validator

from cards.size import LIMIT, size_in_bytes

VISIBLE_ACTIONS: Final = 6

_SCHEMAS: Final = Path(__file__).parent / "schemas"


def assert_valid_card(card: dict[str, Any]) -> None:
    """Fail with one line per mistake, each with its JSON path."""
    mistakes = [
        *(f"{error.json_path}: {error.message}" for error in _VALIDATOR.iter_errors(card)),
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


def _schema() -> dict[str, Any]:
    official = json.loads((_SCHEMAS / "adaptive-card-1.5.json").read_text("utf-8"))
    teams = json.loads((_SCHEMAS / "teams-additions.json").read_text("utf-8"))
    definitions: dict[str, Any] = official["definitions"]
    definitions |= teams["elements"] | teams["words"]
    for name, definition in list(definitions.items()):
        # Beside its words the schema has a pattern for any case, which lets "xgoodx" through.
        if "enum" in definition.get("anyOf", [{}])[0]:
            words = definition["anyOf"][0]["enum"]
            definitions[name] = {"enum": sorted({*words, *map(str.lower, words)})}
    for name, properties in teams["properties"].items():
        definitions[name]["properties"] |= properties
    for definition in definitions.values():
        if "spacing" in definition.get("properties", {}):
            definition["properties"] |= teams["everyElement"]
    for name, union in list(definitions.items()):
        # An inline may be a plain string too.
        if name.startswith("ImplementationsOf.") and name != "ImplementationsOf.Inline":
            kinds = [option["allOf"][0]["$ref"].rsplit("/", 1)[1] for option in union["anyOf"]]
            if name.endswith((".Element", ".Item", ".ToggleableItem")):
                kinds += teams["elements"]
            definitions[name] = _dispatch(kinds)
    definitions["AdaptiveCard"]["required"] = ["type", "body"]
    return {
        "definitions": definitions,
        "required": ["version"],
        "allOf": [{"$ref": "#/definitions/AdaptiveCard"}],
    }


def _dispatch(kinds: list[str]) -> dict[str, Any]:
    """Choose by ``type``, so that a mistake is told of the one kind meant and not of all twenty."""
    return {
        "if": {"type": "object"},
        "then": {
            "required": ["type"],
            "properties": {"type": {"enum": kinds}},
            "allOf": [
                {
                    "if": {"properties": {"type": {"const": kind}}, "required": ["type"]},
                    "then": {"$ref": f"#/definitions/{kind}"},
                }
                for kind in kinds
            ],
        },
        "else": {"type": "object"},
    }


# The official schema is of draft 6; choosing by type needs draft 7's if/then, a superset.
_VALIDATOR: Final = Draft7Validator(_schema())
