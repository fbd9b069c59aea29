"""Takes callers' connections, as many as there is room for, and looks after them."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import logging
import socket
from collections.abc import Sequence

from aiohttp import web

from bot.log_lines import SeldomLog
from bot.server.connection import HttpConnection
from bot.server.limits import HEAD, LIMITS, Limits

_log = logging.getLogger(__name__)

BACKLOG = 1_024
"""Connections that the system keeps until they are taken."""
_AT_ONCE = 16
"""Connections that are taken before others have their turn."""
_AFTER_REFUSAL = 1.0
"""Seconds to wait when the system gives no connection."""


class HttpListener:
    """The open ports of one application.

    asyncio's own server logs each refusal of the system, up to a hundred times a second, and has no
    limit of connections. So this takes the connections itself.

    :param server: aiohttp's server, from an AppRunner that has been set up.
    """

    def __init__(self, server: web.Server, limits: Limits = LIMITS) -> None:
        self._server = server
        self._limits = limits
        self._answer = server.request_handler
        server.request_handler = self._answered
        self._connections: dict[HttpConnection, None] = {}
        """Open connections; those that have waited longest stand first."""
        self._sockets: list[socket.socket] = []
        self._tasks: list[asyncio.Task[None]] = []
        self._taking: set[asyncio.Task[None]] = set()
        self._outsiders = SeldomLog(_log)
        self._no_descriptors = SeldomLog(_log, most=1)
        self._full = SeldomLog(_log, most=1)

    async def start(self, host: str, port: int) -> None:
        """Listens there. Raises OSError when that is not possible."""
        loop = asyncio.get_running_loop()
        found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        try:
            for family, address in dict.fromkeys((info[0], info[4]) for info in found):
                self._sockets.append(_listening(family, address))
        except OSError:
            await self.close()
            raise
        self._tasks = [
            *(asyncio.create_task(self._accept(opened)) for opened in self._sockets),
            asyncio.create_task(self._look_after()),
        ]

    @property
    def ports(self) -> Sequence[int]:
        """The ports on which it listens."""
        return [opened.getsockname()[1] for opened in self._sockets]

    @property
    def connections(self) -> int:
        """Number of open connections."""
        return len(self._connections)

    async def wait(self) -> None:
        """Waits until listening ends, and raises the fault that ended it."""
        done, _ = await asyncio.wait(self._tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()

    async def close(self) -> None:
        """Takes no more connections; those that are open stay."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for opened in self._sockets:
            opened.close()
        self._sockets.clear()

    # For connections

    def opened(self, connection: HttpConnection) -> None:
        """Takes a new connection. When there are too many, one has to go."""
        self._connections[connection] = None
        if len(self._connections) > self._limits.connections:
            self._full.warning(
                "%d connections are open, and further ones take the place of those that wait",
                self._limits.connections,
            )
            self._drop_one(but=connection)

    def closed(self, connection: HttpConnection) -> None:
        """Forgets a connection."""
        self._connections.pop(connection, None)

    def refused(self, caller: str, reason: str) -> None:
        """Logs what is wrong with a request that reached no route."""
        self._outsiders.warning("request from %s refused: %s", caller, reason)

    # Inside

    async def _answered(self, request: web.BaseRequest) -> web.StreamResponse:
        connection = request.protocol
        assert isinstance(connection, HttpConnection)
        connection.began(request)
        try:
            if sum(len(name) + len(value) + 4 for name, value in request.raw_headers) > HEAD:
                self.refused(connection.caller, "its head is too large")
                raise web.HTTPRequestHeaderFieldsTooLarge
            if request.headers.get("Expect", "").lower() not in ("", "100-continue"):
                # aiohttp repeats what was expected, and fails at bytes that are no text.
                raise web.HTTPExpectationFailed
            return await self._answer(request)
        finally:
            connection.ended()
            if connection in self._connections:
                del self._connections[connection]
                self._connections[connection] = None

    async def _accept(self, listening: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        for number in itertools.count(1):
            if number % _AT_ONCE == 0:
                # Taking one that is there already gives nobody else their turn.
                await asyncio.sleep(0)
            try:
                caller, _ = await loop.sock_accept(listening)
            except (ConnectionError, InterruptedError):
                # It was gone before it was taken.
                continue
            except OSError as error:
                # Usually there are no descriptors left. A caller who waits gives theirs back.
                self._no_descriptors.warning("connections can't be taken: %s", error)
                self._drop_one()
                await asyncio.sleep(_AFTER_REFUSAL)
                continue
            taking = asyncio.create_task(self._take(caller))
            self._taking.add(taking)
            taking.add_done_callback(self._taking.discard)

    async def _take(self, caller: socket.socket) -> None:
        try:
            await asyncio.get_running_loop().connect_accepted_socket(
                lambda: HttpConnection(self._server, self, self._limits), caller
            )
        except OSError:
            caller.close()

    def _drop_one(self, but: HttpConnection | None = None) -> None:
        """Closes the connection that has waited longest; ``but`` when all others are in use."""
        waiting = next((one for one in self._connections if one.waits and one is not but), but)
        if waiting is not None:
            # At once: it is closed only later, and must not be chosen again.
            self.closed(waiting)
            waiting.drop()

    async def _look_after(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(self._limits.every)
            now = loop.time()
            for connection in list(self._connections):
                connection.look(now)


def _listening(family: int, address: object) -> socket.socket:
    opened = socket.socket(family, socket.SOCK_STREAM)
    with contextlib.ExitStack() as stack:
        stack.callback(opened.close)
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            # As asyncio does: IPv4 has a socket of its own.
            opened.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        opened.bind(address)  # type: ignore[arg-type]  # as getaddrinfo gave it
        opened.listen(BACKLOG)
        opened.setblocking(False)
        stack.pop_all()
    return opened
