"""The bot's token: kept, fetched anew ahead of its expiry, and never fetched twice at once."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from typing import Protocol

import msgspec

from teams.errors import TokenError

logger = logging.getLogger(__name__)


class Token(msgspec.Struct, frozen=True):
    """A token as it was given."""

    value: str
    lifetime: float
    """Seconds that it is valid from when it was fetched."""


class TokenSource(Protocol):
    """Whom the connector asks for its token."""

    async def get(self) -> str:
        """The token; empty when none is to be sent.

        :raises TokenError: none can be had.
        """
        ...

    async def forget(self, refused: str) -> None:
        """Drops ``refused``, if that is the present token: the next ``get`` fetches anew."""
        ...


class NoToken:
    """Local mode: calls go out without a token."""

    async def get(self) -> str:
        return ""

    async def forget(self, refused: str) -> None:
        """Nothing to forget."""


class TokenRules(msgspec.Struct, frozen=True, kw_only=True):
    """When to fetch; all in seconds."""

    refresh_ahead: float = 600.0
    """A token that expires sooner is fetched anew while it still serves. Entra's live 60 to 90
    minutes, and Microsoft asks to be asked some minutes ahead."""
    margin: float = 30.0
    """A token that expires sooner is not used: the call and its way there take time."""
    pause_after_failure: float = 5.0
    """As long, the same error is given without asking again."""
    youngest_forgotten: float = 10.0
    """A token younger than this is kept though it was refused: then the token is not what is wrong,
    and a thousand refused sends must not become a thousand fetches."""


DEFAULTS = TokenRules()


class Tokens:
    """Keeps the token that ``fetch`` gets.

    :param fetch: gets a token or raises :class:`TokenError`; may block, so it runs in a thread.
    :param clock: seconds, monotonic.
    """

    def __init__(
        self,
        fetch: Callable[[], Token],
        *,
        rules: TokenRules = DEFAULTS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._fetch = fetch
        self._rules = rules
        self._clock = clock
        self._token: Token | None = None
        self._fetched_at = 0.0
        self._flight: asyncio.Task[Token] | None = None
        self._failure: TokenError | None = None
        self._failed_at = 0.0

    async def get(self) -> str:
        """See :meth:`TokenSource.get`. Waits only when there is no token that can still be used."""
        token = self._token
        if token is not None:
            left = token.lifetime - (self._clock() - self._fetched_at)
            # A token may live shorter than our margins; then half of its life is the measure.
            if left > min(self._rules.refresh_ahead, token.lifetime / 2):
                return token.value
            if left > min(self._rules.margin, token.lifetime / 4):
                if not self._pausing:
                    self._take_off()
                return token.value
        if self._pausing and self._failure is not None:
            raise TokenError(self._failure.reason, str(self._failure))
        # Shielded: whoever gives up waiting must not take the flight away from the others.
        return (await asyncio.shield(self._take_off())).value

    async def forget(self, refused: str) -> None:
        """See :meth:`TokenSource.forget`. Many calls for one refused token make one fetch."""
        token = self._token
        if token is None or token.value != refused:
            return
        if self._clock() - self._fetched_at >= self._rules.youngest_forgotten:
            self._token = None

    @property
    def _pausing(self) -> bool:
        return (
            self._failure is not None
            and self._clock() - self._failed_at < self._rules.pause_after_failure
        )

    def _take_off(self) -> asyncio.Task[Token]:
        if self._flight is None:
            self._flight = asyncio.create_task(self._fly(), name="fetch token")
            self._flight.add_done_callback(self._landed)
        return self._flight

    async def _fly(self) -> Token:
        begun = self._clock()
        token = await asyncio.to_thread(self._fetch)
        # Counted from before the request: never longer than the token really lives.
        self._token, self._fetched_at, self._failure = token, begun, None
        return token

    def _landed(self, flight: asyncio.Task[Token]) -> None:
        self._flight = None
        if flight.cancelled():
            return
        error = flight.exception()
        if isinstance(error, TokenError):
            self._failure, self._failed_at = error, self._clock()
            logger.error("No token: %s", error)
        elif error is not None:
            # Nobody may be waiting for this flight, and a bug must not pass unseen.
            logger.error("Fetching the token failed", exc_info=error)
