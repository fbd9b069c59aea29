"""A recipient's card inside an admin's card."""

from __future__ import annotations

from typing import Any

from campaigns.message import Card
from cards import elements as ac

_CONTAINER_PROPERTIES = (
    "backgroundImage",
    "selectAction",
    "minHeight",
    "verticalContentAlignment",
    "rtl",
)
"""Properties that both a card and a container can have."""


def framed(card: Card) -> ac.Element:
    """Returns the card in a frame. Nothing can be sent from inside it."""
    return ac.Container(
        [ac.Given(element) for element in embedded(_inert(card))],
        show_border=True,
        rounded_corners=True,
    )


def embedded(card: Card) -> list[Card]:
    """Returns the card's content as elements for another card, with ids that no other card has."""
    card = _with_own_ids(card)
    content: list[Card] = card.get("body", [])
    properties = {key: card[key] for key in _CONTAINER_PROPERTIES if key in card}
    if properties:
        content = [{"type": "Container", "items": content} | properties]
    actions = card.get("actions") or []
    return [*content, *([{"type": "ActionSet", "actions": actions}] if actions else [])]


def _inert(value: Any) -> Any:
    """Returns a card, or a part of one, in which nothing can be sent and nothing is required.

    With required fields, the admin's own buttons would not work before the survey is answered.
    """
    if isinstance(value, list):
        return [_inert(item) for item in value]
    if not isinstance(value, dict):
        return value
    if value.get("type") == "Action.Execute" and value.get("verb") == "send answers":
        return {"type": "Action.Submit", "title": value.get("title"), "isEnabled": False}
    shown = {
        key: _inert(item)
        for key, item in value.items()
        if key not in ("isRequired", "errorMessage")
    }
    if value.get("isRequired") and "label" in value:
        # Clients mark a required field with a star.
        shown["label"] = f"{value['label']} *"
    return shown


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
