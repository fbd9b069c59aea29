"""Makes one HTTP request, and returns its answer or its outcome; repeats nothing.

Requests without an answer are judged here (:func:`_unanswered`), answers in :mod:`teams.answers`.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any, Protocol

import aiohttp
import msgspec
from aiohttp.connector import Connection
from yarl import URL

from campaigns.outcome import Outcome, Reason, Rejected, TeamsAnswer, Transient, Unknown
from campaigns.text.storable import storable
from teams.answers import Call, classify
from teams.bodies import UNCOMPRESSED, arrived_body

_LONGEST_BODY = 65_536
"""Bytes of an answer that are read, and to which it is unpacked. Usual answers are below one
kilobyte; error pages may have any size."""

_SENDABLE = re.compile(r"[!-~]+")
"""Matches an address that can stand in the first line of a request: no space, no line break."""


class Timeouts(msgspec.Struct, frozen=True, kw_only=True):
    """Time limits of a call; all in seconds."""

    connect: float = 10.0
    """Limit for connecting, with name look-up and TLS. Nothing has been sent by then, so reaching
    this limit costs little: the send is tried again."""
    total: float = 60.0
    """Limit from the moment at which the call leaves, to the end of its answer. It is generous,
    because a send that reaches it is in doubt."""
    keep_alive: float = 10.0
    """A connection that was idle for longer is not used again. Servers and load balancers in front
    of Teams keep one longer (usually 60 or more). So a send hardly ever meets a connection that is
    just being closed, which would leave it in doubt."""


TIMEOUTS = Timeouts()


class WireLine(Protocol):
    """The line between what is certain and what is not; the engine's ``CallLine``."""

    async def reach(self) -> None:
        """Waits for the call's turn; what it raises keeps the call from leaving."""
        ...

    def cross(self) -> None:
        """Notes that the first byte leaves now."""
        ...


class _Leaving:
    """One call on its way to the line and back.

    :param total: seconds that it may take from the line on.
    """

    __slots__ = ("_task", "_timer", "_total", "left", "line", "too_late")

    def __init__(self, line: WireLine | None, total: float) -> None:
        self.line = line
        self.left = False
        """True when bytes of the request may have left."""
        self.too_late = False
        """True when it was broken off at the limit."""
        self._total = total
        self._task = asyncio.current_task()
        self._timer: asyncio.TimerHandle | None = None

    def leave(self) -> None:
        """Notes that the first byte leaves now; from here on the time counts."""
        self.left = True
        if self._timer is not None:
            self._timer.cancel()
        # As asyncio.timeout does it, at a third of the cost.
        self._timer = asyncio.get_running_loop().call_later(self._total, self._break_off)

    def end(self) -> None:
        """Ends the limit."""
        if self._timer is not None:
            self._timer.cancel()

    def was_broken_off(self) -> bool:
        """Returns True when the limit has cancelled the call, and nobody else has."""
        return self.too_late and self._task is not None and self._task.uncancel() == 0

    def _break_off(self) -> None:
        if self._task is not None:
            self.too_late = self._task.cancel()


_leaving: ContextVar[_Leaving] = ContextVar("leaving")


class _Request(aiohttp.ClientRequest):
    """A request that reaches the line when it has a connection, before its first byte."""

    async def send(self, conn: Connection) -> aiohttp.ClientResponse:
        leaving = _leaving.get()
        if leaving.line is not None:
            await leaving.line.reach()
            protocol = conn.protocol
            if protocol is None or not protocol.is_connected():
                # It was closed while the call waited for its turn.
                raise aiohttp.ServerDisconnectedError
            leaving.line.cross()
        leaving.leave()
        return await super().send(conn)


class Answered(msgspec.Struct, frozen=True):
    """An answer: at least a status line. Headers and body may be cut off.

    The texts of a body that is JSON can be kept.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes

    def outcome(self, call: Call) -> Outcome:
        """Returns the outcome that this answer means to the call that was made."""
        return classify(self.status, self.headers, self.body, now=datetime.now(UTC), call=call)


class Transport:
    """One aiohttp session with connections that are kept alive.

    It opens as many connections as there are requests at a time, so the caller sets the limit. It
    uses no proxy and follows no redirect, so a token goes only to the host that was checked.
    """

    def __init__(self, timeouts: Timeouts, *, longest_body: int = _LONGEST_BODY) -> None:
        self._timeouts = timeouts
        self._longest_body = longest_body
        self._session: aiohttp.ClientSession | None = None

    async def start(self) -> None:
        """Prepares for calls; needs the running event loop."""
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                limit=0, keepalive_timeout=self._timeouts.keep_alive, ttl_dns_cache=30
            ),
            # The whole is limited from the line on: a call may wait long for its turn.
            timeout=aiohttp.ClientTimeout(total=None, connect=self._timeouts.connect),
            request_class=_Request,
            cookie_jar=aiohttp.DummyCookieJar(),
            trust_env=False,
            auto_decompress=False,
            headers={"User-Agent": "teams-campaigns", **UNCOMPRESSED},
        )

    async def close(self) -> None:
        """Closes all connections; calls under way fail."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def request(
        self,
        method: str,
        url: URL,
        token: str,
        body: dict[str, Any] | None,
        line: WireLine | None = None,
    ) -> Answered | Outcome:
        """Makes the request, once. Returns the answer, or the outcome when there was none.

        Raises RuntimeError before :meth:`start`, and what ``line`` raises.

        :param token: empty: the request goes out without one.
        :param body: sent as JSON.
        :param line: is reached with a connection, right before the first byte leaves.
        """
        if self._session is None:
            raise RuntimeError("The connector has not been started.")
        if not _SENDABLE.fullmatch(str(url)):
            return Rejected(Reason.WRONG_HOST, TeamsAnswer(message="The address can't be called."))
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        data = None
        if body is not None:
            headers["Content-Type"] = "application/json; charset=utf-8"
            data = msgspec.json.encode(body)
        leaving = _Leaving(line, self._timeouts.total)
        _leaving.set(leaving)
        response: aiohttp.ClientResponse | None = None
        try:
            async with self._session.request(
                method, url, data=data, headers=headers, allow_redirects=False
            ) as response:
                arrived = await arrived_body(response, self._longest_body)
                return Answered(response.status, response.headers, storable(arrived))
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            return _unanswered(error, left=leaving.left)
        except asyncio.CancelledError:
            if not leaving.was_broken_off():
                raise
            if response is not None:
                # The status line is enough to decide.
                return Answered(response.status, response.headers, b"")
            return _unanswered(TimeoutError(), left=True)
        finally:
            leaving.end()


def _unanswered(error: Exception, *, left: bool) -> Outcome:
    """Returns the outcome of a request that got no status line.

    Before the line it is certain that the request has not left. After it every case is unknown.
    That includes a kept connection that turns out to be dead: the server may have read the request
    before it closed. aiohttp itself repeats only idempotent requests (PUT, GET, DELETE; once),
    never a POST.
    """
    answer = TeamsAnswer(message=f"{type(error).__name__}: {error}"[:300])
    if left:
        return Unknown(Reason.NO_ANSWER, answer)
    if isinstance(error, aiohttp.InvalidURL):
        return Rejected(Reason.WRONG_HOST, answer)
    return Transient(Reason.NOT_CONNECTED, answer)
