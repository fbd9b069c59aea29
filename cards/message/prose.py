"""Converts an author's Markdown to elements with which Teams shows it as it is meant.

The Markdown of Teams' text blocks has bold, italic, lists and links (cards-format docs). Headings,
quotes and code blocks become elements of their own. So does a paragraph with strike-through or
code, which only a rich text block can show.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from markdown_it import MarkdownIt
from markdown_it.token import Token

from campaigns.content import QUOTES
from campaigns.text import placeholders
from cards import elements as ac
from cards.elements.values import FontSize

_PARAGRAPHS = 100
"""Most text blocks. The last one has all the rest, since many tiny blocks would exceed 80 KB."""

_BRACKETS = 100
"""Most opening brackets in a paragraph that is split into runs.

The time to find the ends of links grows with the square of their number. A paragraph with more of
them is shown as one text.
"""

_HEADING = re.compile(r"(#{1,6})[ \t]+(\S.*)")
_SIZES: dict[int, FontSize] = {1: "large", 2: "medium"}
_FENCE = re.compile(r"```\w*[ \t]*")
_QUOTED = re.compile(r">[ \t]?")
_ITEM = re.compile(r"[ \t]*(?:[-*+]|\d{1,9}[.)])[ \t]")
_LINE_BREAK = re.compile(r"(?<![\n \t])[ \t]*\n(?!\s*\n)")
_RICH = re.compile(r"(?<!\\)(?:~~\S.*?~~|`[^`\n]+`)", re.DOTALL)

_INLINE = MarkdownIt("commonmark").enable("strikethrough").disable("text_join")
# Addresses stay as they were written: they may have placeholders, and other code checks them.
_INLINE.normalizeLink = lambda url: url  # type: ignore[method-assign]
_INLINE.validateLink = lambda url: True  # type: ignore[method-assign]

_LITERAL = "[\u2060"
"""A bracket that begins no placeholder: an invisible character follows it. It is for text in which
a backslash has no meaning."""


def prose(markdown: str) -> list[ac.Element]:
    """Returns the elements of a text, in their order."""
    return _prose(markdown, quotes=QUOTES)


def _prose(markdown: str, *, quotes: int) -> list[ac.Element]:
    """Returns the elements of a text.

    :param quotes: the levels of quotes that become containers here. Deeper ones stay text.
    """
    text = markdown.replace("\r\n", "\n").replace("\r", "\n").strip()
    blocks = list(_blocks(text.split("\n"))) if text else []
    elements = [
        _element(block, first=not index, quotes=quotes)
        for index, block in enumerate(blocks[: _PARAGRAPHS - (len(blocks) > _PARAGRAPHS)])
    ]
    if len(blocks) > _PARAGRAPHS:
        rest = "\n\n".join("\n".join(block) for block in blocks[_PARAGRAPHS - 1 :])
        elements.append(_text(rest, first=False))
    return elements


def _blocks(lines: list[str]) -> Iterator[list[str]]:
    """Yields the lines of each paragraph, heading, quote or code block."""
    block: list[str] = []
    fenced = False
    for line in lines:
        if fenced:
            block.append(line)
            if line.strip() == "```":
                fenced = False
                yield block
                block = []
            continue
        opens = _FENCE.fullmatch(line) is not None
        alone = _HEADING.fullmatch(line) is not None
        starts = opens or alone or not line.strip() or _quote_changes(block, line)
        if starts and block:
            yield block
            block = []
        if alone:
            yield [line]
        elif line.strip():
            block.append(line)
            fenced = opens
    if block:
        yield block


def _quote_changes(block: list[str], line: str) -> bool:
    """Returns True when a quote begins or ends between the block and the line."""
    return bool(block) and (_QUOTED.match(block[-1]) is None) != (_QUOTED.match(line) is None)


def _element(block: list[str], *, first: bool, quotes: int) -> ac.Element:
    heading = _HEADING.fullmatch(block[0])
    if heading is not None:
        return ac.TextBlock(
            _without_closing(heading[2]),
            wrap=True,
            size=_SIZES.get(len(heading[1])),
            weight="bolder",
            style="heading",
            spacing="medium",
        )
    if _FENCE.fullmatch(block[0]):
        return _code(block[1:-1] if block[-1].strip() == "```" and block[1:] else block[1:])
    if quotes and _QUOTED.match(block[0]):
        quoted = "\n".join(_QUOTED.sub("", line, count=1) for line in block)
        inner = _prose(quoted, quotes=quotes - 1)
        return ac.Container(inner, style="emphasis", spacing="medium")
    text = "\n".join(block)
    if _is_rich(block, text):
        return ac.RichTextBlock(list(_runs(text)), spacing="medium" if first else "default")
    return _text(text, first=first)


def _is_rich(block: list[str], text: str) -> bool:
    return (
        _RICH.search(text) is not None
        and text.count("[") <= _BRACKETS
        and not any(_ITEM.match(line) for line in block)
    )


def _without_closing(heading: str) -> str:
    """Removes closing hashes: ``Title ##`` becomes ``Title``, and ``C#`` stays."""
    text = heading.rstrip(" \t")
    title = text.rstrip("#")
    return title.rstrip(" \t") if title[-1:] in (" ", "\t") else text


def _text(text: str, *, first: bool) -> ac.Element:
    """Returns a paragraph. It keeps single line breaks, which Markdown would drop."""
    return ac.TextBlock(
        _LINE_BREAK.sub("  \n", text),
        wrap=True,
        spacing="medium" if first else "default",
    )


def _code(lines: list[str]) -> ac.Element:
    runs = [ac.TextRun("\n".join(lines) or " ", font_type="monospace")]
    return ac.Container([ac.RichTextBlock(runs)], style="emphasis", spacing="medium")


def _runs(text: str) -> Iterator[ac.TextRun]:
    """Yields the runs of a paragraph, each with its formatting."""
    [inline] = _INLINE.parseInline(text)
    depth = {"strong": 0, "em": 0, "s": 0}
    link: str | None = None
    words = ""
    for token in inline.children or []:
        kind = token.type.removesuffix("_open").removesuffix("_close")
        if kind in depth or kind == "link":
            if words:
                yield _run(words, depth, link)
                words = ""
            if kind == "link":
                link = str(token.attrs.get("href", "")) if token.nesting > 0 else None
            else:
                depth[kind] += token.nesting
        elif token.type == "code_inline":
            if words:
                yield _run(words, depth, link)
                words = ""
            yield _run(token.content, depth, link, code=True)
        else:
            words += _literal(token, in_link=link is not None)
    if words:
        yield _run(words, depth, link)


def _run(text: str, depth: dict[str, int], link: str | None, *, code: bool = False) -> ac.TextRun:
    return ac.TextRun(
        text,
        weight="bolder" if depth["strong"] else None,
        italic=True if depth["em"] else None,
        strikethrough=True if depth["s"] else None,
        font_type="monospace" if code else None,
        color="accent" if link else None,
        select_action=ac.OpenUrl(url=link) if link else None,
    )


def _literal(token: Token, *, in_link: bool) -> str:
    if token.type in ("softbreak", "hardbreak"):
        return "\n"
    if token.type == "text_special" and token.content == "[":
        return _LITERAL
    if in_link and placeholders.used(f"[{token.content}]"):
        # The parser took the brackets of this placeholder for those of the link.
        return f"[{token.content}]"
    return token.content
