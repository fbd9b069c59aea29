"""Fields of a delivery's row, read without making a Delivery of it.

Rows leave out fields that have their default.
"""

from __future__ import annotations

from datetime import UTC, datetime

from campaigns.delivery import Delivery, DeliveryStatus
from campaigns.report import Result, result_of
from storage.embedded.documents import Document

RUN = "run"
"""Key that claimed rows have beside the delivery's own: the run of the store that claimed it."""

EARLIEST = datetime.min.replace(tzinfo=UTC)
"""A moment before all others. A claim of another run has lapsed then."""

RESULTS = {
    (status.value, tried): result_of(
        Delivery(recipient_id="", due_at=EARLIEST, status=status, attempts=int(tried))
    )
    for status in DeliveryStatus
    for tried in (False, True)
}
"""The result of each row by its status, and whether it was tried or waits for a better time."""


def row_status(row: Document) -> DeliveryStatus:
    """Returns the delivery's status."""
    return DeliveryStatus(row.get("status", "pending"))


def row_result(row: Document) -> Result:
    """Returns the result that the delivery counts as, by the report's definition."""
    return RESULTS[row.get("status", "pending"), row.get("attempts", 0) > 0 or "waiting" in row]


def row_contains(row: Document, text: str) -> bool:
    """Returns True when the name or the address contains this text, which is case-folded."""
    # Those of a damaged row may be anything.
    return any(text in str(row.get(field, "")).casefold() for field in ("name", "email"))


def row_lapse(row: Document, run: str) -> datetime:
    """Returns the time when the row's claim lapses or has lapsed, as this run sees it."""
    return datetime.fromisoformat(row["claim"]["until"]) if row.get(RUN) == run else EARLIEST
