"""What recipients get: a campaign's message in the look of its format.

The look is a coloured header with a sign and a word. Colours come from container styles, which
every Teams theme defines; sign and word tell the formats apart where colours cannot. The word has
the text's own colour: a tone on its own background is hard to read in some themes.
"""

import re
from typing import Final

import msgspec

from campaigns.content import Format
from cards import elements as ac
from cards.elements.values import ContainerStyle
from cards.markdown import escape

_PARAGRAPHS: Final = 100
"""Text blocks at most; what follows stays in the last: many tiny blocks would pass 80 KB."""


class _Header(msgspec.Struct, frozen=True):
    sign: str
    word: str
    style: ContainerStyle


_HEADERS: Final = {
    Format.IDEA: _Header("💡", "Idea", "accent"),
    Format.SUCCESS: _Header("🏆", "Success", "good"),
    Format.IMPORTANT: _Header("❗", "Important", "attention"),
}


def render(format: Format, message_markdown: str, *, name: str, test: bool = False) -> ac.Json:
    """Return the card of one message, already personalised.

    ``name`` is the campaign's: shown by clients too old for the card, and on a test message.
    """
    elements = body(format, message_markdown)
    if test:
        elements.append(
            ac.TextBlock(
                f"Test message · {escape(name)}",
                size="small",
                is_subtle=True,
                wrap=True,
                separator=True,
                spacing="medium",
            )
        )
    return ac.AdaptiveCard(elements, fallback_text=escape(name)).to_dict()


def body(format: Format, message_markdown: str) -> list[ac.Element]:
    """Return header and text as elements; a preview shows the same inside another card."""
    header = _HEADERS.get(format)
    text = _paragraphs(message_markdown)
    return [_header(header), *text] if header else text


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


def _paragraphs(markdown: str) -> list[ac.Element]:
    """Split at blank lines; a single line break, which Markdown would swallow, is kept."""
    text = markdown.replace("\r\n", "\n").replace("\r", "\n").strip()
    if not text:
        return []
    parts = re.split(r"\n(?:[ \t]*\n)+", text, maxsplit=_PARAGRAPHS - 1)
    return [
        ac.TextBlock(
            re.sub(r"(?<!\n)[ \t]*\n(?!\s*\n)", "  \n", part),
            wrap=True,
            spacing="medium" if index == 0 else "default",
        )
        for index, part in enumerate(parts)
    ]
