"""A recipient's card inside an admin's card."""

from __future__ import annotations

from cards.message.preview import embedded
from tests.support.campaigns.designed_card import DESIGNED


def test_shown_inside_another_card_its_ids_are_its_own() -> None:
    shown = embedded(DESIGNED)
    content, actions = shown
    assert content["backgroundImage"] == DESIGNED["backgroundImage"]
    assert content["items"][2]["id"] == "shown-facts"
    assert actions["actions"][0]["targetElements"] == [
        "shown-facts",
        {"elementId": "shown-facts", "isVisible": True},
    ]
