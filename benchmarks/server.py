"""The loopback server that all senders send to. It does as little work as possible per message.

``python -m benchmarks.server`` prints its address and serves until its standard input closes. It
speaks only the HTTP/1.1 that the senders use (Content-Length, keep-alive) and the part of the Bot
Connector's API that they need, in a process of its own, without reading bodies:

- ``POST [/limited]/v3/conversations/{id}/activities``: 201 and an id
- ``POST [/limited]/v3/conversations``: 201 and an id
- ``PUT [/limited]/v3/conversations/{id}/activities/{id}``: 200 and the id
- ``GET /counts``: the :class:`Counts` since the last reset
- ``POST /reset``: 204

Under ``/limited`` it keeps Teams' documented limits as strictly as the tests' fake Teams service:
sliding windows, 429 with ``Retry-After``.
"""

from __future__ import annotations

import asyncio
import itertools
import sys
import time

import msgspec

from tests.fake_teams.limits import Limits

TENANT = "tenant-1"


class Counts(msgspec.Struct, kw_only=True):
    """Calls received since the last reset.

    Times are of the machine's monotonic clock, which all processes share.
    """

    sent: int = 0
    """Messages taken."""
    updated: int = 0
    """Messages replaced (PUT)."""
    refused: int = 0
    """Calls answered with 429."""
    bytes: int = 0
    """Size of the bodies of all messages taken."""
    first_at: float = 0.0
    """Time of the first message, taken or refused."""
    last_at: float = 0.0
    """Time of the last message taken."""
    sent_in: dict[int, int] = {}
    """Messages taken in each second since the first."""
    refused_in: dict[int, int] = {}
    """Calls answered with 429 in each second since the first."""

    def take(self, now: float, body: int) -> None:
        """Counts a message that is taken; ``body`` is its size in bytes."""
        self.first_at = self.first_at or now
        self.last_at = now
        self.sent += 1
        self.bytes += body
        second = int(now - self.first_at)
        self.sent_in[second] = self.sent_in.get(second, 0) + 1

    def refuse(self, now: float) -> None:
        """Counts a call that is answered with 429."""
        self.first_at = self.first_at or now
        self.refused += 1
        second = int(now - self.first_at)
        self.refused_in[second] = self.refused_in.get(second, 0) + 1


class _Service:
    """Answers calls and counts them; all connections share it."""

    def __init__(self) -> None:
        self.counts = Counts()
        self.limits = Limits()
        self._numbers = itertools.count(1_700_000_000_000)

    def answer(self, method: bytes, path: bytes, body: int) -> bytes:
        limited = path.startswith(b"/limited/")
        if path.endswith(b"/activities") and not limited:
            self.counts.take(time.monotonic(), body)
            return _response(b"201 Created", b'{"id":"%d"}' % next(self._numbers))
        if b"/v3/conversations" in path:
            return self._call(method, path, body, limited=limited)
        if path == b"/reset":
            self.counts = Counts()
            self.limits = Limits()
            return _response(b"204 No Content", b"")
        if path == b"/counts":
            return _response(b"200 OK", msgspec.json.encode(self.counts))
        return _response(b"404 Not Found", b"{}")

    def _call(self, method: bytes, path: bytes, body: int, *, limited: bool) -> bytes:
        now = time.monotonic()
        conversation = path.partition(b"/conversations/")[2].partition(b"/")[0].decode()
        if limited:
            wait = self.limits.refuse(TENANT, conversation, now, look_up=method == b"GET")
            if wait:
                self.counts.refuse(now)
                return _response(
                    b"429 Too Many Requests",
                    b'{"error":{"code":"TooManyRequests"}}',
                    b"Retry-After: %d\r\n" % wait,
                )
        if method == b"PUT":
            self.counts.updated += 1
            return _response(b"200 OK", b'{"id":"%s"}' % path.rpartition(b"/")[2])
        self.counts.take(now, body)
        return _response(b"201 Created", b'{"id":"%d"}' % next(self._numbers))


def _response(status: bytes, body: bytes, headers: bytes = b"") -> bytes:
    return (
        b"HTTP/1.1 %s\r\nContent-Type: application/json; charset=utf-8\r\nContent-Length: %d\r\n%s"
        b"\r\n%s" % (status, len(body), headers, body)
    )


class _Connection(asyncio.Protocol):
    """One kept-alive connection."""

    def __init__(self, service: _Service) -> None:
        self._service = service
        self._buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        buffer = self._buffer + data if self._buffer else data
        while (end := buffer.find(b"\r\n\r\n")) >= 0:
            head = buffer[:end]
            length = _content_length(head)
            whole = end + 4 + length
            if len(buffer) < whole:
                break
            method, path, _ = head[: head.index(b"\r\n")].split(b" ", 2)
            self._transport.write(self._service.answer(method, path, length))
            buffer = buffer[whole:]
        self._buffer = buffer


def _content_length(head: bytes) -> int:
    start = head.find(b"Content-Length: ")
    if start < 0:
        # Some clients write it in other capitals.
        start = head.lower().find(b"content-length: ")
    if start < 0:
        return 0
    end = head.find(b"\r\n", start)
    return int(head[start + 16 : end if end >= 0 else len(head)])


async def serve() -> None:
    """Serves until standard input closes."""
    service = _Service()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: _Connection(service), "127.0.0.1", 0, backlog=1024)
    reader = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    await reader.read()
    server.close()


if __name__ == "__main__":
    asyncio.run(serve())
