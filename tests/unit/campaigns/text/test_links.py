"""Web addresses: which ones a link, a button or a picture may have."""

from __future__ import annotations

import pytest

from campaigns.errors import Refusal
from campaigns.refusals.text import AddressStart, TextField, TextRefusal, TooLong, WrongLink
from campaigns.text import links

SCHEME = AddressStart(("https",))
SPACE = TextRefusal.ADDRESS_WITH_SPACES
HOST = TextRefusal.PLACEHOLDER_IN_HOST
PART = TextRefusal.ADDRESS_INCOMPLETE


@pytest.mark.parametrize(
    "address",
    [
        "https://example.com",
        "HTTPS://example.com/a?b=c#d",
        "https://intranet/page",
        "https://example.com:8443/ä/日本",
        "https://[2001:db8::1]/x",
        "https://example.com/?who=[FULLNAME]&of=[CITY|some where]",
        "https://example.com/[EMAIL]",
    ],
)
def test_a_whole_https_address_is_taken(address: str) -> None:
    assert links.problem(address) is None


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("http://example.com", SCHEME),
        ("example.com", SCHEME),
        ("javascript:alert(1)", SCHEME),
        ("JaVaScRiPt:alert(1)", SCHEME),
        ("java\nscript:alert(1)", SCHEME),
        (" \x01javascript:alert(1)", SCHEME),
        ("data:text/html,x", SCHEME),
        ("vbscript:x", SCHEME),
        ("file:///etc/passwd", SCHEME),
        ("[EMAIL]", SCHEME),
        ("[CITY|https://a.example]", SCHEME),
        ("https://", PART),
        ("https:///path", PART),
        ("https://[::1", PART),
        ("https://[FIRSTNAME].example.com/", HOST),
        ("https://[EMAIL]/", HOST),
        ("https://example.com[CITY|x]/", HOST),
        ("https://example.com/a b", SPACE),
        ("https://exam\u200bple.com/", SPACE),
        ("https://example.com/" + "x" * 2_000, TooLong(TextField.ADDRESS, 2_020, 2_000)),
    ],
)
def test_anything_else_is_refused_with_the_reason(address: str, why: Refusal) -> None:
    assert links.problem(address) == why


@pytest.mark.parametrize(
    "text",
    [
        "no link at all, (javascript:x) and [x]",
        "[a](https://a.example) [b](http://b.example 'title') [c](mailto:x@example.com)",
        "[d](tel:+41-1) <https://a.example> [FIRSTNAME](https://a.example/?[EMAIL])",
        "[see](what follows here)",
        r"\[x\](not one)",
    ],
)
def test_good_links_in_a_text_are_let_through(text: str) -> None:
    assert links.markdown_problem(text) is None


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("a [b](javascript:alert) c", "javascript:alert"),
        ("a [b](javascript:alert(1)) c", "javascript:alert(1)"),
        ("a [b]( <JAVASCRIPT:x> ) c", "JAVASCRIPT:x"),
        ("[b](&#106;avascript:x)", "&#106;avascript:x"),
        ("<vbscript:x>", "vbscript:x"),
        ("[b][1]\n\n[1]: javascript:x", "javascript:x"),
        ("[b](www.example.com)", "www.example.com"),
    ],
)
def test_a_bad_one_is_named(text: str, named: str) -> None:
    assert links.markdown_problem(text) == WrongLink(named, AddressStart(links.LINKS))
