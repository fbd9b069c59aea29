from __future__ import annotations

from urllib.parse import quote, unquote

from hypothesis import example, given
from hypothesis import strategies as st

from campaigns.text.percent import percent_encoded


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])))
@example("a:17_-~.@é/?#&%+ ü😀\n")
def test_it_is_what_the_standard_library_says_and_can_be_read_back(text: str) -> None:
    encoded = percent_encoded(text)
    assert encoded == quote(text, safe="")
    assert unquote(encoded) == text
