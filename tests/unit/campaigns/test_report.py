"""The report's counts: every delivery once, so that they add up."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.delivery import Delivery, DeliveryStatus
from campaigns.report import Counts, Result, count, result_of

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)

deliveries = st.lists(
    st.builds(
        lambda status, attempts: Delivery(
            recipient_id="u", due_at=NOW, status=status, attempts=attempts
        ),
        st.sampled_from(DeliveryStatus),
        st.integers(min_value=0, max_value=3),
    )
)


@pytest.mark.parametrize(
    ("status", "attempts", "result"),
    [
        # Waiting for its first try, or being sent now.
        (DeliveryStatus.PENDING, 0, Result.ONGOING),
        (DeliveryStatus.CLAIMED, 0, Result.ONGOING),
        (DeliveryStatus.CLAIMED, 2, Result.ONGOING),
        # Tried, and due again.
        (DeliveryStatus.PENDING, 1, Result.RESCHEDULED),
        (DeliveryStatus.SENT, 3, Result.SUCCESS),
        (DeliveryStatus.FAILED, 1, Result.ERROR),
        (DeliveryStatus.IN_DOUBT, 1, Result.IN_DOUBT),
        (DeliveryStatus.SKIPPED, 0, Result.SKIPPED),
        (DeliveryStatus.CANCELLED, 0, Result.CANCELLED),
        (DeliveryStatus.CANCELLED, 1, Result.CANCELLED),
    ],
)
def test_each_delivery_counts_under_its_result(
    status: DeliveryStatus, attempts: int, result: Result
) -> None:
    row = Delivery(recipient_id="u", due_at=NOW, status=status, attempts=attempts)
    assert result_of(row) is result
    counts = count([row])
    assert {each: counts.of(each) for each in Result} == {
        each: int(each is result) for each in Result
    }


def test_there_is_a_count_for_every_result_and_no_other() -> None:
    assert set(Counts.__struct_fields__) == {result.value for result in Result}


def test_the_sums_are_of_all_results() -> None:
    counts = Counts(
        success=1, error=2, rescheduled=4, ongoing=8, in_doubt=16, skipped=32, cancelled=64
    )
    assert (counts.recipients, counts.open, counts.ended) == (127, 12, 115)
    assert count([]).recipients == 0


@given(deliveries)
def test_every_delivery_counts_exactly_once(rows: list[Delivery]) -> None:
    counts = count(rows)
    assert counts.recipients == len(rows) == sum(counts.of(result) for result in Result)
    assert counts.ended == sum(row.status.has_ended for row in rows)
    assert counts.open == len(rows) - counts.ended


@given(deliveries, deliveries)
def test_counts_of_parts_add_up_to_the_whole(some: list[Delivery], others: list[Delivery]) -> None:
    """Counts kept by shard rely on this."""
    parts = (msgspec.structs.astuple(count(rows)) for rows in (some, others))
    assert msgspec.structs.astuple(count(some + others)) == tuple(
        map(sum, zip(*parts, strict=True))
    )
