"""Edits of a file of deliveries: each is applied to the file's rows, in a worker thread."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from datetime import datetime

import msgspec

from campaigns.delivery import Claim, Delivery, DeliveryStatus
from campaigns.ledger import ledger
from storage.embedded.documents import Document, document
from storage.embedded.ledger.rows import RUN, row_status
from storage.embedded.shard import Edit, RowChange


def adding(rows: dict[str, Document]) -> RowChange[int]:
    """Adds the rows that are not there yet; returns how many."""

    def change(edit: Edit) -> int:
        new = [place for place in rows if edit.get(place) is None]
        for place in new:
            edit.put(place, rows[place])
        return len(new)

    return change


def claiming(claim: Claim, now: datetime, limit: int, run: str) -> RowChange[list[Delivery]]:
    """Claims up to ``limit`` due deliveries, the earliest due first."""

    def change(edit: Edit) -> list[Delivery]:
        pending = [
            (datetime.fromisoformat(row["due_at"]), number, place)
            for number, (place, row) in enumerate(edit.items())
            if row.get("status", "pending") == "pending"
        ]
        due = (entry for entry in pending if entry[0] <= now)
        taken = []
        for _, _, place in heapq.nsmallest(limit, due):
            delivery = ledger.claimed(msgspec.convert(edit.get(place), Delivery), claim)
            edit.put(place, {**document(delivery), RUN: run})
            taken.append(delivery)
        return taken

    return change


def replacing(rows: dict[str, Document]) -> RowChange[None]:
    """Replaces these rows; those that are not there stay away."""

    def change(edit: Edit) -> None:
        for place, row in rows.items():
            if edit.get(place) is not None:
                edit.put(place, row)

    return change


def changing(
    status: DeliveryStatus,
    change_delivery: Callable[[Delivery], Delivery],
    reasons: frozenset[str] | None,
) -> RowChange[int]:
    """Changes all deliveries with this status, and one of these reasons; returns how many."""

    def change(edit: Edit) -> int:
        matching = [
            (place, row)
            for place, row in edit.items()
            if row_status(row) is status and (reasons is None or row.get("reason") in reasons)
        ]
        for place, row in matching:
            edit.put(place, document(change_delivery(msgspec.convert(row, Delivery))))
        return len(matching)

    return change
