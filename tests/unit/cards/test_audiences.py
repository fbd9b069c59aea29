"""Every kind of audience has its row in the two tables, and its words."""

from __future__ import annotations

from typing import get_args

import pytest

from campaigns.audience import (
    AllUsers,
    Audience,
    FrozenAudience,
    ListAudience,
    NewcomersAudience,
    ReceivedAudience,
    UnansweredAudience,
    WaitingAudience,
)
from cards.audiences import AUDIENCE_WORDS, audience_name, sized_audience
from delivery.starting.audiences import AUDIENCES

KINDS = set(get_args(Audience))


def test_every_kind_has_its_row_in_both_tables() -> None:
    assert set(AUDIENCES) == KINDS
    assert set(AUDIENCE_WORDS) == KINDS


@pytest.mark.parametrize("kind", AUDIENCE_WORDS)
def test_a_kind_that_is_called_by_a_name_has_words_for_when_there_is_none(
    kind: type[Audience],
) -> None:
    words = AUDIENCE_WORDS[kind]
    assert ("{name}" in words.name) == bool(words.nameless)
    assert words.nobody


@pytest.mark.parametrize(
    ("audience", "source", "told"),
    [
        (None, FrozenAudience(), ""),
        (AllUsers(), FrozenAudience(people=9), "All users"),
        (ListAudience("l"), FrozenAudience(name="Managers", people=9), "Managers"),
        (ListAudience("l"), FrozenAudience(name="{name}"), "{name}"),
        (ListAudience("l"), FrozenAudience(), "a deleted list"),
        (
            ReceivedAudience("c"),
            FrozenAudience(people=1),
            "Everyone who has the message (1 person)",
        ),
        (NewcomersAudience("c"), FrozenAudience(people=1200), "Newcomers (1,200 people)"),
        (NewcomersAudience("c"), FrozenAudience(), "Newcomers"),
        (
            WaitingAudience("c"),
            FrozenAudience(name="X", people=9),
            "Those who have not confirmed “X”",
        ),
        (WaitingAudience("c"), FrozenAudience(), "Those who have not confirmed a deleted campaign"),
        (UnansweredAudience("c"), FrozenAudience(), "Those who have not answered"),
        (
            UnansweredAudience("c"),
            FrozenAudience(people=3),
            "Those who have not answered (3 people)",
        ),
        (ReceivedAudience("c"), FrozenAudience(called="Spring news"), "Spring news"),
    ],
)
def test_a_report_calls_an_audience(
    audience: Audience | None, source: FrozenAudience, told: str
) -> None:
    assert audience_name(audience, source) == told


@pytest.mark.parametrize(
    ("audience", "source", "told"),
    [
        (None, FrozenAudience(), ""),
        (AllUsers(), FrozenAudience(), "All users (10 people)"),
        (
            ListAudience("l"),
            FrozenAudience(name="Managers"),
            "Managers (10 people, 2 left out)",
        ),
        (ReceivedAudience("c"), FrozenAudience(), "Everyone who has the message (10 people)"),
        (
            WaitingAudience("c"),
            FrozenAudience(name="X"),
            "Those who have not confirmed “X” (10 people, 2 left out)",
        ),
    ],
)
def test_a_draft_tells_the_present_size(
    audience: Audience | None, source: FrozenAudience, told: str
) -> None:
    left_out = 0 if isinstance(audience, AllUsers) else 2
    assert sized_audience(audience, source, reachable=10, left_out=left_out) == told
