"""The times in a report."""

from __future__ import annotations

import pytest

from cards.reports.times import pace


@pytest.mark.parametrize(
    ("rate", "words"),
    [
        (48.2, "48 per second"),
        (1.0, "1 per second"),
        (0.5, "30 per minute"),
        (0.1, "6 per minute"),
        (0.001, "4 per hour"),
    ],
)
def test_a_rate_is_told_in_numbers_that_people_grasp(rate: float, words: str) -> None:
    assert pace(rate) == words
