"""Limits of the server, and the reasons for their numbers."""

from __future__ import annotations

import msgspec

HEAD: int = 40 * 1024
"""Bytes of a request's first line and headers together. Browsers bring cookies of the whole domain
along, some 20 KB at worst; 32 KB of headers and a first line of 8 KB fit."""

CONNECTIONS = 2_000
"""Connections at a time, at most. Each may hold up to 40 KB of an unfinished head: 80 MB."""


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """Limits for callers; times in seconds."""

    connections: int = CONNECTIONS
    """Open connections. At one more, the one that has waited longest for a request is closed."""
    head_within: float = 10.0
    """Limit for the whole head of a request, from the opening of the connection or from the first
    byte after an earlier request. Real clients send it at once."""
    idle: float = 75.0
    """Time that a connection may wait for the next request. Reverse proxies drop theirs after 60;
    the side that drops first meets no request that is on its way."""
    write_within: float = 30.0
    """Limit for a caller to take some of what was written. Some 50 KB are under way then: anybody
    with 2 KB a second keeps up."""
    linger: float = 2.0
    """Time for the rest of a body that nobody wants, so that the caller can read the answer."""
    every: float = 1.0
    """Time between two looks at all connections."""


LIMITS = Limits()
