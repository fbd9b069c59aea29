"""A validator of cards: the Adaptive Card 1.5 schema, with the additions of Teams.

The official schema is written in JSON Schema draft 6. Choosing by type needs the if/then of draft
7, a superset.
"""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

import msgspec
from jsonschema import Draft7Validator

_FOLDER = Path(__file__).with_name("schemas")


@functools.cache
def validator(*, with_fallbacks: bool) -> Draft7Validator:
    """Returns the validator of cards. It is made only once.

    :param with_fallbacks: True for a card of ours. Then elements that only Teams knows need a
        fallback for other clients, and words have to be spelled as in the schema. False for a
        pasted card.
    """
    return Draft7Validator(_schema(with_fallbacks))


def _schema(with_fallbacks: bool) -> dict[str, Any]:
    official = _read("adaptive-card-1.5.json")
    teams = _read("teams-additions.json")
    definitions: dict[str, Any] = official["definitions"]
    definitions |= teams["elements"] | teams["words"]
    if not with_fallbacks:
        for name in teams["elements"]:
            required = definitions[name].get("required", [])
            definitions[name]["required"] = [key for key in required if key != "fallback"]
    for name, definition in list(definitions.items()):
        # Beside the words, the schema has a pattern for any case, which also accepts "xgoodx".
        if "enum" in definition.get("anyOf", [{}])[0]:
            words = definition["anyOf"][0]["enum"]
            # Clients ignore the case; the Designer begins words with a capital.
            capital = () if with_fallbacks else (f"{word[0].upper()}{word[1:]}" for word in words)
            definitions[name] = {"enum": sorted({*words, *map(str.lower, words), *capital})}
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
    """Returns a schema that chooses by ``type``.

    So an error is about the kind of part that was meant, and not about all twenty.
    """
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


def _read(name: str) -> dict[str, Any]:
    return msgspec.json.decode((_FOLDER / name).read_bytes(), type=dict[str, Any])
