"""Errors of this package that come before any answer of Teams.

::

    TokenError   no token is available
"""

from __future__ import annotations

from campaigns.outcome import Reason


class TokenError(Exception):
    """No token is available; the text is one plain sentence for the operator, without secrets."""

    def __init__(self, reason: Reason, sentence: str) -> None:
        super().__init__(sentence)
        self.reason = reason
        """``UNAUTHORISED``: our credentials were refused, and will be again until someone changes
        them. ``NOT_CONNECTED``: the sign-in service could not be reached, or is failing."""
