"""The line over real HTTP: what can fail or wait comes before it, and nothing leaves before it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from campaigns.message import Message
from campaigns.outcome import Reason, Rejected, Sent, Transient, Unknown
from campaigns.user import ConversationReference
from delivery.pacing.departure import HeldBack
from teams.connector import Connector
from teams.errors import TokenError
from teams.hosts import Hosts
from teams.tokens import NoToken, Token, Tokens
from teams.transport import Timeouts

MESSAGE = Message(card={"type": "AdaptiveCard", "version": "1.5"}, summary="News")


async def _nothing() -> None:
    pass


class Line:
    """Notes when it is reached and crossed; ``waiting`` is done in between."""

    def __init__(self, server: Server, waiting: Callable[[], Awaitable[None]] = _nothing) -> None:
        self._server = server
        self._waiting = waiting
        self.reached_with: int | None = None
        """Connections and bytes that the server had seen then."""
        self.bytes_before = 0
        self.crossed = False

    async def reach(self) -> None:
        await asyncio.sleep(0.02)  # for the server to see the connection
        self.reached_with = self._server.connections
        await self._waiting()
        self.bytes_before = self._server.bytes

    def cross(self) -> None:
        self.crossed = True


class Server:
    """A service that answers with an id, unless it is mute, and counts what arrives."""

    def __init__(self, *, mute: bool = False) -> None:
        self._mute = mute
        self.connections = 0
        self.bytes = 0
        self._writers: list[asyncio.StreamWriter] = []
        self._server: asyncio.Server | None = None

    async def __aenter__(self) -> Server:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        self.hang_up()

    def hang_up(self) -> None:
        """Closes all connections."""
        for writer in self._writers:
            writer.close()
        self._writers.clear()

    @property
    def reference(self) -> ConversationReference:
        assert self._server is not None
        port = self._server.sockets[0].getsockname()[1]
        return ConversationReference(
            service_url=f"http://127.0.0.1:{port}",
            conversation_id="a:1",
            bot_id="28:b",
            account_id="29:a",
        )

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self._writers.append(writer)
        while part := await reader.read(65_536):
            self.bytes += len(part)
            if self._mute:
                continue
            body = b'{"id": "1"}'
            writer.write(
                b"HTTP/1.1 201 Created\r\nContent-Type: application/json\r\n"
                + f"Content-Length: {len(body)}\r\n\r\n".encode()
                + body
            )
            await writer.drain()


def connecting(**timeouts: float) -> Connector:
    return Connector(NoToken(), Hosts(local=True), timeouts=Timeouts(**timeouts))


async def test_a_call_reaches_the_line_with_a_connection_and_without_a_byte() -> None:
    async with Server() as server, connecting() as connector:
        line = Line(server)
        assert await connector.send(server.reference, MESSAGE, line) == Sent("1")
        assert (line.reached_with, line.bytes_before, line.crossed) == (1, 0, True)


async def test_what_is_held_back_at_the_line_never_leaves() -> None:
    async def held() -> None:
        raise HeldBack

    async with Server() as server, connecting() as connector:
        line = Line(server, held)
        with pytest.raises(HeldBack):
            await connector.send(server.reference, MESSAGE, line)
        await asyncio.sleep(0.02)
        assert not line.crossed
        assert server.bytes == 0


async def test_a_connection_that_is_closed_while_a_call_waits_has_carried_nothing() -> None:
    async with Server() as server, connecting() as connector:

        async def hangs_up() -> None:
            server.hang_up()
            await asyncio.sleep(0.05)

        line = Line(server, hangs_up)
        outcome = await connector.send(server.reference, MESSAGE, line)
        assert isinstance(outcome, Transient)
        assert outcome.reason is Reason.NOT_CONNECTED
        assert not line.crossed
        assert server.bytes == 0


async def test_the_limit_of_a_call_counts_from_the_line() -> None:
    async with Server() as server, connecting(connect=0.5, total=0.5) as connector:
        line = Line(server, lambda: asyncio.sleep(1.0))
        assert await connector.send(server.reference, MESSAGE, line) == Sent("1")


async def test_an_answer_that_does_not_come_is_unknown_after_the_limit() -> None:
    async with Server(mute=True) as server, connecting(total=0.1) as connector:
        line = Line(server)
        outcome = await connector.send(server.reference, MESSAGE, line)
        assert isinstance(outcome, Unknown)
        assert line.crossed


async def test_without_a_token_or_a_trusted_host_the_line_is_not_reached() -> None:
    def refused() -> Token:
        raise TokenError(Reason.UNAUTHORISED, "refused")

    async with Server() as server:
        line = Line(server)
        async with Connector(Tokens(refused), Hosts(local=True)) as connector:
            outcome = await connector.send(server.reference, MESSAGE, line)
        assert isinstance(outcome, Rejected)
        async with Connector(NoToken(), Hosts([])) as connector:
            outcome = await connector.send(server.reference, MESSAGE, line)
        assert isinstance(outcome, Rejected)
        assert outcome.reason is Reason.WRONG_HOST
        assert line.reached_with is None
        assert server.connections == 0


async def test_a_message_that_can_not_be_written_as_json_does_not_reach_the_line() -> None:
    message = Message(card={"text": "\udc80"}, summary="News")
    async with Server() as server, connecting() as connector:
        line = Line(server)
        with pytest.raises(UnicodeEncodeError):
            await connector.send(server.reference, message, line)
        assert line.reached_with is None


async def test_a_repeated_call_reaches_the_line_again() -> None:
    """aiohttp makes a PUT anew when its kept connection turns out to be closed."""
    async with Server() as server, connecting() as connector:
        assert await connector.send(server.reference, MESSAGE, Line(server)) == Sent("1")
        times = 0

        async def hangs_up_once() -> None:
            nonlocal times
            times += 1
            if times == 1:
                server.hang_up()
                await asyncio.sleep(0.05)

        line = Line(server, hangs_up_once)
        assert await connector.update(server.reference, "1", MESSAGE, line) == Sent("1")
        assert times == 2
