"""Summaries of files of deliveries: they are known without reading the files."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

import msgspec

from campaigns.delivery import DeliveryStatus
from campaigns.report import Counts, Result
from storage.embedded.documents import Rows
from storage.embedded.ledger.rows import EARLIEST, RESULTS, RUN, row_result

_TO_THE_SECOND = len("2026-03-02T09:00:00")


class DeliverySummary(msgspec.Struct, frozen=True):
    """The summary of one file of deliveries."""

    counts: Counts
    next_due: datetime | None
    """The time when the first pending delivery is due; None when none is pending."""
    last_due: datetime | None
    """The same of the last one."""
    lapses: dict[str, datetime]
    """The time when the first claim lapses, by the run that made it."""
    sent: dict[str, int]
    """How many were sent in each second (UTC, as rows write it)."""

    def lapse(self, run: str) -> datetime | None:
        """Returns the time when the first claim lapses or has lapsed; None when nothing is claimed.

        :param run: the run of the open store; claims of other runs have lapsed.
        """
        if any(other != run for other in self.lapses):
            return EARLIEST
        return self.lapses.get(run)

    def has(self, status: DeliveryStatus) -> bool:
        """Returns True when the file has deliveries with this status."""
        if status is DeliveryStatus.PENDING:
            return self.next_due is not None
        return self.counts.of(RESULTS[status.value, True]) > 0


def summarise(rows: Rows) -> DeliverySummary:
    """Returns the summary of these rows."""
    totals = dict.fromkeys(Result, 0)
    dues: set[str] = set()
    lapses: dict[str, datetime] = {}
    sent: Counter[str] = Counter()
    for row in rows.values():
        totals[row_result(row)] += 1
        status = row.get("status", "pending")
        if status == "sent":
            sent[row.get("settled_at", "")[:_TO_THE_SECOND]] += 1
        elif status == "pending":
            dues.add(row["due_at"])
        elif status == "claimed":
            run, until = row.get(RUN, ""), datetime.fromisoformat(row["claim"]["until"])
            lapses[run] = min(until, lapses.get(run, until))
    moments = [datetime.fromisoformat(due) for due in dues]
    return DeliverySummary(
        counts=Counts(**{result.value: total for result, total in totals.items()}),
        next_due=min(moments, default=None),
        last_due=max(moments, default=None),
        lapses=lapses,
        sent=dict(sent),
    )


def total(summaries: Sequence[DeliverySummary]) -> Counts:
    """Returns the counts of all files together."""
    counts = [summary.counts for summary in summaries]
    return Counts(**{result.value: sum(each.of(result) for each in counts) for result in Result})


def timeline(summaries: Sequence[DeliverySummary], step: timedelta) -> Mapping[datetime, int]:
    """Returns how many were sent in each step, by the step's beginning; steps count from 1970."""
    seconds: Counter[str] = Counter()
    for summary in summaries:
        seconds.update(summary.sent)
    steps: Counter[int] = Counter()
    width = int(step.total_seconds())
    for second, number in seconds.items():
        with contextlib.suppress(ValueError):  # of a damaged row
            timestamp = int(datetime.fromisoformat(f"{second}+00:00").timestamp())
            steps[timestamp // width * width] += number
    return {datetime.fromtimestamp(start, UTC): steps[start] for start in sorted(steps)}
