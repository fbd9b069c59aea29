"""Markdown as elements: what Teams' text blocks can't show becomes elements of its own."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cards import elements as ac
from cards.message.prose import prose
from tests.support.adaptive_card_schema import assert_valid_card


def elements(markdown: str) -> list[dict[str, Any]]:
    made = prose(markdown)
    assert_valid_card(ac.AdaptiveCard(made).to_dict())
    return [element.to_dict() for element in made]


def runs(markdown: str) -> list[dict[str, Any]]:
    [rich] = elements(markdown)
    assert rich["type"] == "RichTextBlock"
    return [{key: value for key, value in run.items() if key != "type"} for run in rich["inlines"]]


@pytest.mark.parametrize(
    ("heading", "text", "size"),
    [
        ("# One", "One", "large"),
        ("## Two **b** #", "Two **b**", "medium"),
        ("### [FIRSTNAME]", "[FIRSTNAME]", None),
    ],
)
def test_a_heading_is_a_block_of_its_own(heading: str, text: str, size: str | None) -> None:
    before, made, after = elements(f"before\n{heading}\nafter")
    assert (before["text"], after["text"]) == ("before", "after")
    assert (made["text"], made.get("size"), made["style"]) == (text, size, "heading")
    assert made["weight"] == "bolder"


def test_code_is_shown_as_it_is() -> None:
    [code] = elements("```python\ndef f():\n\n    **x**\n```")
    assert code["type"] == "Container"
    [run] = code["items"][0]["inlines"]
    assert (run["text"], run["fontType"]) == ("def f():\n\n    **x**", "monospace")


def test_code_that_is_not_closed_reaches_to_the_end() -> None:
    before, code = elements("before\n```\na\n\nb")
    assert before["text"] == "before"
    assert code["items"][0]["inlines"][0]["text"] == "a\n\nb"


def test_a_quote_has_whatever_is_in_it() -> None:
    quote, after = elements("> one\n> two\n>\n> - a\n> - b\nafter")
    assert [item["text"] for item in quote["items"]] == ["one  \ntwo", "- a  \n- b"]
    assert after["text"] == "after"


def test_strike_through_and_code_make_a_paragraph_rich() -> None:
    assert runs("a ~~b~~ `c*` **d *e***\n[f](https://a.example/?[EMAIL]) \\*g") == [
        {"text": "a "},
        {"text": "b", "strikethrough": True},
        {"text": " "},
        {"text": "c*", "fontType": "monospace"},
        {"text": " "},
        {"text": "d ", "weight": "bolder"},
        {"text": "e", "weight": "bolder", "italic": True},
        {"text": "\n"},
        {
            "text": "f",
            "color": "accent",
            "selectAction": {"type": "Action.OpenUrl", "url": "https://a.example/?[EMAIL]"},
        },
        {"text": " *g"},
    ]


def test_placeholders_stay_such_in_a_rich_paragraph_and_escaped_ones_stay_text() -> None:
    made = runs("~~x~~ [FIRSTNAME|you] [CITY](https://a.example) \\[EMAIL]")
    assert [run["text"] for run in made] == [
        "x",
        " [FIRSTNAME|you] ",
        "[CITY]",
        " [\u2060EMAIL]",
    ]


@pytest.mark.parametrize("text", ["a ~b~ c", r"\~~a~~", "- a ~~b~~\n- c", "2 ~~ 3 ~~", "a ` b"])
def test_other_paragraphs_are_plain_text_blocks(text: str) -> None:
    [made] = elements(text)
    assert made["type"] == "TextBlock"


@given(st.text(alphabet="ab *-_#1.\n`~>[]()\\", max_size=300))
def test_any_text_makes_a_valid_card(markdown: str) -> None:
    elements(markdown)


def test_many_paragraphs_end_in_one() -> None:
    made = elements("a\n\n" * 300)
    assert len(made) == 100
    assert made[-1]["text"].count("a") == 201
