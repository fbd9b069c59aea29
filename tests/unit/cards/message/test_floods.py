"""Texts that are designed to take long take no longer than others.

Each is far longer than anything that is accepted. Code whose time grows with the square of the
length would need minutes, so that pytest's timeout ends it. Nothing else is measured.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from campaigns.content import Content, Format
from campaigns.text import links, placeholders
from cards.markdown import escape
from cards.message import prose
from cards.message.notification import notification
from cards.message.tracking import links_of

LENGTH = 100_000

FLOODS = {
    "links without an end": "[a](",
    "links to the web without an end": "[a](https://b",
    "links in links": "[a](https://b[a](https://b)",
    "links with titles without an end": '[a](b "',
    "links with other titles without an end": "[a](https://b '",
    "placeholders that lead nowhere": "[FIRSTNAME](",
    "placeholders without an end": "[CITY|",
    "opening brackets": "[",
    "closing brackets": "]",
    "ends of labels": "](",
    "parentheses": "(",
    "addresses": "<a:",
    "spaces": " ",
    "hashes": "#",
    "spaced hashes": " #",
    "a heading's hashes": "# #",
    "stars": "*",
    "apart stars": "* ",
    "underscores": "_a",
    "tildes": "~",
    "strikes without an end": "~~a ",
    "ticks": "`",
    "code without an end": "`a",
    "backslashes": "\\",
    "quotes": ">",
    "quotes line by line": ">a\n",
    "list items": "- a\n",
    "line breaks": "a\n",
    "line breaks behind spaces": "a   \n",
    "empty lines": "\n \n",
    "fences": "```\n",
    "markup": "<b>",
    "markup without an end": "<b",
    "styles": '<p style="color:red;',
    "unseen": "\u200b",
}

READERS: dict[str, Callable[[str], object]] = {
    "notification": lambda text: notification(Content(text), Format.MESSAGE),
    "links": links.markdown_problem,
    "clicks": lambda text: links_of({"type": "TextBlock", "text": text}),
    "placeholders": placeholders.parse,
    "nested placeholders": placeholders.has_nested,
    "escaping": escape,
    "elements": prose.prose,
    "elements with code": lambda text: prose.prose(f"`code` {text}"),
    "elements of a heading": lambda text: prose.prose(f"# {text}"),
}


@pytest.mark.heavy
@pytest.mark.timeout(30)
@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("flood", FLOODS)
def test_a_flood_is_read_once(flood: str, reader: str) -> None:
    text = FLOODS[flood]
    READERS[reader](text * (LENGTH // len(text)))
    READERS[reader](f"x{text * (LENGTH // len(text))}x\n)")
