"""Changes of a file of deliveries. A worker thread applies each of them to the file's rows."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from datetime import datetime

import msgspec

from campaigns.delivery import Claim, Delivery, DeliveryStatus
from campaigns.ledger import ledger
from campaigns.ledger.retry import RetryRules
from storage.embedded.documents import Document, document
from storage.embedded.ledger.rows import RUN, row_status
from storage.embedded.shard import Edit, RowChange


def adding(rows: dict[str, Document]) -> RowChange[int]:
    """Adds the rows that are not there yet; returns how many."""

    def change(edit: Edit) -> int:
        new = [row_id for row_id in rows if edit.get(row_id) is None]
        for row_id in new:
            edit.put(row_id, rows[row_id])
        return len(new)

    return change


def claiming(claim: Claim, now: datetime, limit: int, run: str) -> RowChange[list[Delivery]]:
    """Claims up to ``limit`` due deliveries, the earliest due first."""

    def change(edit: Edit) -> list[Delivery]:
        pending = [
            (datetime.fromisoformat(row["due_at"]), number, row_id)
            for number, (row_id, row) in enumerate(edit.items())
            if row.get("status", "pending") == "pending"
        ]
        due = (entry for entry in pending if entry[0] <= now)
        taken = []
        for _, _, row_id in heapq.nsmallest(limit, due):
            delivery = ledger.claimed(msgspec.convert(edit.get(row_id), Delivery), claim)
            edit.put(row_id, {**document(delivery), RUN: run})
            taken.append(delivery)
        return taken

    return change


def replacing(rows: dict[str, Document]) -> RowChange[None]:
    """Replaces these rows; rows that are not there are not added."""

    def change(edit: Edit) -> None:
        for row_id, row in rows.items():
            if edit.get(row_id) is not None:
                edit.put(row_id, row)

    return change


def changing(
    status: DeliveryStatus,
    change_delivery: Callable[[Delivery], Delivery],
    reasons: frozenset[str] | None,
) -> RowChange[int]:
    """Changes all deliveries with this status; returns how many.

    :param reasons: only deliveries with one of these reasons are changed; None: all.
    """

    def change(edit: Edit) -> int:
        matching = [
            (row_id, row)
            for row_id, row in edit.items()
            if row_status(row) is status and (reasons is None or row.get("reason") in reasons)
        ]
        for row_id, row in matching:
            edit.put(row_id, document(change_delivery(msgspec.convert(row, Delivery))))
        return len(matching)

    return change


def redating(now: datetime, rules: RetryRules | None) -> RowChange[int]:
    """Makes deliveries due at once whose due time a wrong clock has set; returns how many."""

    def change(edit: Edit) -> int:
        later = [
            (row_id, msgspec.convert(row, Delivery))
            for row_id, row in edit.items()
            if row_status(row) is DeliveryStatus.PENDING
            and datetime.fromisoformat(row["due_at"]) > now
        ]
        misdated = [
            (row_id, delivery)
            for row_id, delivery in later
            if ledger.is_misdated(delivery, now, rules)
        ]
        for row_id, delivery in misdated:
            edit.put(row_id, document(ledger.redated(delivery)))
        return len(misdated)

    return change
