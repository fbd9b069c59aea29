import re

from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from cards.markdown import escape

# The rules of markdown-it's default preset are the ones that card hosts use; HTML is off there.
RENDERER = MarkdownIt("js-default")


def shown(markdown: str) -> str:
    """Returns what a reader sees of one paragraph. Any element inside it is a failure."""
    html = RENDERER.render(markdown)
    match = re.fullmatch(r"<p>([^<]*)</p>\n", html)
    assert match, f"not plain text: {html!r}"
    text = match[1]
    for entity, char in (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&amp;", "&")):
        text = text.replace(entity, char)
    return text


def one_line(text: str) -> str:
    text = re.sub("[\u202a-\u202e\u2066-\u2069]", "", text)
    return " ".join(re.split(r"[\s\x00-\x1f\x7f]+", text)).strip()


MARKS = st.text(alphabet=" \\`*_[](){}<>&~#+-=.:!|\"'\n\t019ab@/", max_size=40)


@given(MARKS | st.text(alphabet=st.characters(exclude_categories=["Cs"])))
@example("](http://evil.example)")
@example("[free](http://evil.example)")
@example("![x](http://evil.example/a.png)")
@example("<http://evil.example>")
@example("<b>bold</b> &amp; &copy;")
@example("1. first")
@example("1) first")
@example("- item")
@example("--- ")
@example("# heading")
@example("> quote")
@example("a\\")
@example("    code")
@example("~~gone~~ ``code`` __loud__")
@example("[a]: http://evil.example")
def test_an_escaped_value_is_shown_as_it_is(value: str) -> None:
    expected = one_line(value)
    if expected:
        assert shown(escape(value)) == expected
    assert shown(f"Hello {escape(value)}!") == f"Hello {expected}!"


@given(MARKS)
def test_an_escaped_value_on_a_line_of_its_own_starts_nothing(value: str) -> None:
    expected = one_line(value)
    if expected:
        assert shown(f"From:\n{escape(value)}") == f"From:\n{expected}"


def test_the_date_function_of_cards_is_not_called_by_a_value() -> None:
    assert "{{DATE(" not in escape("{{DATE(2026-05-01T00:00:00Z)}}")


def test_a_value_can_not_turn_the_words_after_it_round() -> None:
    assert escape("Ann\u202e gpj.exe\u2066") == "Ann gpj.exe"


def test_ordinary_names_and_addresses_stay_readable() -> None:
    assert escape("Anne-Marie O'Neil (HR)") == "Anne-Marie O'Neil (HR)"
    assert escape("anne.oneil@example.com") == "anne.oneil@example.com"
