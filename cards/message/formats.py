"""What recipients get: a campaign's content in the look of its format, its placeholders in place.

The look of a message is a coloured header with a sign and a word. Colours come from container
styles, which every Teams theme defines; sign and word tell the formats apart where colours cannot.
The word has the text's own colour: a tone on its own background is hard to read in some themes.
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
    """Return the card. ``notification`` is shown by clients too old for it."""
    return ac.AdaptiveCard(
        body(content, format),
        fallback_text=notification,
        rtl=is_right_to_left(content, format) or None,
    ).to_dict()


def body(content: Content, format: Format) -> list[ac.Element]:
    """Return what stands on the card; a preview shows the same inside another card."""
    if format is Format.CARD:
        return _built(content)
    header = _HEADERS.get(format)
    text = prose(content.message)
    return [_header(header), *text] if header else text


def is_right_to_left(content: Content, format: Format) -> bool:
    """Return whether the card is to be laid out from right to left: its first words decide."""
    words = f"{content.title} {content.message}" if format is Format.CARD else content.message
    return typed.is_right_to_left(placeholders.removed(words))


def test_mark(name: str) -> ac.Element:
    """Return the line that says that this is a test, and of which campaign."""
    return _mark(f"Test message · {escape(name)}")


def edited_mark() -> ac.Element:
    """Return the line that says that the message was corrected after it had been sent."""
    return _mark("Edited")


def _mark(words: str) -> ac.Element:
    return ac.TextBlock(
        words, size="small", is_subtle=True, wrap=True, separator=True, spacing="medium"
    )


def _built(content: Content) -> list[ac.Element]:
    elements: list[ac.Element] = []
    if content.title:
        elements.append(
            ac.TextBlock(
                escape_around_placeholders(content.title),
                size="large",
                weight="bolder",
                style="heading",
                wrap=True,
            )
        )
    if content.image.url:
        elements.append(ac.Image(content.image.url, alt_text=content.image.alt, spacing="medium"))
    elements += prose(content.message)
    buttons = [ac.OpenUrl(of.text, url=of.url) for of in content.buttons if of.text and of.url]
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
                        [
                            ac.TextBlock(
                                look.word,
                                size="large",
                                weight="bolder",
                                style="heading",
                                wrap=True,
                            )
                        ],
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
