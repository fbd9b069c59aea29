"""Due times that a wrong clock has set become due at once, over every store."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from campaigns.delivery import AT_ONCE, Attempt, Delivery, DeliveryStatus, PresenceWait
from campaigns.ledger import ledger as rows_of
from campaigns.ledger.retry import STANDARD, RetryRules
from campaigns.outcome import Reason
from storage.base import Store
from tests.support.examples import CLAIM, KEY, NOW, SECOND, every_row, many, pending

moments = st.sampled_from(
    [AT_ONCE, *(NOW + seconds * SECOND for seconds in (-60, 0, 1, 299, 301, 86_399, 86_401))]
)


@st.composite
def rows(draw: st.DrawFn) -> Delivery:
    reason = draw(st.sampled_from([None, Reason.THROTTLED, Reason.NOT_CONNECTED]))
    tried_at = draw(st.lists(moments, max_size=2))
    put_off_at = draw(st.none() | moments)
    return pending(
        "",
        due_at=draw(moments),
        status=draw(st.sampled_from([DeliveryStatus.PENDING, DeliveryStatus.SENT])),
        reason=reason,
        attempts=len(tried_at),
        trace=tuple(Attempt(at=moment, outcome="transient") for moment in tried_at),
        waiting=draw(st.sampled_from([None, PresenceWait(delays=1, at=put_off_at)])),
    )


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(given_rows=st.lists(rows(), max_size=30), rules=st.sampled_from([None, STANDARD]))
async def test_those_change_that_the_domain_names_and_no_others(
    store: Store, given_rows: list[Delivery], rules: RetryRules | None
) -> None:
    before = [
        msgspec.structs.replace(row, recipient_id=f"r{number}")
        for number, row in enumerate(given_rows)
    ]
    ledger = store.ledger
    await ledger.drop(KEY)
    await ledger.freeze(KEY, before)
    wrong = [row for row in before if rows_of.is_misdated(row, NOW, rules)]
    assert await ledger.redate(KEY, NOW, rules) == len(wrong)
    assert await ledger.redate(KEY, NOW, rules) == 0
    after = {row.recipient_id: row for row in await every_row(ledger)}
    assert after == {
        row.recipient_id: rows_of.redated(row) if row in wrong else row for row in before
    }
    assert await ledger.next_due(KEY) == min(
        (row.due_at for row in after.values() if row.status is DeliveryStatus.PENDING),
        default=None,
    )


@pytest.mark.parametrize(
    ("changes", "rules", "redated"),
    [
        pytest.param({}, STANDARD, 0, id="a wait of a minute"),
        pytest.param({"due_at": NOW + timedelta(minutes=9)}, STANDARD, 1, id="longer than any"),
        pytest.param({"due_at": NOW + timedelta(minutes=9)}, None, 0, id="a schedule's time"),
        pytest.param(
            {"due_at": NOW + timedelta(hours=2), "reason": Reason.THROTTLED},
            STANDARD,
            0,
            id="a long wait that Teams asked for",
        ),
    ],
)
async def test_a_wait_that_is_possible_is_waited(
    store: Store, changes: dict[str, Any], rules: RetryRules | None, redated: int
) -> None:
    tried = {"attempts": 1, "trace": (Attempt(at=NOW - SECOND, outcome="transient"),)}
    row = pending("a", **{"due_at": NOW + timedelta(minutes=1), **tried, **changes})
    await store.ledger.freeze(KEY, [row])
    assert await store.ledger.redate(KEY, NOW, rules) == redated


async def test_a_large_campaign_is_redated_whole(store: Store) -> None:
    tried = (Attempt(at=NOW + timedelta(days=1), outcome="transient"),)
    waits = many(1_200, due_at=NOW + timedelta(days=1), attempts=1, trace=tried)
    await store.ledger.freeze(KEY, waits)
    assert await store.ledger.claim(KEY, CLAIM, now=NOW, limit=9) == []
    assert await store.ledger.redate(KEY, NOW, None) == 1_200
    assert len(await store.ledger.claim(KEY, CLAIM, now=NOW, limit=2_000)) == 1_200


async def test_a_campaign_without_deliveries_has_nothing_to_redate(store: Store) -> None:
    assert await store.ledger.redate(KEY, NOW, STANDARD) == 0
