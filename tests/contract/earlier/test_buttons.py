"""Buttons that an earlier version put into people's chats still mean the same."""

from __future__ import annotations

import msgspec
import pytest

from cards.actions import Action, decode
from tests.support.earlier.document_facts import (
    Facts,
)
from tests.support.earlier.stores import (
    BUTTONS,
)


def fields_of(action: Action, expected: Facts) -> Facts:
    """Returns the action's values, by the names that they have on the button."""
    names = {field.encode_name: field.name for field in msgspec.structs.fields(action)}
    return {name: getattr(action, names[name]) for name in expected["fields"]}


@pytest.mark.parametrize("expected", BUTTONS["buttons"], ids=lambda expected: expected["do"])
def test_a_button_of_then_still_means_the_same(expected: Facts) -> None:
    of_execute, of_submit = expected["button"]["data"], expected["button"]["fallback"]["data"]
    for data in (of_execute, of_submit):
        action = decode(data)
        assert type(action).__struct_config__.tag == expected["do"]
        assert fields_of(action, expected) == expected["fields"]


@pytest.mark.parametrize("expected", BUTTONS["pressed"], ids=lambda expected: expected["what"])
def test_what_clients_send_with_a_button_of_then_is_understood(expected: Facts) -> None:
    action = decode(expected["data"])
    assert fields_of(action, expected) == expected["fields"]
