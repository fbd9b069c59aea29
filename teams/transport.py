"""Makes one HTTP request, and returns its answer or its outcome; repeats nothing.

Requests without an answer are judged here (:func:`_unanswered`), answers in :mod:`teams.answers`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import aiohttp
import msgspec
from yarl import URL

from campaigns.outcome import Outcome, Reason, Rejected, TeamsAnswer, Transient, Unknown
from teams.answers import Call, classify

_LONGEST_BODY = 65_536
"""Bytes of an answer that are read. Usual answers are below one kilobyte; error pages may have any
size."""


class Timeouts(msgspec.Struct, frozen=True, kw_only=True):
    """Time limits of a call; all in seconds."""

    connect: float = 10.0
    """Limit for connecting, with name look-up and TLS. Nothing has been sent by then, so reaching
    this limit costs little: the send is tried again."""
    total: float = 60.0
    """Limit for the whole call. It is generous, because a send that reaches it is in doubt."""
    keep_alive: float = 10.0
    """A connection that was idle for longer is not used again. Servers and load balancers in front
    of Teams keep one longer (usually 60 or more). So a send hardly ever meets a connection that is
    just being closed, which would leave it in doubt."""


TIMEOUTS = Timeouts()


class Answered(msgspec.Struct, frozen=True):
    """An answer: at least a status line. Headers and body may be cut off."""

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
            timeout=aiohttp.ClientTimeout(
                total=self._timeouts.total, connect=self._timeouts.connect
            ),
            cookie_jar=aiohttp.DummyCookieJar(),
            trust_env=False,
            headers={"User-Agent": "teams-campaigns"},
        )

    async def close(self) -> None:
        """Closes all connections; calls under way fail."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def request(
        self, method: str, url: URL, token: str, body: dict[str, Any] | None
    ) -> Answered | Outcome:
        """Makes the request, once. Returns the answer, or the outcome when there was none.

        Raises RuntimeError before :meth:`start`.

        :param token: empty: the request goes out without one.
        :param body: sent as JSON.
        """
        if self._session is None:
            raise RuntimeError("The connector has not been started.")
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        data = None
        if body is not None:
            headers["Content-Type"] = "application/json; charset=utf-8"
            data = msgspec.json.encode(body)
        try:
            async with self._session.request(
                method, url, data=data, headers=headers, allow_redirects=False
            ) as response:
                return Answered(
                    response.status, response.headers, await _body(response, self._longest_body)
                )
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            return _unanswered(error)


def _unanswered(error: Exception) -> Outcome:
    """Returns the outcome of a request that got no status line.

    Only when aiohttp had no connection is it certain that the request never left. Every other case
    is unknown. That includes a kept connection that turns out to be dead: the server may have read
    the request before it closed. aiohttp itself repeats only idempotent requests (PUT, GET, DELETE;
    once), never a POST.
    """
    answer = TeamsAnswer(message=f"{type(error).__name__}: {error}"[:300])
    if isinstance(error, (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError)):
        return Transient(Reason.NOT_CONNECTED, answer)
    if isinstance(error, aiohttp.InvalidURL):
        return Rejected(Reason.WRONG_HOST, answer)
    return Unknown(Reason.NO_ANSWER, answer)


async def _body(response: aiohttp.ClientResponse, longest: int) -> bytes:
    """Returns the body, or the part of it that came: the status line is enough to decide."""
    body = bytearray()
    try:
        if response.content_length is not None and response.content_length <= longest:
            return await response.read()
        async for part in response.content.iter_any():
            body += part
            if len(body) > longest:
                # Not kept alive: the rest of the body would have to be read first.
                response.close()
                break
    except (aiohttp.ClientError, TimeoutError, OSError):
        response.close()
    return bytes(body)
