"""Counters of the inbound edge, for Prometheus. No label carries anybody's id."""

from __future__ import annotations

from typing import Final

import prometheus_client

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

    def exposed(self) -> bytes:
        """Returns the whole registry in Prometheus' text format."""
        return prometheus_client.generate_latest(self.registry)
