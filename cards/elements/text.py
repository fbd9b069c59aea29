"""Elements that show text, facts, pictures and icons."""

from collections.abc import Sequence
from typing import Literal

from cards.elements.actions import CardAction
from cards.elements.base import Element, Part, field
from cards.elements.values import (
    Alignment,
    Color,
    FontSize,
    FontType,
    FontWeight,
    IconSize,
    IconStyle,
    ImageSize,
    ImageStyle,
    TextStyle,
)


class TextBlock(Element, type="TextBlock"):
    """Text in Teams' subset of Markdown. Escape foreign values with ``cards.markdown.escape``.

    Without ``wrap=True`` Teams cuts the text after one line.
    """

    text: str = field(kw_only=False)
    wrap: bool | None = None
    size: FontSize | None = None
    weight: FontWeight | None = None
    color: Color | None = None
    is_subtle: bool | None = None
    font_type: FontType | None = None
    horizontal_alignment: Alignment | None = None
    max_lines: int | None = None
    style: TextStyle | None = None


class TextRun(Part, type="TextRun"):
    """A run of text in a ``RichTextBlock``.

    Its text is literal: no Markdown, nothing to escape.
    """

    text: str = field(kw_only=False)
    size: FontSize | None = None
    weight: FontWeight | None = None
    color: Color | None = None
    is_subtle: bool | None = None
    italic: bool | None = None
    underline: bool | None = None
    strikethrough: bool | None = None
    highlight: bool | None = None
    font_type: FontType | None = None
    select_action: CardAction | None = None


class RichTextBlock(Element, type="RichTextBlock"):
    """A paragraph of runs, each with its own formatting."""

    inlines: Sequence[TextRun | str] = field(kw_only=False)
    horizontal_alignment: Alignment | None = None


class Fact(Part):
    """A line of a ``FactSet``. Title and value are Markdown."""

    title: str = field(kw_only=False)
    value: str = field(kw_only=False)


class FactSet(Element, type="FactSet"):
    """Titles and values in two columns."""

    facts: Sequence[Fact] = field(kw_only=False)


class Image(Element, type="Image"):
    """A picture: at most 1024x1024 and 1 MB, over HTTPS without redirects, no animated GIF."""

    url: str = field(kw_only=False)
    alt_text: str = field()
    size: ImageSize | None = None
    style: ImageStyle | None = None
    width: str | None = None
    """Width in pixels, such as ``"32px"``; overrides ``size``."""

    horizontal_alignment: Alignment | None = None
    background_color: str | None = None
    select_action: CardAction | None = None


class ImageSet(Element, type="ImageSet"):
    """Pictures in a row."""

    images: Sequence[Image] = field(kw_only=False)
    image_size: ImageSize | None = None


class Icon(Element, type="Icon"):
    """Teams only: an icon of the Fluent set, by its name (``"Lightbulb"``)."""

    name: str = field(kw_only=False)
    size: IconSize | None = None
    style: IconStyle | None = None
    color: Color | None = None
    horizontal_alignment: Alignment | None = None
    select_action: CardAction | None = None
    fallback: Element | Literal["drop"] = field()
