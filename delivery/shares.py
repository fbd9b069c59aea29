"""Shares of a tenant's rate, among several processes that make calls in it.

While a tenant's campaigns are sent, the process that has the lease leaves a little of the rate to
each other process (:func:`reserve`). While none are sent, all have the same (:func:`even_share`),
since nobody needs more.

The store tells with each beat which tenants are *busy*. No two processes learn it at the same
moment, and the sum of their shares must not exceed the rate meanwhile. So a report counts for a
certain time only. Before the holder takes more, it waits until no other process can still believe
an older report. Before the others take more, they wait until the holder has certainly gone back.
This is pure arithmetic; the time is handed in, in seconds of a monotonic clock.
"""

from __future__ import annotations

import math
from collections.abc import Collection

import msgspec

WINDOW = 1.0
"""Seconds in which Teams counts calls.

The last calls of the tenant's former holder have to be this old before the rate is ours.
"""


def reserve(rate: float, others: int = 1) -> float:
    """Returns the part of an allowed ``rate`` that each other process gets, in calls per second.

    It applies while campaigns are sent. It is 2 of 50, and less when there are very many processes.

    :param others: the number of other processes.
    """
    usual = max(1.0, rate // 25) if rate >= 4 else rate / 4
    return min(usual, even_share(rate, others))


def even_share(rate: float, others: int) -> float:
    """Returns the part of an allowed ``rate`` that each process gets when all get the same.

    It is a whole number where possible, since a sliding second has whole calls.
    """
    share = rate / (others + 1)
    return float(math.floor(share)) if share >= 1 else share


class _Report(msgspec.Struct, frozen=True):
    """The latest report about a tenant, and how long all reports have said the same."""

    busy: bool
    since: float
    """The moment when the first of them arrived."""
    asked: float
    """The moment when the latest was asked for."""


class Reports:
    """Reports about tenants: which are busy, and which are idle.

    :param idle_for: seconds for which the report counts that a tenant is idle; longer than a beat.
    :param busy_for: the same for the report that it is busy.
    """

    def __init__(self, *, idle_for: float, busy_for: float) -> None:
        self._idle_for = idle_for
        self._busy_for = busy_for
        self._latest: dict[str, _Report] = {}

    def note(
        self, busy: Collection[str], tenant_ids: Collection[str], *, asked: float, now: float
    ) -> None:
        """Notes a report.

        :param busy: the tenants that are busy.
        :param tenant_ids: tenants that matter; they are idle when they are not busy.
        :param asked: the moment when the store was asked; it has looked then or later.
        """
        for tenant_id in {*busy, *tenant_ids, *self._latest}:
            is_busy = tenant_id in busy
            report = self._latest.get(tenant_id)
            goes_on = report is not None and report.busy is is_busy and self._counts(report, now)
            since = report.since if report is not None and goes_on else now
            self._latest[tenant_id] = _Report(is_busy, since, asked)

    def holder_may_take_more(self, tenant_id: str, now: float) -> bool:
        """Returns True when the tenant is busy, and all other processes certainly know it.

        The last of them has stopped to believe that it is idle ``idle_for`` after the first report.
        """
        report = self._latest.get(tenant_id)
        return (
            report is not None
            and report.busy
            and self._counts(report, now)
            and now >= report.since + self._idle_for + WINDOW
        )

    def others_may_take_more(self, tenant_id: str, now: float) -> bool:
        """Returns True when the tenant is idle, and its holder has certainly gone back.

        All reports have said so for longer than ``busy_for``. In that time the holder has had no
        other report, so it has stopped to believe that the tenant is busy. The latest report may
        be ``idle_for`` old, and the holder may have learnt more since then. But it waits for longer
        than that before it takes more.
        """
        report = self._latest.get(tenant_id)
        return (
            report is not None
            and not report.busy
            and self._counts(report, now)
            and now >= report.since + self._idle_for + self._busy_for + WINDOW
        )

    def _counts(self, report: _Report, now: float) -> bool:
        return now < report.asked + (self._busy_for if report.busy else self._idle_for)
