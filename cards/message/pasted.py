"""Reads a card that an author made elsewhere and pasted as JSON, and names its problems.

Each problem comes with its path in the JSON, such as ``body[2].items[0].url``.
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
from cards.message import card_json
from cards.message.card_json import Path, path_in_words
from cards.message.json_errors import why_not_json
from cards.message.schema import validator
from cards.refusals.text import in_words
from cards.size import LIMIT, size_in_bytes

ALLOWED_ACTIONS = ("Action.OpenUrl", "Action.ToggleVisibility", "Action.ShowCard")
"""Actions that a pasted card may have. All others would send something to the bot."""

_SHOWN_PROBLEMS = 8
"""Most problems that are named. Further ones are only counted."""

_DEEPEST = 60
"""Most levels of nesting. A card that people can read has about ten."""

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
    """Sentences, each with its path in the JSON."""


class BadCard(Exception):
    """The card can't be sent. Its ``problems`` are sentences, each with its path in the JSON."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__(" ".join(problems))
        self.problems = problems


def read(text: str) -> str:
    """Returns the pasted card in the form in which it is stored, compact JSON.

    Raises BadCard when it can't be sent.
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
    """Returns the card from the JSON that :func:`read` returned."""
    return msgspec.json.decode(kept, type=dict[str, Any])


def pretty(kept: str) -> str:
    """Returns that JSON formatted for people to read and change; empty for an empty text."""
    return msgspec.json.format(kept, indent=2) if kept else ""


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
    """Returns the card itself: some tools copy it inside a whole message or attachment."""
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
    yield from (f"{path_in_words(path)}: {why}" for path, why in refused.items())
    for error in validator(with_fallbacks=False).iter_errors({"body": []} | card):
        path = tuple(error.absolute_path)
        if not any(path[: len(above)] == above for above in refused):
            yield from _in_words(error, path)
    yield from _wrong_ids(card)
    opening = {
        (*path, "url")
        for path, part in card_json.objects(card)
        if part.get("type") == "Action.OpenUrl"
    }
    for path, place, text in card_json.texts(card):
        wrong = _wrong_text(text, place, is_link=path in opening)
        if wrong is not None:
            yield f"{path_in_words(path)}: {in_words(wrong)}"


def _refused(card: Card) -> Iterator[tuple[Path, str]]:
    """Yields the parts that would send something to the bot, which could not answer it."""
    for path, part in card_json.objects(card):
        kind = part.get("type")
        if not isinstance(kind, str):
            continue
        if kind.startswith("Action.") and kind not in ALLOWED_ACTIONS:
            possible = ", ".join(action.removeprefix("Action.") for action in ALLOWED_ACTIONS)
            yield path, f"{kind[:60]} is not possible in a campaign; possible are {possible}."
        elif kind.startswith("Input."):
            yield path, f"{kind[:60]}: a campaign can't take what people type. Take it out."
    for key in ("refresh", "authentication"):
        if key in card:
            yield (key,), "not possible in a campaign. Take it out."


def _wrong_ids(card: Card) -> Iterator[str]:
    """Yields sentences about ids that are not unique, and about targets that no element has as its
    id.
    """
    ids: dict[str, Path] = {}
    targets: list[tuple[Path, str]] = []
    for path, part in card_json.objects(card):
        part_id = part.get("id")
        if isinstance(part_id, str) and "fallback" not in path:
            if part_id in ids:
                place, other = path_in_words((*path, "id")), path_in_words(ids[part_id])
                yield f"{place}: “{part_id[:40]}” is also the id of {other}."
            ids.setdefault(part_id, path)
        listed = part.get("targetElements")
        for index, target in enumerate(listed if isinstance(listed, list) else ()):
            name = target.get("elementId") if isinstance(target, dict) else target
            if isinstance(name, str):
                targets.append(((*path, "targetElements", index), name))
    for path, name in targets:
        if name not in ids:
            yield f"{path_in_words(path)}: nothing in the card has the id “{name[:40]}”."


def _wrong_text(text: str, place: Place, *, is_link: bool) -> Refusal | None:
    wrong = content.placeholder_problem(text)
    if wrong is not None:
        return wrong
    if place is Place.MARKDOWN:
        return links.markdown_problem(text)
    if place is not Place.ADDRESS:
        return None
    if is_link:
        return links.problem(text, links.LINKS)
    # A picture may be part of the card itself, or one of the icons of Teams.
    return None if _PICTURE.match(text) else links.problem(text)


def _in_words(error: ValidationError, path: Path) -> Iterator[str]:
    place = path_in_words(path)
    # The library types them as values that may be unset.
    given: Any = error.instance
    wanted: Any = error.validator_value
    match error.validator:
        case "additionalProperties":
            known: Any = error.schema
            for key in given.keys() - known["properties"].keys():
                yield f"{path_in_words((*path, str(key)[:40]))}: not known here."
        case "required":
            for key in wanted:
                if key not in given:
                    yield f"{place}: “{key}” is missing."
        case "enum":
            word = str(given)[:40]
            if path and path[-1] == "type":
                yield f"{place}: Teams does not know “{word}”."
            else:
                possible = sorted({str(option).lower() for option in wanted})
                yield f"{place}: “{word}” is not possible; possible are {', '.join(possible[:12])}."
        case "anyOf" if error.context:
            # Most such properties are a word or null, so the problem with the word says enough.
            cause = next(
                (option for option in error.context if option.validator != "type"), error.context[0]
            )
            yield from _in_words(cause, (*path, *cause.relative_path))
        case "type":
            kinds = [wanted] if isinstance(wanted, str) else wanted
            possible = [_KINDS.get(kind, kind) for kind in kinds]
            yield f"{place}: this has to be {' or '.join(possible)}."
        case _:
            yield f"{place}: {error.message[:160]}."


def _depth(value: object) -> int:
    depth, level = 0, [value]
    while level:
        depth += 1
        level = [inner for item in level for inner in _inside(item)]
    return depth


def _inside(value: object) -> list[object]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []
