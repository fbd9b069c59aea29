"""Texts for the values of the domain."""

from __future__ import annotations

import pytest

from cards.texts import reaction


@pytest.mark.parametrize(
    ("kind", "shown"),
    [
        ("like", "👍"),
        ("1f389_partypopper", "🎉"),
        ("2705_whiteheavycheckmark", "✅"),
        ("cool", "cool"),
        ("0041_x", "0041_x"),
    ],
)
def test_reactions_are_shown_as_what_they_are(kind: str, shown: str) -> None:
    assert reaction(kind) == shown
