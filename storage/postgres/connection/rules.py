"""Limits of the connections to a database."""

from __future__ import annotations

import msgspec


class ConnectionRules(msgspec.Struct, frozen=True, kw_only=True):
    """How long each step may take, in seconds, and how many connections there may be."""

    patience: float = 60.0
    """How long opening waits for a database that can't be reached yet."""

    pause: float = 2.0
    """Pause between two attempts to open."""

    connect: float = 5.0
    """Limit for making a connection, and for one to become free when all are busy."""

    statement: float = 15.0
    """Limit for a statement. Hot ones take milliseconds; this is for when something is wrong."""

    check: float = 3.0
    """Limit for the answer to a readiness probe."""

    connections: int = 10
    """Most connections per process. A server takes 100 unless it is told otherwise."""


STANDARD = ConnectionRules()
