"""A pasted card: what Teams can show is taken, and what is wrong is named with its place."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cards.message import pasted
from cards.message.pasted import BadCard
from tests.support.campaigns.designed_card import DESIGNED, TEXT


def card(*body: Any, **more: Any) -> dict[str, Any]:
    return {"type": "AdaptiveCard", "version": "1.5", "body": list(body)} | more


def problems(text_or_card: Any) -> list[str]:
    text = text_or_card if isinstance(text_or_card, str) else json.dumps(text_or_card)
    with pytest.raises(BadCard) as refused:
        pasted.read(text)
    return refused.value.problems


def test_a_designed_card_is_kept_as_it_is() -> None:
    assert pasted.load(pasted.read(json.dumps(DESIGNED, indent=4))) == DESIGNED


@pytest.mark.parametrize(
    "around",
    [
        {"type": "message", "attachments": [{"contentType": "x", "content": DESIGNED}]},
        {"contentType": "application/vnd.microsoft.card.adaptive", "content": DESIGNED},
    ],
)
def test_a_card_in_a_message_is_found(around: dict[str, Any]) -> None:
    assert pasted.load(pasted.read(json.dumps(around))) == DESIGNED


@pytest.mark.parametrize(
    ("wrong", "problem"),
    [
        (card(TEXT | {"text": 3}), "body[0].text: this has to be a text."),
        (card({"type": "TextBlock"}), "body[0]: “text” is missing."),
        (card({"text": "x"}), "body[0]: “type” is missing."),
        (card("x"), "body[0]: this has to be an object."),
        (card(TEXT, actions={}), "actions: this has to be a list."),
        ({"type": "AdaptiveCard", "body": [TEXT]}, "card: “version” is missing."),
        (card(TEXT, refresh={}), "refresh: not possible in a campaign. Take it out."),
        (
            card({"type": "Container", "items": [TEXT | {"weight": "Bold"}]}),
            "body[0].items[0].weight: “Bold” is not possible; "
            "possible are bolder, default, lighter.",
        ),
        (
            card(TEXT | {"fallback": {"type": "Input.Text", "id": "x"}}),
            "body[0].fallback: Input.Text: a campaign can't take what people type. Take it out.",
        ),
        (
            card(TEXT, selectAction={"type": "Action.Execute", "verb": "x"}),
            "selectAction: Action.Execute is not possible in a campaign; possible are OpenUrl, "
            "ToggleVisibility, ShowCard.",
        ),
        (
            card(TEXT | {"id": "a"}, TEXT | {"id": "a"}),
            "body[1].id: “a” is also the id of body[0].",
        ),
        (
            card(
                TEXT, actions=[{"type": "Action.ToggleVisibility", "targetElements": ["nowhere"]}]
            ),
            "actions[0].targetElements[0]: nothing in the card has the id “nowhere”.",
        ),
        (
            card(TEXT | {"text": "[x](JavaScript:y)"}),
            "body[0].text: The link to “JavaScript:y” can't be used. "
            "An address starts with https://, http://, mailto: or tel:.",
        ),
        (
            card({"type": "Image", "url": "data:text/html;base64,AAAA"}),
            "body[0].url: An address starts with https://.",
        ),
        (
            card(TEXT, backgroundImage="file:///etc/passwd"),
            "backgroundImage: An address starts with https://.",
        ),
        (
            card(TEXT, speak="[WHO]"),
            "speak: [WHO] is not a placeholder. You can use [FIRSTNAME], [LASTNAME], [FULLNAME], "
            "[EMAIL], [DEPARTMENT], [JOBTITLE], [COUNTRY], [CITY].",
        ),
    ],
)
def test_a_problem_is_named_with_its_place(wrong: Any, problem: str) -> None:
    assert problems(wrong) == [problem]


def test_of_many_problems_the_first_are_named_and_the_others_counted() -> None:
    [*named, more] = problems(card(*[{"type": "TextBlock"}] * 30))
    assert named == [f"body[{number}]: “text” is missing." for number in range(8)]
    assert more == "And 22 more like these."


@pytest.mark.parametrize(
    "nested",
    [
        "[" * 100_000,
        '{"type": "AdaptiveCard", "body": ' + "[" * 200 + "]" * 200 + "}",
        '{"a":' * 5_000,
    ],
)
def test_what_is_nested_too_deeply_is_refused(nested: str) -> None:
    assert problems(nested) in (
        ["This card is nested too deeply."],
        [
            "This is not JSON. It ends too early, as if a part had not been copied. "
            "Copy the whole card once more."
        ],
        ["This is not JSON. It is nested too deeply. Copy the whole card once more."],
    )


@pytest.mark.parametrize(
    ("pasted", "why"),
    [
        ("Hello", "A card begins with { and ends with }."),
        ('{"type": "Adaptive', "It ends too early, as if a part had not been copied."),
        ('{"type": "AdaptiveCard", "body": [', "It ends too early, as if a part had"),
        (
            '{\n  "type": "AdaptiveCard"\n  "body": []\n}',
            "In line 3, at character 3, a comma or a closing bracket is missing.",
        ),
        ('{"a" 1}', "In line 1, at character 6, a colon is missing."),
        ('{"a": }', "In line 1, at character 7, a value is missing."),
        ("{a: 1}", 'at character 2, a name in straight quotation marks ("...") is missing.'),
        (
            '{"a": “b”}',
            'at character 7, a curly quotation mark (“) stands where a straight one (") has to.',
        ),
        ('{"a": 1,}', "there is a comma too many."),
        ('{"a": [1, ]}', "there is a comma too many."),
        ('{"a": 1}}', "at character 9, the card has ended, and something follows it."),
        ('{"a": "b\nc"}', "at character 9, a text has a line break or a tab in it."),
        ('{"a": "\\q"}', "what follows the backslash is not known."),
        ('{"a": NaN}', "It has a value that JSON does not know, such as NaN."),
    ],
)
def test_what_is_not_json_is_told_in_plain_words(pasted: str, why: str) -> None:
    [problem] = problems(pasted)
    assert problem.startswith("This is not JSON. ")
    assert why in problem


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                ["type", "body", "items", "text", "url", "actions", "id", "fallback", "version"]
            ),
            inner | st.sampled_from(["AdaptiveCard", "TextBlock", "Image", "Action.OpenUrl"]),
            max_size=5,
        )
    ),
    max_leaves=25,
)


@given(body=JSON, actions=JSON)
def test_whatever_is_pasted_is_taken_or_refused_in_words(body: Any, actions: Any) -> None:
    text = json.dumps({"type": "AdaptiveCard", "version": "1.5", "body": body, "actions": actions})
    with contextlib.suppress(BadCard):
        assert pasted.load(pasted.read(text)) == json.loads(text)
