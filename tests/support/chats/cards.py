"""Reading a card: its texts, buttons and fields, and the numbers of a report."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from cards.texts import RESULTS
from tests.fake_teams import Received

Card = dict[str, Any]


def card_of(post: Received) -> Card:
    """Returns the card in a message that the fake received."""
    assert post.activity is not None
    [attachment] = post.activity["attachments"]
    card: Card = attachment["content"]
    return card


def texts(card: Card) -> list[str]:
    """Returns all texts of a card as people read them: without the escapes of Markdown."""
    lines = []
    for part in parts(card):
        if part["type"] == "TextBlock":
            lines.append(part["text"])
        elif part["type"] == "RichTextBlock":
            lines.append("".join(run["text"] for run in part["inlines"]))
        elif part["type"] == "FactSet":
            lines += [f"{fact['title']}: {fact['value']}" for fact in part["facts"]]
    return [unescaped(line) for line in lines]


def shows(card: Card, words: str) -> bool:
    """True when these words stand in some text of the card."""
    return any(words in line for line in texts(card))


def buttons(card: Card) -> list[str]:
    """Returns the titles of all buttons."""
    return [part["title"] for part in parts(card) if part["type"].startswith("Action.")]


def button(card: Card, label: str) -> dict[str, Any]:
    """Returns the only button that sends something and has this title or tooltip."""
    executes = [part for part in parts(card) if part["type"] == "Action.Execute"]
    labelled = [part for part in executes if label in (part["title"], part.get("tooltip"))]
    assert len(labelled) == 1, f"{len(labelled)} buttons {label!r} among {buttons(card)}"
    return labelled[0]


def inputs(card: Card) -> Iterator[dict[str, Any]]:
    """Yields the input fields."""
    return (part for part in parts(card) if part["type"].startswith("Input."))


def value_of(card: Card, field: str) -> str:
    """Returns the value of a field; empty when it has none."""
    [input_] = [part for part in inputs(card) if part["id"] == field]
    value: str = input_.get("value", "")
    return value


def counts(report: Card) -> dict[str, int]:
    """Returns the number of people under each result of a report."""
    rows: dict[str, int] = {}
    for part in parts(report):
        if part["type"] == "ColumnSet":
            line = [text["text"] for text in parts(part) if text["type"] == "TextBlock"]
            if (
                len(line) == 2
                and line[0] in RESULTS.values()
                and (number := re.match(r"([\d,]+) \(", line[1]))
            ):
                rows[line[0]] = int(number[1].replace(",", ""))
    return rows


def recipients(report: Card) -> int:
    """Returns the number of recipients that a report names."""
    [fact] = [line for line in texts(report) if line.startswith("Recipients: ")]
    return int(fact.split()[1].replace(",", ""))


def parts(value: object) -> Iterator[dict[str, Any]]:
    """Yields every typed object of a card, but no fallbacks: they are not shown beside it."""
    if isinstance(value, dict):
        if "type" in value:
            yield value
        for key, item in value.items():
            if key not in ("fallback", "data"):
                yield from parts(item)
    elif isinstance(value, list):
        for item in value:
            yield from parts(item)


def unescaped(markdown: str) -> str:
    """Returns Markdown without its escapes."""
    return re.sub(r"\\(\W)", r"\1", markdown)
