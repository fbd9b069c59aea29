"""Counts of a report: the results of a campaign's deliveries, in the report's own words."""

from __future__ import annotations

import enum
from collections.abc import Iterable

import msgspec

from campaigns.delivery import Delivery, DeliveryStatus


class Result(enum.Enum):
    """Result of a delivery. Each has exactly one, so the counts add up to the recipients."""

    SUCCESS = "success"
    ERROR = "error"
    RESCHEDULED = "rescheduled"
    """Due again later, after an attempt or after a look that found the recipient absent."""

    ONGOING = "ongoing"
    """Waiting for its first try, or being sent now."""

    IN_DOUBT = "in_doubt"
    SKIPPED = "skipped"
    CANCELLED = "cancelled"


def result_of(delivery: Delivery) -> Result:
    """Returns the result that this delivery counts under."""
    match delivery.status:
        case DeliveryStatus.SENT:
            return Result.SUCCESS
        case DeliveryStatus.FAILED:
            return Result.ERROR
        case DeliveryStatus.IN_DOUBT:
            return Result.IN_DOUBT
        case DeliveryStatus.SKIPPED:
            return Result.SKIPPED
        case DeliveryStatus.CANCELLED:
            return Result.CANCELLED
        case DeliveryStatus.CLAIMED:
            return Result.ONGOING
        case DeliveryStatus.PENDING:
            has_waited = delivery.attempts or delivery.waiting is not None
            return Result.RESCHEDULED if has_waited else Result.ONGOING


class Counts(msgspec.Struct, frozen=True, kw_only=True):
    """Number of deliveries with each result."""

    success: int = 0
    error: int = 0
    rescheduled: int = 0
    ongoing: int = 0
    in_doubt: int = 0
    skipped: int = 0
    cancelled: int = 0

    @property
    def recipients(self) -> int:
        """Number of all deliveries."""
        return (
            self.success
            + self.error
            + self.rescheduled
            + self.ongoing
            + self.in_doubt
            + self.skipped
            + self.cancelled
        )

    @property
    def open(self) -> int:
        """Number of deliveries that have not ended."""
        return self.rescheduled + self.ongoing

    @property
    def ended(self) -> int:
        """Number of deliveries that have ended, or are in doubt."""
        return self.recipients - self.open

    def of(self, result: Result) -> int:
        """Returns the number of deliveries with this result."""
        count: int = getattr(self, result.value)
        return count


def count(deliveries: Iterable[Delivery]) -> Counts:
    """Returns the counts of these deliveries.

    This is their definition: the faster ways of the stores must give the same.
    """
    totals = {result.value: 0 for result in Result}
    for delivery in deliveries:
        totals[result_of(delivery).value] += 1
    return Counts(**totals)
