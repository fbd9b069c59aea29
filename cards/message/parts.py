"""The texts of any card's JSON: where they are, and what each is to the client that shows it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from campaigns.message import Card
from campaigns.text.placeholders import Place

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
"""The way to a value: keys and indexes from the card down."""


def texts(card: Card) -> Iterator[tuple[Path, Place, str]]:
    """Every text in the order in which the card is written."""
    found: list[tuple[Path, Place, str]] = []

    def note(path: Path, place: Place, text: str) -> str:
        found.append((path, place, text))
        return text

    _changed(card, (), None, note)
    yield from found


def changed(card: Card, change: Callable[[Place, str], str]) -> Card:
    """The card with each of its texts changed, in the order in which it is written."""
    made: Card = _changed(card, (), None, lambda _, place, text: change(place, text))
    return made


def objects(value: object, path: Path = ()) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Every object of a card, the card itself first."""
    if isinstance(value, dict):
        yield path, value
        for key, item in value.items():
            yield from objects(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from objects(item, (*path, index))


def shown(path: Path) -> str:
    """``body[2].items[0].url``; the card itself is ``card``."""
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


def _is_markdown(of: dict[str, Any], path: Path) -> bool:
    return of.get("type") == "TextBlock" or (len(path) > 1 and path[-2] == "facts")


def _place(key: str, markdown: bool) -> Place | None:
    if key in _ADDRESSES:
        return Place.ADDRESS
    if key not in _PLAIN:
        return None
    return Place.MARKDOWN if markdown and key in ("text", "title", "value") else Place.PLAIN
