"""The ledger behaves like the rows of a dict, whatever is done in whatever order."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from campaigns.delivery import Delivery, DeliveryStatus
from campaigns.ledger import ledger as rows_of
from campaigns.report import Result, count
from storage.base import Store
from tests.support.examples import (
    CLAIM,
    KEY,
    NOW,
    SECOND,
    ended,
    every_row,
    ids,
    pending,
)

LATER = NOW + timedelta(hours=1)


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("freeze"), st.integers(0, 30), st.integers(1, 30)),
        st.tuples(st.just("claim"), st.integers(0, 15), st.integers(0, 3)),
        st.tuples(
            st.just("settle"),
            st.integers(1, 10),
            st.sampled_from(["sent", "failed", "in_doubt", "skipped", "retry"]),
        ),
        st.tuples(st.just("cancel"), st.none(), st.none()),
        st.tuples(st.just("resend"), st.none(), st.none()),
    ),
    max_size=25,
)


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=STEPS)
async def test_the_ledger_is_as_the_rows_of_a_dict(
    store: Store, steps: list[tuple[Any, Any, Any]]
) -> None:
    """Held against the simplest ledger there is: a dict of rows and the domain's transitions."""
    ledger, expected = store.ledger, dict[str, Delivery]()
    await ledger.drop(KEY)
    for step in steps:
        match step:
            case "freeze", first, number:
                given_ = [
                    pending(f"r{n}", due_at=NOW + (n % 3) * SECOND)
                    for n in range(first, first + number)
                ]
                new = {row.recipient_id: row for row in given_ if row.recipient_id not in expected}
                assert await ledger.freeze(KEY, given_) == len(new)
                expected |= new
            case "claim", limit, seconds:
                now = NOW + seconds * SECOND
                due = [row for row in expected.values() if rows_of.is_due(row, now)]
                claimed = await ledger.claim(KEY, CLAIM, now=now, limit=limit)
                assert len(claimed) == min(limit, len(due))
                for row in claimed:
                    assert row == rows_of.claimed(expected[row.recipient_id], CLAIM)
                    assert rows_of.is_due(expected[row.recipient_id], now)
                    expected[row.recipient_id] = row
            case "settle", number, result:
                open_ = [row for row in expected.values() if row.status is DeliveryStatus.CLAIMED]
                changed = [
                    msgspec.structs.replace(rows_of.released(row), attempts=row.attempts + 1)
                    if result == "retry"
                    else ended(row, DeliveryStatus(result))
                    for row in open_[:number]
                ]
                await ledger.settle(KEY, changed)
                expected |= {row.recipient_id: row for row in changed}
            case "cancel", _, _:
                changed = [
                    rows_of.cancelled(row, LATER)
                    for row in expected.values()
                    if row.status is DeliveryStatus.PENDING
                ]
                assert await ledger.cancel(KEY, LATER) == len(changed)
                expected |= {row.recipient_id: row for row in changed}
            case "resend", _, _:
                changed = [
                    rows_of.resent(row)
                    for row in expected.values()
                    if row.status is DeliveryStatus.IN_DOUBT
                ]
                assert await ledger.resend_in_doubt(KEY) == len(changed)
                expected |= {row.recipient_id: row for row in changed}
        assert await ledger.counts(KEY) == count(expected.values())
        assert await ledger.next_due(KEY) == min(
            (row.due_at for row in expected.values() if row.status is DeliveryStatus.PENDING),
            default=None,
        )
    kept = {row.recipient_id: row for row in await every_row(ledger)}
    assert kept == expected
    for result in Result:
        page = await ledger.page(KEY, result, offset=0, limit=100)
        frozen_order = [
            recipient_id for recipient_id in expected if recipient_id in set(ids(page.items))
        ]
        assert ids(page.items) == frozen_order
