"""The JSON of any card: finds its objects and its texts, and changes the texts.

Each text comes with its place, which says how clients show it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from campaigns.message import Card
from campaigns.text.placeholders import Place
from cards import elements as ac

_ADDRESSES = frozenset({"url", "iconUrl", "backgroundImage", "poster", "thumbnailUrl"})
_PLAIN = frozenset(
    {
        "text",
        "title",
        "value",
        "altText",
        "tooltip",
        "speak",
        "fallbackText",
        "label",
        "legend",
        "x",
        "xAxisTitle",
        "yAxisTitle",
    }
)

Path = tuple[str | int, ...]
"""The path to a value: keys and indexes from the card down."""


def texts(card: Card) -> Iterator[tuple[Path, Place, str]]:
    """Yields every text with its path and place, in the order in which the card is written."""
    collected: list[tuple[Path, Place, str]] = []

    def note(path: Path, place: Place, text: str) -> str:
        collected.append((path, place, text))
        return text

    _changed(card, (), None, note)
    yield from collected


def changed(card: Card, change: Callable[[Place, str], str]) -> Card:
    """Returns the card with each text changed, in the order in which the card is written."""
    made: Card = _changed(card, (), None, lambda _, place, text: change(place, text))
    return made


def objects(value: object, path: Path = ()) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Yields every object of a card, the card itself first."""
    if isinstance(value, dict):
        yield path, value
        for key, item in value.items():
            yield from objects(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from objects(item, (*path, index))


def with_elements(card: Card, *elements: ac.Element) -> Card:
    """Returns the card with more elements at its end."""
    body = [*card.get("body", []), *(element.to_dict() for element in elements)]
    return card | {"body": body}


def path_in_words(path: Path) -> str:
    """Returns ``body[2].items[0].url``; the card itself is ``card``."""
    written = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return written.removeprefix(".") or "card"


def _changed(
    value: Any, path: Path, place: Place | None, change: Callable[[Path, Place, str], str]
) -> Any:
    if isinstance(value, str):
        return value if place is None else change(path, place, value)
    if isinstance(value, list):
        inner = Place.PLAIN if path and path[-1] == "inlines" else None
        return [_changed(item, (*path, index), inner, change) for index, item in enumerate(value)]
    if isinstance(value, dict):
        markdown = _is_markdown(value, path)
        return {
            key: _changed(item, (*path, key), _place(key, markdown), change)
            for key, item in value.items()
        }
    return value


def _is_markdown(part: dict[str, Any], path: Path) -> bool:
    return part.get("type") == "TextBlock" or (len(path) > 1 and path[-2] == "facts")


def _place(key: str, markdown: bool) -> Place | None:
    if key in _ADDRESSES:
        return Place.ADDRESS
    if key not in _PLAIN:
        return None
    return Place.MARKDOWN if markdown and key in ("text", "title", "value") else Place.PLAIN
