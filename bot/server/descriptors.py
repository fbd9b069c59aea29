"""File descriptors: as many as the system gives. Half of them are kept from callers."""

from __future__ import annotations

import logging

from bot.server.limits import CONNECTIONS

try:
    import resource
except ImportError:  # pragma: no cover  # not on Windows
    resource = None  # type: ignore[assignment]

_log = logging.getLogger(__name__)

WANTED = 65_536
"""Descriptors that the process asks for. More are of no use to it."""
_USUAL = 512
"""Descriptors that a process has at least, where the system does not tell."""


def raise_limit() -> int:
    """Raises the soft limit to the hard one where that is allowed; returns the present limit."""
    if resource is None:
        return _USUAL
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    unlimited = resource.RLIM_INFINITY
    wanted = WANTED if hard == unlimited else min(WANTED, hard)
    if soft != unlimited and soft < wanted:
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
            soft = wanted
        except (ValueError, OSError) as error:
            _log.info("%d file descriptors, and no more can be had: %s", soft, error)
    return WANTED if soft == unlimited else soft


def connections_for(descriptors: int) -> int:
    """Returns the number of callers' connections that fit: half of the descriptors, at most.

    The other half is for sending, the store and the sign-in, which must go on under a flood.
    """
    return max(1, min(CONNECTIONS, descriptors // 2))
