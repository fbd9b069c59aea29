"""The schema and the limits that every card of ours is checked against."""

from typing import Any

import pytest

from tests.support.adaptive_card_schema import assert_valid_card


def make_card(*body: dict[str, Any], actions: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    return {"type": "AdaptiveCard", "version": "1.5", "body": list(body), "actions": actions or []}


@pytest.mark.parametrize(
    ("card", "complaint"),
    [
        (make_card({"type": "TextBlock", "text": "x", "wrp": True}), r"\$.body\[0\]: .*'wrp'"),
        (make_card({"type": "TextBlock", "text": "x", "color": "xgoodx"}), r"body\[0\].color: "),
        (
            make_card({"type": "Container", "items": [{"type": "TextBlock"}]}),
            r"\$.body\[0\].items\[0\]: 'text' is a required property",
        ),
        (make_card({"type": "Chart.Donut", "data": []}), r"body\[0\]: 'fallback' is a required"),
        (make_card({"type": "Fireworks"}), r"\$.body\[0\].type: 'Fireworks'"),
        ({"type": "AdaptiveCard", "body": []}, "'version' is a required property"),
        (make_card({"type": "TextBlock", "text": "x" * 41_000}), "bytes as UTF-16"),
        (
            make_card({"type": "Input.Text", "id": "a"}, {"type": "Input.Date", "id": "a"}),
            r"\$.body\[1\]: input id 'a' is already taken at \$.body\[0\]",
        ),
        (
            make_card(actions=[{"type": "Action.Execute", "title": "Go"}]),
            r"\$.actions\[0\]: Action.Execute without a fallback",
        ),
        (
            make_card(actions=[{"type": "Action.Submit", "title": str(n)} for n in range(7)]),
            r"\$.actions: 7 visible actions",
        ),
    ],
)
def test_the_validator_refuses(card: dict[str, Any], complaint: str) -> None:
    with pytest.raises(AssertionError, match=complaint):
        assert_valid_card(card)


def test_the_same_input_id_in_a_fallback_is_no_duplicate() -> None:
    fallback = {"type": "Input.Number", "id": "r"}
    assert_valid_card(make_card({"type": "Input.Rating", "id": "r", "fallback": fallback}))
