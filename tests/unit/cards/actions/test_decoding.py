"""Buttons of cards that people have in their chats keep working."""

from __future__ import annotations

from typing import Any

import pytest

from cards import actions
from cards.actions import Action

ON_CAMPAIGN: dict[str, Any] = {"campaign": "c", "revision": 3}


@pytest.mark.parametrize(
    ("data", "action"),
    [
        (
            {"do": "save content", **ON_CAMPAIGN, "move": "up", "at": 2},
            actions.SaveContent(**ON_CAMPAIGN, move="up", position=2),
        ),
        (
            {"do": "people", **ON_CAMPAIGN, "who": "waiting"},
            actions.OpenPeople(**ON_CAMPAIGN, group="waiting"),
        ),
        (
            {"do": "arrange question", "survey": "s", "what": "down"},
            actions.ArrangeQuestion(survey="s", change="down"),
        ),
    ],
)
def test_fields_on_buttons_keep_the_names_that_they_had(
    data: dict[str, Any], action: Action
) -> None:
    assert actions.decode(data) == action
    assert actions.encode(action) == data


def test_every_action_has_a_tag_of_its_own() -> None:
    tags = [kind.__struct_config__.tag for kind in actions.ACTIONS]
    assert len(set(tags)) == len(tags)
