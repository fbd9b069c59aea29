"""The line in the activity feed: the author's, or else the title or the first words."""

from __future__ import annotations

import json

import pytest

from campaigns.content import Content, Format, Picture
from cards.message import pasted
from cards.message.notification import notification

LONG = "The office is closed on Friday because of " + "very " * 30 + "bad weather"


def card(*body: dict[str, object]) -> Content:
    content = {"type": "AdaptiveCard", "version": "1.5", "body": body}
    return Content(card=pasted.read(json.dumps(content)), pasted=True)


@pytest.mark.parametrize(
    ("message", "says"),
    [
        ("Hello", "Hello"),
        ("Hello **[FIRSTNAME|you]**,\n\n- *one*\n- ~~two~~", "Hello [FIRSTNAME|you], one two"),
        (
            "Hello [FIRSTNAME],\n\n**the office is closed** on Friday.\n\n- Work from home",
            "Hello [FIRSTNAME], the office is closed on Friday.",
        ),
        ("## The *title* [CITY]\n\nThe text", "The title [CITY]"),
        ("Dear all,\n\n## News\n\nThe office is closed.", "Dear all, News"),
        ("Hello [FIRSTNAME]\n# Office closed\nIt is cold.", "Hello [FIRSTNAME] Office closed"),
        ("Dear all\n\n# Office closed\nIt is cold.", "Dear all – Office closed"),
        (
            "It is very cold, and so is the whole building.\n# Office closed\nStay home.",
            "It is very cold, and so is the whole building.",
        ),
        ("See [our *page*](https://a.example/x_y) `now`", "See our page now"),
        ("[[FIRSTNAME]](https://a.example), [CITY](https://b.example)", "[FIRSTNAME], [CITY]"),
        ("> a_b_c \\*x\\* 2 * 3", "a_b_c *x* 2 * 3"),
        ("1. one\n2. two", "one two"),
        ("", "A new message for you"),
        ("**", "A new message for you"),
        ("مرحبا بكم", "مرحبا بكم"),
        ("🎉", "🎉"),
    ],
)
def test_it_is_the_first_words_without_their_formatting(message: str, says: str) -> None:
    assert notification(Content(message), Format.IDEA) == says


def test_it_is_cut_after_a_word_and_never_within_a_placeholder() -> None:
    cut = notification(Content(LONG), Format.MESSAGE)
    assert len(cut) <= 101
    assert cut.endswith(" very…")
    for space in range(80, 100):
        line = notification(Content("x" * space + " [FIRSTNAME|colleague]"), Format.MESSAGE)
        assert line in ("x" * space + " [FIRSTNAME|colleague]", "x" * space + "…")
    assert notification(Content("x" * 300), Format.MESSAGE) == "x" * 100 + "…"


@pytest.mark.parametrize(
    ("content", "format", "says"),
    [
        (Content("Text", title="Title [CITY]"), Format.CARD, "Title [CITY]"),
        (Content("Text", title="Title"), Format.IDEA, "Text"),
        (Content("Text"), Format.CARD, "Text"),
        (Content(image=Picture("https://a.example/", "A cake")), Format.CARD, "A cake"),
        (Content("Text", notification="Mine", title="T"), Format.CARD, "Mine"),
        (card({"type": "TextBlock", "text": "**Pasted** [CITY]"}), Format.CARD, "Pasted [CITY]"),
        (
            card(
                {"type": "Image", "url": "https://a.example/", "altText": " "},
                {"type": "RichTextBlock", "inlines": ["*Rich*"]},
            ),
            Format.CARD,
            "*Rich*",
        ),
        (
            card({"type": "Image", "url": "https://a.example/"}),
            Format.CARD,
            "A new message for you",
        ),
        (Content(pasted=True), Format.CARD, "A new message for you"),
    ],
)
def test_a_card_is_named_by_its_title_or_what_comes_first(
    content: Content, format: Format, says: str
) -> None:
    assert notification(content, format) == says
