from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.content import MESSAGE_LIMIT, Content, Format, kept
from campaigns.errors import Invalid
from campaigns.refusals.text import QuotesTooDeep
from cards.message import formats
from cards.size import LIMIT, size_in_bytes
from tests.support.adaptive_card_schema import assert_valid_card


def texts(part: object) -> list[str]:
    """Returns the text of every block, in reading order."""
    if isinstance(part, list):
        return [text for item in part for text in texts(item)]
    if not isinstance(part, dict):
        return []
    own = [part["text"]] if part.get("type") == "TextBlock" else []
    return own + [text for item in part.values() for text in texts(item)]


def render(format: Format, message: str) -> dict[str, Any]:
    card = formats.render(Content(message), format, notification="News")
    assert_valid_card(card)
    return card


@pytest.mark.parametrize(
    ("format", "word", "style"),
    [
        (Format.IDEA, "Idea", "accent"),
        (Format.SUCCESS, "Success", "good"),
        (Format.IMPORTANT, "Important", "attention"),
    ],
)
def test_a_format_is_told_by_its_colour_sign_and_word(
    format: Format, word: str, style: str
) -> None:
    header, text = render(format, "Hello")["body"]

    assert header["style"] == style
    assert header["bleed"] is True
    assert texts(header)[1] == word
    assert text["text"] == "Hello"


def test_no_two_formats_look_alike() -> None:
    message_formats = [format for format in Format if format not in (Format.CARD, Format.SURVEY)]
    cards = [str(render(format, "Hello")["body"]) for format in message_formats]

    assert len(set(cards)) == len(message_formats)


def test_a_plain_message_is_its_text_alone() -> None:
    assert texts(render(Format.MESSAGE, "Hello **you**")["body"]) == ["Hello **you**"]


def test_each_paragraph_is_a_block_and_single_line_breaks_are_kept() -> None:
    card = render(Format.MESSAGE, "One\ntwo\r\n\r\n \n- a\n- b\n")

    assert texts(card["body"]) == ["One  \ntwo", "- a  \n- b"]
    assert all(block["wrap"] for block in card["body"])


def test_a_test_message_says_so_and_names_the_campaign() -> None:
    assert texts(formats.test_line("Spring *launch*").to_dict()) == [
        r"Test message · Spring \*launch\*"
    ]
    assert "Test message" not in str(render(Format.IDEA, "Hello"))


@pytest.mark.parametrize("format", Format)
def test_a_preview_embeds_what_the_recipient_gets(format: Format) -> None:
    elements = [element.to_dict() for element in formats.body(Content("Hello\n\nthere"), format)]

    assert elements == render(format, "Hello\n\nthere")["body"]


def test_an_empty_message_still_makes_a_card() -> None:
    assert render(Format.MESSAGE, " \n ")["body"] == []


@pytest.mark.parametrize("filler", ["a\n\n", "a\n", '"', "\\", "💡"])
def test_the_longest_message_fits_whatever_it_is_made_of(filler: str) -> None:
    message = (filler * MESSAGE_LIMIT)[:MESSAGE_LIMIT]

    card = render(Format.IMPORTANT, message)
    card["body"] += [formats.edited_line().to_dict(), formats.test_line("N" * 80).to_dict()]
    assert size_in_bytes(card) <= LIMIT


@given(st.text(alphabet='ab *-_1.\n\r\t"\\', max_size=200))
def test_any_message_keeps_its_words_in_order(message: str) -> None:
    assert " ".join(texts(render(Format.MESSAGE, message)["body"])).split() == message.split()


def test_quotes_that_are_too_deep_for_a_card_are_refused() -> None:
    assert kept(Content("> > > > > deep")).message
    with pytest.raises(Invalid) as refused:
        kept(Content("fine\n" + "> " * 200 + "x"))
    assert refused.value.problems == {"message": QuotesTooDeep(5)}
