import pytest

from cards.size import size_in_bytes


@pytest.mark.parametrize(
    ("card", "units"),
    [({}, 2), ({"a": "b"}, 9), ({"a": "é"}, 9), ({"a": "💡"}, 10), ({"a": [1, 2]}, 11)],
)
def test_size_is_two_bytes_per_utf_16_unit_of_compact_json(
    card: dict[str, object], units: int
) -> None:
    assert size_in_bytes(card) == 2 * units
