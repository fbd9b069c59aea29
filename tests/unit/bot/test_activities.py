"""Activities decoded: what is none is refused, and what is odd is not lost."""

import pytest

from bot.activities import NotAnActivity, decode


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b'"message"',
        b"{}",
        b'{"type": null}',
        b'{"type": ""}',
        b'{"type": 5}',
        b'{"type": "message", "from": "Adele"}',
        b'{"type": "message", "membersAdded": {"id": "x"}}',
        b'{"type": "message", "value": NaN}',
        b'{"type": "message", "text": "\xff"}',
        b'\xef\xbb\xbf{"type": "message"}',
        b'{"type": "message", "value": ' + b"[" * 100_000,
        b'{"type": "message", "id": "' + b"x" * 1_001 + b'"}',
    ],
)
def test_what_is_no_activity_is_refused(body: bytes) -> None:
    with pytest.raises(NotAnActivity):
        decode(body)


def test_the_refusal_says_where_and_not_what() -> None:
    with pytest.raises(NotAnActivity, match=r"at `\$\.from`") as refused:
        decode(b'{"type": "message", "from": "private words"}')
    assert "private words" not in str(refused.value)


@pytest.mark.parametrize(
    ("sent", "taken"),
    [
        (rb"cut \ud83d", "cut \ufffd"),
        (rb"cut \uDC4D!", "cut \ufffd!"),
        (rb"whole \ud83d\udc4d", "whole 👍"),
        (rb"twice \ud83d\ud83d\udc4d", "twice \ufffd👍"),
        (rb"no escape: \\ud83d", "no escape: \\ud83d"),
    ],
)
def test_a_character_cut_in_half_does_not_lose_the_rest(sent: bytes, taken: str) -> None:
    activity = decode(b'{"type": "message", "text": "' + sent + b'"}')
    assert activity.text == taken
