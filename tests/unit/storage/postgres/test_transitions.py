"""Changes of all rows, which are written in SQL, are those of the domain."""

from __future__ import annotations

from collections.abc import Callable

from campaigns.delivery import Attempt, Delivery, DeliveryStatus
from campaigns.ledger import ledger as rows_of
from campaigns.outcome import Reason
from campaigns.report import count
from storage.postgres.store import PostgresStore
from tests.support.examples import (
    CLAIM,
    KEY,
    NOW,
    SECOND,
    every_row,
    pending,
)

LAPSED = CLAIM.until + SECOND


def rows_of_every_kind() -> list[Delivery]:
    return [
        pending(
            f"{status.value} {reason} {attempts} {resends}",
            status=status,
            reason=reason,
            attempts=attempts,
            throttles=attempts,
            resends=resends,
            trace=(Attempt(at=NOW, outcome="unknown"),) * attempts,
            settled_at=NOW if status.has_ended else None,
        )
        for status in DeliveryStatus
        if status is not DeliveryStatus.CLAIMED
        for reason in (None, Reason.BLOCKED, Reason.TOO_BIG)
        for attempts in (0, 1, 2)
        for resends in (0, 1, 2)
    ]


async def test_all_rows_change_as_the_domain_has_it(store: PostgresStore) -> None:
    ledger, before = store.ledger, rows_of_every_kind()

    def expected(status: DeliveryStatus, change: Callable[[Delivery], Delivery]) -> set[Delivery]:
        return {change(row) if row.status is status else row for row in before}

    def cancelled(row: Delivery) -> Delivery:
        return rows_of.cancelled(row, LAPSED)

    await ledger.freeze(KEY, before)
    await ledger.cancel(KEY, LAPSED)
    assert set(await every_row(ledger)) == expected(DeliveryStatus.PENDING, cancelled)
    await ledger.drop(KEY)
    await ledger.freeze(KEY, before)
    await ledger.resend_in_doubt(KEY)
    assert set(await every_row(ledger)) == expected(DeliveryStatus.IN_DOUBT, rows_of.resent)
    await ledger.drop(KEY)
    failed = [row for row in before if row.reason is not None]
    await ledger.freeze(KEY, failed)
    await ledger.retry_failed(KEY, {Reason.BLOCKED, Reason.TOO_BIG})
    assert set(await every_row(ledger)) == {
        rows_of.retried(row) if row.status is DeliveryStatus.FAILED else row for row in failed
    }
    assert await ledger.counts(KEY) == count(await every_row(ledger))
