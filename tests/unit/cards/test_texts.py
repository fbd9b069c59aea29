"""Texts for the values of the domain."""

from __future__ import annotations

import pytest

from campaigns.campaign import Missed
from cards.texts import MISSED, reaction


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


@pytest.mark.parametrize("missed", Missed)
def test_who_reads_that_a_campaign_did_not_start_knows_what_to_do(missed: Missed) -> None:
    assert MISSED[missed].endswith(", then send it or schedule it again.")
