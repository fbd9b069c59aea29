"""The bot's token: kept, renewed ahead of its expiry, and never fetched twice at once."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
import time
from collections.abc import Callable
from typing import Protocol

import msgspec

from campaigns.outcome import Reason
from teams.errors import TokenError

_log = logging.getLogger(__name__)


class Token(msgspec.Struct, frozen=True):
    """A token as it was issued."""

    value: str
    lifetime: float
    """Seconds that it stays valid after it was fetched."""


class TokenSource(Protocol):
    """Gives a client its token."""

    async def get(self) -> str:
        """Returns the token; empty when none is to be sent.

        :raises TokenError: none is available.
        """
        ...

    async def forget(self, refused: str) -> None:
        """Drops ``refused``, if that is the present token: the next ``get`` fetches a new one."""
        ...

    @property
    def trouble(self) -> str:
        """The sentence for the operator about what is wrong with the sign-in; empty: nothing is."""
        ...


class NoToken:
    """The token source of local mode: calls go out without a token."""

    async def get(self) -> str:
        """Returns an empty text."""
        return ""

    async def forget(self, refused: str) -> None:
        """Does nothing."""

    @property
    def trouble(self) -> str:
        """Is empty: there is no sign-in."""
        return ""


class TokenRules(msgspec.Struct, frozen=True, kw_only=True):
    """Times for fetching tokens; all in seconds."""

    refresh_ahead: float = 600.0
    """A token that has less time left is still used, and a new one is fetched. Entra's tokens live
    60 to 90 minutes, and Microsoft advises to renew them some minutes ahead."""
    margin: float = 30.0
    """A token that has less time left is not used: the call and its way there take time."""
    pause_after_failure: float = 5.0
    """Time after a failure in which the same error is raised again, without a new fetch."""
    told_again_after: float = 600.0
    """Time after which the log tells the same failure again."""
    youngest_forgotten: float = 10.0
    """A token younger than this is kept even when it was refused: the fault is elsewhere then.
    Otherwise a thousand refused sends would become a thousand fetches."""


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
        self._fetching: asyncio.Task[Token] | None = None
        self._failure: TokenError | None = None
        self._failed_at = 0.0
        self._tried = False
        self._told = ""
        """The failure that the log has told last; empty when the sign-in has worked since."""
        self._told_at = 0.0

    async def get(self) -> str:
        """See :meth:`TokenSource.get`. Waits only when there is no usable token."""
        token = self._token
        if token is not None:
            # The margins may be longer than the life of a token. Then a part of its life counts.
            if self._left(token) > min(self._rules.refresh_ahead, token.lifetime / 2):
                return token.value
            if self._is_usable(token):
                if not self._pausing:
                    self._begin_fetch()
                return token.value
        if self._pausing and self._failure is not None:
            raise TokenError(self._failure.reason, str(self._failure))
        # Shielded: a caller who gives up must not cancel the fetch for the others.
        return (await asyncio.shield(self._begin_fetch())).value

    async def forget(self, refused: str) -> None:
        """See :meth:`TokenSource.forget`. Many calls for one refused token cause one fetch."""
        token = self._token
        if token is None or token.value != refused:
            return
        if self._clock() - self._fetched_at >= self._rules.youngest_forgotten:
            self._token = None

    @property
    def trouble(self) -> str:
        """The sentence for the operator about what is wrong with the sign-in; empty: nothing is.

        A service that does not answer is no trouble while the present token can be used.
        """
        failure = self._failure
        if failure is None:
            return "" if self._tried else "The first sign-in is under way."
        refused = failure.reason is Reason.UNAUTHORISED
        if not refused and self._token is not None and self._is_usable(self._token):
            return ""
        return str(failure)

    def _left(self, token: Token) -> float:
        return token.lifetime - (self._clock() - self._fetched_at)

    def _is_usable(self, token: Token) -> bool:
        return self._left(token) > min(self._rules.margin, token.lifetime / 4)

    @property
    def _pausing(self) -> bool:
        """True for a while after a failed fetch."""
        return (
            self._failure is not None
            and self._clock() - self._failed_at < self._rules.pause_after_failure
        )

    def _begin_fetch(self) -> asyncio.Task[Token]:
        if self._fetching is None:
            self._fetching = asyncio.create_task(self._fetch_token(), name="fetch token")
            self._fetching.add_done_callback(self._on_fetched)
        return self._fetching

    async def _fetch_token(self) -> Token:
        begun = self._clock()
        token = await _apart(self._fetch)
        # Counted from before the request, so we never take the token for younger than it is.
        self._token, self._fetched_at, self._failure = token, begun, None
        return token

    def _on_fetched(self, fetching: asyncio.Task[Token]) -> None:
        self._fetching = None
        if fetching.cancelled():
            return
        self._tried = True
        error = fetching.exception()
        if isinstance(error, TokenError):
            self._failure, self._failed_at = error, self._clock()
            self._tell(str(error))
        elif error is not None:
            # Perhaps no caller waits for this fetch, and a bug must not pass unseen.
            _log.error("Fetching the token failed", exc_info=error)
        elif self._told:
            self._told = ""
            _log.info("signed in again")

    def _tell(self, failure: str) -> None:
        """Logs a failure once, and again when it is another one or has lasted for long."""
        now = self._clock()
        if failure != self._told or now - self._told_at >= self._rules.told_again_after:
            self._told, self._told_at = failure, now
            _log.error("No token: %s", failure)


async def _apart(fetch: Callable[[], Token]) -> Token:
    """Calls ``fetch`` in a thread that the end of the process does not wait for.

    A sign-in service that hangs would delay it by many seconds.
    """
    loop = asyncio.get_running_loop()
    fetched: asyncio.Future[Token] = loop.create_future()

    def settle(change: Callable[[], None]) -> None:
        # The loop may be closed by now, or nobody may wait any more.
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(lambda: None if fetched.done() else change())

    def run() -> None:
        try:
            token = fetch()
        except Exception as error:  # noqa: BLE001 - handed on as it is
            failed = error
            settle(lambda: fetched.set_exception(failed))
        else:
            settle(lambda: fetched.set_result(token))

    threading.Thread(target=run, name="fetch token", daemon=True).start()
    return await fetched
