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
from storage.embedded.edit import Edit, RowChange
from storage.embedded.ledger.rows import RUN, row_status

_Claimed = tuple[list[Delivery], dict[str, Exception]]
_Changed = tuple[int, dict[str, Exception]]


def adding(rows: dict[str, Document]) -> RowChange[int]:
    """Adds the rows that are not there yet; returns how many."""

    def change(edit: Edit) -> int:
        new = [row_id for row_id in rows if row_id not in edit]
        for row_id in new:
            edit.put(row_id, rows[row_id])
        return len(new)

    return change


def claiming(claim: Claim, now: datetime, limit: int, run: str) -> RowChange[_Claimed]:
    """Claims up to ``limit`` due deliveries, the earliest due first.

    Returns them, and the errors for due rows that are not understood, by recipient.
    """

    def change(edit: Edit) -> _Claimed:
        pending = [
            (datetime.fromisoformat(row["due_at"]), number, row_id)
            for number, (row_id, row) in enumerate(edit.items())
            if row.get("status", "pending") == "pending"
        ]
        due = [entry for entry in pending if entry[0] <= now]
        heapq.heapify(due)
        taken: list[Delivery] = []
        refused: dict[str, Exception] = {}
        while due and len(taken) < limit:
            _, _, row_id = heapq.heappop(due)
            try:
                delivery = ledger.claimed(msgspec.convert(edit.get(row_id), Delivery), claim)
            except msgspec.ValidationError as error:
                refused[row_id] = error
                continue
            edit.put(row_id, {**document(delivery), RUN: run})
            taken.append(delivery)
        return taken, refused

    return change


def settling(results: dict[str, Document]) -> RowChange[list[str]]:
    """Replaces each row whose present claim has the number of its result; others are left alone.

    Returns the ids of the rows that are as given now.
    """

    def change(edit: Edit) -> list[str]:
        kept = []
        for row_id, result in results.items():
            row = None if row_id in edit.aside else edit.get(row_id)
            if row is None:
                continue
            if row_status(row) is DeliveryStatus.CLAIMED and _claims(row) == _claims(result):
                edit.put(row_id, result)
            elif row != result:
                continue
            kept.append(row_id)
        return kept

    return change


def _claims(row: Document) -> int:
    """Returns the number of the row's last claim."""
    number: int = row.get("claims", 0)
    return number


def changing(
    status: DeliveryStatus,
    change_delivery: Callable[[Delivery], Delivery],
    reasons: frozenset[str] | None,
) -> RowChange[_Changed]:
    """Changes all deliveries with this status.

    Returns how many, and the errors for those that are not understood, by recipient.

    :param reasons: only deliveries with one of these reasons are changed; None: all.
    """

    def change(edit: Edit) -> _Changed:
        refused: dict[str, Exception] = {}
        matching = [
            (row_id, row)
            for row_id, row in edit.items()
            if row_status(row) is status and (reasons is None or row.get("reason") in reasons)
        ]
        for row_id, row in matching:
            try:
                edit.put(row_id, document(change_delivery(msgspec.convert(row, Delivery))))
            except msgspec.ValidationError as error:
                refused[row_id] = error
        return len(matching) - len(refused), refused

    return change


def redating(now: datetime, rules: RetryRules | None) -> RowChange[int]:
    """Makes deliveries due at once whose due time a wrong clock has set; returns how many.

    Rows that are not understood are left alone.
    """

    def change(edit: Edit) -> int:
        redated = 0
        for row_id, row in list(edit.items()):
            if row_status(row) is not DeliveryStatus.PENDING:
                continue
            if datetime.fromisoformat(row["due_at"]) <= now:
                continue
            if rules is None and not row.keys() & {"trace", "waiting"}:
                # The schedule's own time; most rows of a campaign over days have one.
                continue
            try:
                delivery = msgspec.convert(row, Delivery)
            except msgspec.ValidationError:
                continue
            if ledger.is_misdated(delivery, now, rules):
                edit.put(row_id, document(ledger.redated(delivery)))
                redated += 1
        return redated

    return change
