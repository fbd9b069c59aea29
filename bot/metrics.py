"""Metrics for Prometheus: of the inbound edge, and of the work in the background.

No label carries anybody's id.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import prometheus_client
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric

from delivery.supervision import Supervisor, WorkKind
from teams.signed_in import SignedIn

ACTIVITY_TYPES: Final = frozenset(
    {
        "conversationUpdate",
        "event",
        "installationUpdate",
        "invoke",
        "message",
        "messageReaction",
        "messageUpdate",
        "typing",
    }
)
"""Types that are counted by name. The rest is ``other``, so that outsiders can't make up labels."""


class Metrics:
    """The counters of one application, in a registry of its own. Others may add counters to it."""

    def __init__(self, registry: prometheus_client.CollectorRegistry | None = None) -> None:
        self.registry = registry or prometheus_client.CollectorRegistry()
        self._activities = prometheus_client.Counter(
            "bot_activities", "Activities received.", ["type"], registry=self.registry
        )
        self._turns = prometheus_client.Histogram(
            "bot_turn_seconds",
            "Seconds from an activity to its answer.",
            # Teams gives up at 15 s.
            buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15),
            registry=self.registry,
        )
        self._replies = prometheus_client.Counter(
            "bot_replies", "Replies by what became of them.", ["outcome"], registry=self.registry
        )
        self._refused = prometheus_client.Counter(
            "bot_refused_requests",
            "Requests that were not taken, by HTTP status.",
            ["status"],
            registry=self.registry,
        )
        self._clicks = prometheus_client.Counter(
            "bot_clicks",
            "Links followed: click, preview (by a program), unknown (not ours).",
            ["kind"],
            registry=self.registry,
        )

    def answered(self, activity_type: str, seconds: float) -> None:
        """Counts an activity of this type, and the seconds until it was answered."""
        known = activity_type if activity_type in ACTIVITY_TYPES else "other"
        self._activities.labels(type=known).inc()
        self._turns.observe(seconds)

    def replied(self, outcome: str) -> None:
        """Counts a reply. Its outcome is ``in_place``, or the outcome of the call to Teams."""
        self._replies.labels(outcome=outcome).inc()

    def refused(self, status: int) -> None:
        """Counts a refused request: not authenticated, malformed, too big."""
        self._refused.labels(status=str(status)).inc()

    def clicked(self, kind: str) -> None:
        """Counts a followed link: ``click``, ``preview`` or ``unknown``."""
        self._clicks.labels(kind=kind).inc()

    def watch(self, supervisor: Supervisor) -> None:
        """Shows the failures of background work from now on."""
        self.registry.register(_Failures(supervisor))

    def watch_sign_in(self, signed_in: SignedIn) -> None:
        """Shows from now on if the bot is signed in."""
        gauge = prometheus_client.Gauge(
            "bot_sign_in_ok",
            "1 when the bot can sign in to send; 0 when it can't.",
            registry=self.registry,
        )
        gauge.set_function(lambda: not signed_in.trouble)

    def exposed(self) -> bytes:
        """Returns the whole registry in Prometheus' text format."""
        return prometheus_client.generate_latest(self.registry)


class _Failures(prometheus_client.registry.Collector):
    """The failures of background work, read from its supervisor whenever somebody asks."""

    def __init__(self, supervisor: Supervisor) -> None:
        self._supervisor = supervisor

    def collect(self) -> Iterator[Metric]:
        failures = CounterMetricFamily(
            "bot_background_failures", "Faults of background work, by its kind.", labels=["task"]
        )
        failing = GaugeMetricFamily(
            "bot_background_failing",
            "Pieces of background work that have failed and are not well again.",
            labels=["task"],
        )
        now = self._supervisor.failing_by_kind()
        for kind in WorkKind:
            failures.add_metric([kind.value], self._supervisor.failures[kind])
            failing.add_metric([kind.value], now.get(kind, 0))
        yield failures
        yield failing
