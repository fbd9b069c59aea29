"""A connection: aiohttp's, with limits for the head of a request and for callers who don't read."""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import Any, Protocol

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError, LineTooLong

from bot.server.limits import HEAD, Limits

_READ_AHEAD = 64 * 1024
"""Bytes of further requests that may come while one is being answered. Nobody we know of sends any
before they have the answer."""


class Owner(Protocol):
    """The part that knows all connections."""

    def opened(self, connection: HttpConnection) -> None:
        """Takes a new connection, or closes it."""
        ...

    def closed(self, connection: HttpConnection) -> None:
        """Forgets a connection."""
        ...

    def refused(self, caller: str, reason: str) -> None:
        """Notes that a request could not be understood, or a limit was reached."""
        ...


class HttpConnection(web.RequestHandler):
    """One caller's connection.

    It waits for the head of a request, or a request is being answered, or the rest of a body comes
    that nobody wants.
    """

    __slots__ = (
        "_ahead",
        "_answering",
        "_closing_since",
        "_current",
        "_head_bytes",
        "_last",
        "_limits",
        "_owner",
        "_paused_since",
        "_waiting_since",
        "_wire",
    )

    def __init__(self, server: web.Server, owner: Owner, limits: Limits) -> None:
        super().__init__(
            server,
            loop=asyncio.get_running_loop(),
            keepalive_timeout=limits.idle,
            access_log=None,  # type: ignore[arg-type]  # as run_app itself does
            max_line_size=HEAD,
            max_field_size=HEAD,
            lingering_time=limits.linger,
            # Nothing that we read may be compressed.
            auto_decompress=False,
        )
        self._owner = owner
        self._limits = limits
        self._wire: asyncio.Transport | None = None
        self._last: web.BaseRequest | None = None
        """The latest request; its body may still be coming."""
        self._current: web.BaseRequest | None = None
        """The request that is being answered."""
        self._answering = 0
        """Requests that have come whole, as far as their heads, and are not answered yet."""
        self._waiting_since = self._now()
        self._head_bytes = 0
        """Bytes of an unfinished head."""
        self._ahead = 0
        self._paused_since: float | None = None
        self._closing_since: float | None = None

    @property
    def waits(self) -> bool:
        """True when no request is being answered, and none is on its way for sure."""
        return self._answering == 0 and self._closing_since is None

    @property
    def caller(self) -> str:
        """The caller's address."""
        peer = self._wire.get_extra_info("peername") if self._wire is not None else None
        return str(peer[0]) if peer else "an unknown caller"

    def began(self, request: web.BaseRequest) -> None:
        """Notes that a request is being answered."""
        self._last = self._current = request

    def ended(self) -> None:
        """Notes that a request has its answer."""
        self._current = None
        self._answering = max(0, self._answering - 1)
        self._waiting_since = self._now()
        self._head_bytes = self._ahead = 0

    def look(self, now: float) -> None:
        """Closes the connection if its time is over."""
        wire = self._wire
        if wire is None:
            return
        if wire.is_closing():
            # What is written has to be taken before it is closed, which may never be.
            self._closing_since = self._closing_since or now
            if now - self._closing_since > self._limits.write_within:
                wire.abort()
        elif self._paused_since is not None:
            if now - self._paused_since > self._limits.write_within:
                self._owner.refused(self.caller, "does not read the answer")
                self._cut()
        elif self.waits and not self._body_is_coming:
            never_asked = self._last is None
            overdue = now - self._waiting_since > self._limits.head_within
            if overdue and (self._head_bytes or never_asked):
                if self._head_bytes:
                    self._refuse(HTTPStatus.REQUEST_TIMEOUT, "its head comes too slowly")
                else:
                    self._cut()

    def drop(self) -> None:
        """Closes a connection that waits, to make room."""
        self._cut()

    # aiohttp's and asyncio's own methods

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._wire = transport
        self._waiting_since = self._now()
        super().connection_made(transport)
        self._owner.opened(self)

    def connection_lost(self, exc: BaseException | None) -> None:
        self._owner.closed(self)
        super().connection_lost(exc)
        self._wire = self._last = self._current = None

    def pause_writing(self) -> None:
        self._paused_since = self._now()
        super().pause_writing()

    def resume_writing(self) -> None:
        self._paused_since = None
        super().resume_writing()

    def data_received(self, data: bytes) -> None:
        if not self._answering and not self._body_is_coming:
            self._head(data)
            return
        if self._current is not None and not self._body_is_coming:
            self._ahead += len(data)
            if self._ahead > _READ_AHEAD:
                self._owner.refused(self.caller, "sends requests before it has its answers")
                self._cut()
                return
        self._feed(data)

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """Answers what is no HTTP, in one plain line, and without a stack in the log."""
        if _says_gone(exc) and (self._wire is None or self._wire.is_closing()):
            # Nobody is there for an answer, and it was no fault of ours.
            raise ConnectionResetError from exc
        if not isinstance(exc, HttpProcessingError):
            return super().handle_error(request, status, exc, message)
        self._owner.refused(self.caller, f"not understood: {type(exc).__name__}")
        code = HTTPStatus.BAD_REQUEST
        if isinstance(exc, LineTooLong):
            code = HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE
        response = web.Response(status=code, text=code.phrase)
        response.force_close()
        return response

    def log_exception(self, *args: Any, **kw: Any) -> None:
        """Logs a fault of ours with its stack; a caller's fault is none of ours."""
        error = kw.get("exc_info")
        if isinstance(error, (HttpProcessingError, web.RequestPayloadError, ConnectionError)):
            self._owner.refused(self.caller, f"not understood: {type(error).__name__}")
        else:
            super().log_exception(*args, **kw)

    # Inside

    def _head(self, data: bytes) -> None:
        if not self._head_bytes and self._last is not None:
            # From its first byte on: before, the connection was idle.
            self._waiting_since = self._now()
        self._head_bytes += len(data)
        self._feed(data)
        if not self._answering and self._head_bytes > HEAD:
            self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, "its head is too large")

    def _feed(self, data: bytes) -> None:
        before = self._request_count
        super().data_received(data)
        self._answering += self._request_count - before

    @property
    def _body_is_coming(self) -> bool:
        return self._last is not None and not self._last.content.is_eof()

    def _refuse(self, status: HTTPStatus, reason: str) -> None:
        """Answers before aiohttp has seen a request, and closes."""
        self._owner.refused(self.caller, reason)
        if self._wire is not None:
            self._wire.write(
                b"HTTP/1.1 %d %s\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
                % (status, status.phrase.encode())
            )
        self.force_close()

    def _cut(self) -> None:
        self.force_close()
        if self._wire is not None:
            self._wire.abort()

    def _now(self) -> float:
        return self._loop.time()


def _says_gone(error: BaseException | None) -> bool:
    """True for an error that comes of a caller who is gone."""
    if isinstance(error, RuntimeError):
        # As aiohttp says it to those who read a body.
        return error.args == ("HttpConnection closed.",)
    return isinstance(error, (ConnectionError, web.RequestPayloadError))
