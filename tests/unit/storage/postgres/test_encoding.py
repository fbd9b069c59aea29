from __future__ import annotations

import json

import pytest

from campaigns.outcome import TeamsAnswer
from storage.errors import Damaged
from storage.postgres.encoding import json_text, storable, understood


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("", ""),
        ("Zoë 👋 漢字", "Zoë 👋 漢字"),
        ("a\0b\0", "a\ufffdb\ufffd"),
        ("cut \ud83d", "cut ?"),
        ("\0é\udc4b", "\ufffdé?"),
    ],
)
def test_a_text_is_kept_but_for_what_the_database_can_not_keep(text: str, kept: str) -> None:
    assert storable(text) == kept


@pytest.mark.parametrize(
    ("message", "kept"),
    [
        ("as it is", "as it is"),
        ("one \0 two \0\0", "one \ufffd two \ufffd\ufffd"),
        ("typed: \\u0000", "typed: \\u0000"),
        ("a backslash and NUL: \\\0", "a backslash and NUL: \\\ufffd"),
        ("cut \ud83d", "cut ?"),
        ("\ud83d and \0", "? and \ufffd"),
    ],
)
def test_the_same_goes_for_texts_in_json(message: str, kept: str) -> None:
    text = json_text(TeamsAnswer(message=message))
    assert json.loads(text) == {"message": kept}
    assert understood(text, TeamsAnswer) == TeamsAnswer(message=kept)


def test_a_row_of_another_kind_is_damaged() -> None:
    with pytest.raises(Damaged, match="not understood"):
        understood('{"status": "two hundred"}', TeamsAnswer)
