"""Tokens: what they carry comes back, and nothing else does."""

from __future__ import annotations

from datetime import UTC, datetime
from string import ascii_letters, digits

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.seal import TOKEN_LIMIT, Download, NotOurs, Seal, Target, link_id, packed

UNTIL = datetime(2026, 3, 2, 9, 15, tzinfo=UTC)
TARGET = Target("tenant", "campaign", "abcdefgh", "https://example.com/a?b=c&d=é#f")


def seal(key: bytes = b"k" * 32) -> Seal:
    made = Seal()
    made.use(key)
    return made


TOKEN = seal().click(packed(TARGET), packed("29:1a")).decode()


@given(st.text(max_size=200), st.text(max_size=100))
def test_what_a_token_carries_comes_back(address: str, recipient: str) -> None:
    target = Target("tenant", "campaign", link_id(address), address)
    token = seal().click(packed(target), packed(recipient)).decode("ascii")
    assert seal().clicked(token) == (target, recipient)
    assert all(character.isalnum() or character in "-_." for character in token)


@pytest.mark.parametrize("place", range(0, len(TOKEN), 7))
def test_a_token_with_one_byte_changed_is_not_ours(place: int) -> None:
    changed = TOKEN[:place] + ("A" if TOKEN[place] != "A" else "B") + TOKEN[place + 1 :]
    with pytest.raises(NotOurs):
        seal().clicked(changed)


@pytest.mark.parametrize("last", sorted({*ascii_letters, *digits, "-", "_", "="} - {TOKEN[-1]}))
def test_another_spelling_of_the_same_signature_is_not_ours(last: str) -> None:
    with pytest.raises(NotOurs):
        seal().clicked(TOKEN[:-1] + last)
    with pytest.raises(NotOurs):
        seal().clicked(f"{TOKEN}=")


@pytest.mark.parametrize(
    "token",
    ["", ".", "..", "a", "a.b", TOKEN + "A", TOKEN[:-1], TOKEN[1:], "é" + TOKEN, "a" * TOKEN_LIMIT],
)
def test_what_is_no_token_is_not_ours(token: str) -> None:
    with pytest.raises(NotOurs):
        seal().clicked(token)
    with pytest.raises(NotOurs):
        seal().downloaded(token)


def test_another_key_and_another_purpose_are_not_ours() -> None:
    with pytest.raises(NotOurs):
        seal(b"x" * 32).clicked(TOKEN)
    with pytest.raises(NotOurs):
        seal().downloaded(TOKEN)
    download = Download("tenant", "campaign", "csv", "Europe/Paris", UNTIL)
    assert seal().downloaded(seal().download(download)) == download
    with pytest.raises(NotOurs):
        seal().clicked(seal().download(download))


def test_a_recipient_cannot_be_exchanged_for_another() -> None:
    target, _, signature = TOKEN.split(".")
    with pytest.raises(NotOurs):
        seal().clicked(f"{target}.{packed('29:2b').decode()}.{signature}")


def test_without_a_key_nothing_is_signed() -> None:
    with pytest.raises(RuntimeError):
        Seal().click(b"", b"")


def test_an_id_is_the_address_and_fits_a_button() -> None:
    assert link_id("https://example.com/[EMAIL]") == link_id("https://example.com/[EMAIL]")
    assert link_id("https://example.com/a") != link_id("https://example.com/b")
    assert len(link_id("x")) == 8
