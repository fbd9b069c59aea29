"""A card that an author made elsewhere and pasted as JSON: what Teams can show of it, and what not.

Whatever is wrong is said with its place in the JSON, such as ``body[2].items[0].url``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import msgspec
from jsonschema import ValidationError

from campaigns import content
from campaigns.errors import Refusal, RefusalDetails
from campaigns.message import Card
from campaigns.text import links
from campaigns.text.placeholders import Place
from cards.message import parts
from cards.message.json_words import why_not_json
from cards.message.parts import Path, shown
from cards.message.schema import validator
from cards.refusals.text import in_words
from cards.size import LIMIT, size_in_bytes

ACTIONS = ("Action.OpenUrl", "Action.ToggleVisibility", "Action.ShowCard")
"""What a button of a recipient's card may do. The others would send something to the bot."""

_SHOWN_PROBLEMS = 8
_DEEPEST = 60
"""Levels; a card that people can read has about ten."""

_OF_THE_WHOLE = ("backgroundImage", "selectAction", "minHeight", "verticalContentAlignment", "rtl")
"""What a card can have as a container can."""

_PICTURE = re.compile(r"data:image/(png|jpeg|jpg|gif);base64,|icon:\w", re.IGNORECASE)
_VERSION = re.compile(r"1\.[0-5]")
_KINDS = {
    "string": "a text",
    "number": "a number",
    "integer": "a whole number",
    "boolean": "true or false",
    "array": "a list",
    "object": "an object",
    "null": "null",
}


class CardProblems(RefusalDetails, frozen=True):
    """A pasted card can't be sent."""

    problems: tuple[str, ...]
    """Sentences, each with its place in the JSON."""


class BadCard(Exception):
    """It can't be sent; ``problems`` are sentences, each with its place in the JSON."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__(" ".join(problems))
        self.problems = problems


def read(text: str) -> str:
    """The card as it is kept: compact JSON.

    Raises BadCard.
    """
    card = _unwrapped(_decoded(text))
    if _depth(card) > _DEEPEST:
        raise BadCard(["This card is nested too deeply."])
    size = size_in_bytes(card)
    if size > LIMIT:
        raise BadCard(
            [
                f"This card has {-(-size // 1024):,} KB as Teams counts (two bytes for most "
                f"characters); at most {LIMIT // 1024} KB can be sent."
            ]
        )
    if problems := list(dict.fromkeys(_problems(card))):
        more = len(problems) - _SHOWN_PROBLEMS
        raise BadCard(
            [*problems[:_SHOWN_PROBLEMS], *([f"And {more:,} more like these."] if more > 0 else [])]
        )
    return msgspec.json.encode(card).decode()


def load(kept: str) -> Card:
    """The card in the JSON that :func:`read` returned."""
    return msgspec.json.decode(kept, type=dict[str, Any])


def pretty(kept: str) -> str:
    """The JSON for people to read and change."""
    return msgspec.json.format(kept, indent=2) if kept else ""


def embedded(card: Card) -> list[Card]:
    """The card's content as elements for another card, its ids kept apart from that one's."""
    card = _with_own_ids(card)
    content: list[Card] = card.get("body", [])
    of_its_own = {key: card[key] for key in _OF_THE_WHOLE if key in card}
    if of_its_own:
        content = [{"type": "Container", "items": content} | of_its_own]
    actions = card.get("actions") or []
    return [*content, *([{"type": "ActionSet", "actions": actions}] if actions else [])]


def _decoded(text: str) -> Card:
    if not text.strip():
        raise BadCard(["Paste the JSON of the card that people will receive."])
    try:
        card = msgspec.json.decode(text.strip().encode("utf-8", "replace"))
    except msgspec.DecodeError as error:
        why = why_not_json(text.strip())
        raise BadCard([f"This is not JSON. {why} Copy the whole card once more."]) from error
    except RecursionError as error:
        raise BadCard(["This card is nested too deeply."]) from error
    if not isinstance(card, dict):
        raise BadCard(
            ['This JSON is not a card: a card starts with {"type": "AdaptiveCard", ...}.']
        )
    return card


def _unwrapped(card: Card) -> Card:
    """The card in a whole message or attachment, as some tools copy it."""
    attachments = card.get("attachments")
    if isinstance(attachments, list) and len(attachments) == 1:
        card = attachments[0] if isinstance(attachments[0], dict) else card
    inner = card.get("content")
    if "contentType" in card and isinstance(inner, dict):
        card = inner
    if card.get("type") != "AdaptiveCard":
        raise BadCard(['This JSON is not a card: its "type" is not "AdaptiveCard".'])
    return card


def _problems(card: Card) -> Iterator[str]:
    version = card.get("version")
    if isinstance(version, str) and not _VERSION.fullmatch(version):
        yield f"version: Teams shows cards up to version 1.5, not {version[:20]}."
    if not card.get("body") and not card.get("actions"):
        yield "body: the card is empty."
    refused = dict(_refused(card))
    yield from (f"{shown(path)}: {why}" for path, why in refused.items())
    for error in validator(with_fallbacks=False).iter_errors({"body": []} | card):
        path = tuple(error.absolute_path)
        if not any(path[: len(of)] == of for of in refused):
            yield from _in_words(error, path)
    yield from _twice(card)
    opening = {
        (*path, "url") for path, part in parts.objects(card) if part.get("type") == "Action.OpenUrl"
    }
    for path, place, text in parts.texts(card):
        wrong = _wrong_text(text, place, is_link=path in opening)
        if wrong is not None:
            yield f"{shown(path)}: {in_words(wrong)}"


def _refused(card: Card) -> Iterator[tuple[Path, str]]:
    """What would send something to the bot: it could not answer."""
    for path, part in parts.objects(card):
        kind = part.get("type")
        if not isinstance(kind, str):
            continue
        if kind.startswith("Action.") and kind not in ACTIONS:
            possible = ", ".join(of.removeprefix("Action.") for of in ACTIONS)
            yield path, f"{kind[:60]} is not possible in a campaign; possible are {possible}."
        elif kind.startswith("Input."):
            yield path, f"{kind[:60]}: a campaign can't take what people type. Take it out."
    for key in ("refresh", "authentication"):
        if key in card:
            yield (key,), "not possible in a campaign. Take it out."


def _twice(card: Card) -> Iterator[str]:
    """Ids that are not unique, and such as nothing has."""
    ids: dict[str, Path] = {}
    targets: list[tuple[Path, str]] = []
    for path, part in parts.objects(card):
        own = part.get("id")
        if isinstance(own, str) and "fallback" not in path:
            if own in ids:
                yield f"{shown((*path, 'id'))}: “{own[:40]}” is also the id of {shown(ids[own])}."
            ids.setdefault(own, path)
        of = part.get("targetElements")
        for index, target in enumerate(of if isinstance(of, list) else ()):
            name = target.get("elementId") if isinstance(target, dict) else target
            if isinstance(name, str):
                targets.append(((*path, "targetElements", index), name))
    for path, name in targets:
        if name not in ids:
            yield f"{shown(path)}: nothing in the card has the id “{name[:40]}”."


def _wrong_text(text: str, place: Place, *, is_link: bool) -> Refusal | None:
    wrong = content.about_placeholders(text)
    if wrong is not None:
        return wrong
    if place is Place.MARKDOWN:
        return links.in_markdown(text)
    if place is not Place.ADDRESS:
        return None
    if is_link:
        return links.problem(text, links.LINKS)
    # A picture may be in the card itself, or one of the icons that Teams has.
    return None if _PICTURE.match(text) else links.problem(text)


def _in_words(error: ValidationError, path: Path) -> Iterator[str]:
    at = shown(path)
    # They are typed as what may be unset.
    given: Any = error.instance
    wanted: Any = error.validator_value
    match error.validator:
        case "additionalProperties":
            known: Any = error.schema
            for key in given.keys() - known["properties"].keys():
                yield f"{shown((*path, str(key)[:40]))}: not known here."
        case "required":
            for key in wanted:
                if key not in given:
                    yield f"{at}: “{key}” is missing."
        case "enum":
            word = str(given)[:40]
            if path and path[-1] == "type":
                yield f"{at}: Teams does not know “{word}”."
            else:
                possible = sorted({str(of).lower() for of in wanted})
                yield f"{at}: “{word}” is not possible; possible are {', '.join(possible[:12])}."
        case "anyOf" if error.context:
            # Most are a word or null: what is wrong with the word says it.
            said = next((of for of in error.context if of.validator != "type"), error.context[0])
            yield from _in_words(said, (*path, *said.relative_path))
        case "type":
            kinds = [wanted] if isinstance(wanted, str) else wanted
            yield f"{at}: this has to be {' or '.join(_KINDS.get(of, of) for of in kinds)}."
        case _:
            yield f"{at}: {error.message[:160]}."


def _with_own_ids(card: Card) -> Card:
    def renamed(value: Any, key: str = "") -> Any:
        if isinstance(value, dict):
            return {name: renamed(item, name) for name, item in value.items()}
        if isinstance(value, list):
            return [renamed(item, key) for item in value]
        if isinstance(value, str) and key in ("id", "elementId", "targetElements"):
            return f"shown-{value}"
        return value

    made: Card = renamed(card)
    return made


def _depth(value: object) -> int:
    depth, level = 0, [value]
    while level:
        depth += 1
        level = [inner for of in level for inner in _inside(of)]
    return depth


def _inside(value: object) -> list[object]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []
