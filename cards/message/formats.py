"""The look of each format: a campaign's content as a card, before placeholders are filled.

An Idea, a Success and an Important message have a coloured header with a sign and a word. The
colours are container styles, which every Teams theme defines. Sign and word tell the formats apart
where colours can't. The word has the colour of normal text, because a tone on its own background is
hard to read in some themes.
"""

from __future__ import annotations

from typing import Final

import msgspec

from campaigns.content import Content, Format
from campaigns.text import placeholders, typed
from cards import elements as ac
from cards.elements.values import ContainerStyle
from cards.markdown import escape, escape_around_placeholders
from cards.message.prose import prose
from cards.view import heading


class _Header(msgspec.Struct, frozen=True):
    sign: str
    word: str
    style: ContainerStyle


_HEADERS: Final = {
    Format.IDEA: _Header("💡", "Idea", "accent"),
    Format.SUCCESS: _Header("🏆", "Success", "good"),
    Format.IMPORTANT: _Header("❗", "Important", "attention"),
}


def render(content: Content, format: Format, *, notification: str) -> ac.Json:
    """Returns the card of a format other than a pasted card or a survey.

    :param notification: the text that clients show when they are too old for the card.
    """
    return ac.AdaptiveCard(
        body(content, format),
        fallback_text=notification,
        rtl=is_right_to_left(content, format) or None,
    ).to_dict()


def body(content: Content, format: Format) -> list[ac.Element]:
    """Returns the elements of that card."""
    if format is Format.CARD:
        return _built(content)
    header = _HEADERS.get(format)
    text = prose(content.message)
    return [_header(header), *text] if header else text


def is_right_to_left(content: Content, format: Format) -> bool:
    """Returns True when the card is laid out from right to left. Its first words decide."""
    words = f"{content.title} {content.message}" if format is Format.CARD else content.message
    return typed.is_right_to_left(placeholders.removed(words))


def test_line(name: str) -> ac.Element:
    """Returns the line that marks a test, with the campaign's name."""
    return _footer(f"Test message · {escape(name)}")


def edited_line() -> ac.Element:
    """Returns the line that marks a message as corrected after it was sent."""
    return _footer("Edited")


def _footer(words: str) -> ac.Element:
    return ac.TextBlock(
        words, size="small", is_subtle=True, wrap=True, separator=True, spacing="medium"
    )


def _built(content: Content) -> list[ac.Element]:
    elements: list[ac.Element] = []
    if content.title:
        elements.append(heading(escape_around_placeholders(content.title)))
    if content.image.url:
        elements.append(ac.Image(content.image.url, alt_text=content.image.alt, spacing="medium"))
    elements += prose(content.message)
    buttons = [
        ac.OpenUrl(button.text, url=button.url)
        for button in content.buttons
        if button.text and button.url
    ]
    if buttons:
        elements.append(ac.ActionSet(buttons, spacing="medium"))
    return elements


def _header(look: _Header) -> ac.Element:
    return ac.Container(
        [
            ac.ColumnSet(
                [
                    ac.Column(
                        [ac.TextBlock(look.sign, size="large")],
                        width="auto",
                        vertical_content_alignment="center",
                    ),
                    ac.Column(
                        [heading(look.word)],
                        width="stretch",
                        spacing="small",
                        vertical_content_alignment="center",
                    ),
                ]
            )
        ],
        style=look.style,
        bleed=True,
    )
