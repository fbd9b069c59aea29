"""Callers who misuse the connection itself: they are cut off, and nobody else notices."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
import socket
from collections.abc import AsyncIterator
from typing import Self

import aiohttp
import msgspec
import pytest

from bot.server.limits import HEAD, LIMITS, Limits
from settings import Settings
from tests.support.chats.inbound_bot import InboundBot, listening
from tests.support.waiting import until, until_stored

QUICK = Limits(connections=8, head_within=0.3, idle=1.0, write_within=0.3, linger=0.2, every=0.05)


class Caller:
    """A connection of which a test writes every byte."""

    def __init__(self, bot: InboundBot) -> None:
        self._address = bot.url.removeprefix("http://").split(":")

    async def __aenter__(self) -> Self:
        host, port = self._address
        # A small window, so that a caller who does not read is noticed soon.
        wire = socket.socket()
        wire.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        wire.setblocking(False)
        await asyncio.get_running_loop().sock_connect(wire, (host, int(port)))
        self.reader, self.writer = await asyncio.open_connection(sock=wire)
        return self

    async def __aexit__(self, *_: object) -> None:
        self.writer.close()
        with contextlib.suppress(ConnectionError):
            await self.writer.wait_closed()

    def sends(self, data: bytes) -> None:
        self.writer.write(data)

    async def gets(self) -> bytes:
        """Returns everything up to the end of the connection."""
        answer = bytearray()
        async with asyncio.timeout(20):
            with contextlib.suppress(ConnectionError):
                while part := await self.reader.read(65_536):
                    answer += part
        return bytes(answer)


@pytest.fixture
async def bot() -> AsyncIterator[InboundBot]:
    async with listening(Settings(), limits=QUICK) as bot:
        yield bot


async def is_healthy(bot: InboundBot) -> bool:
    async with aiohttp.ClientSession() as session, session.get(f"{bot.url}/healthz") as answer:
        return answer.status == 200


async def test_a_connection_that_asks_nothing_is_closed(bot: InboundBot) -> None:
    async with Caller(bot) as caller:
        assert await caller.gets() == b""


async def test_a_head_that_comes_drop_by_drop_is_not_waited_for(bot: InboundBot) -> None:
    async with Caller(bot) as caller:
        caller.sends(b"GET /healthz HTTP/1.1\r\nHost: bot\r\n")

        async def drip() -> None:
            while True:
                await asyncio.sleep(0.05)
                caller.sends(b"X-A: b\r\n")

        dripping = asyncio.create_task(drip())
        assert (await caller.gets()).startswith(b"HTTP/1.1 408 ")
        dripping.cancel()


async def test_a_second_head_has_its_own_time_and_an_idle_connection_more(
    bot: InboundBot,
) -> None:
    async with Caller(bot) as caller:
        caller.sends(b"GET /healthz HTTP/1.1\r\nHost: bot\r\n\r\n")
        # Longer than a head may take, shorter than it may be idle.
        await asyncio.sleep(2 * QUICK.head_within)
        caller.sends(b"GET /healthz HTTP/1.1\r\nHost: bot\r\n\r\n")
        caller.sends(b"GET /healthz HTTP/1.1\r\nHost: bot\r\n")
        answer = await caller.gets()
    assert answer.count(b"HTTP/1.1 200 OK") == 2
    assert b"HTTP/1.1 408 " in answer


async def test_callers_who_do_not_read_their_answers_are_cut_off(bot: InboundBot) -> None:
    async with Caller(bot) as caller:
        # Pipelined, and none is read: what is written fills every buffer.
        for _ in range(3_000):
            caller.sends(b"GET /metrics HTTP/1.1\r\nHost: bot\r\n\r\n")
            if caller.writer.transport.is_closing():
                break
        await until(lambda: bot.listener.connections == 0, "the caller to be cut off")
    assert await is_healthy(bot)


async def test_as_many_idle_connections_as_there_may_be_keep_nobody_out(bot: InboundBot) -> None:
    async with contextlib.AsyncExitStack() as stack:
        for _ in range(5 * QUICK.connections):
            await stack.enter_async_context(Caller(bot))
        assert await is_healthy(bot)
        assert bot.listener.connections <= QUICK.connections


@pytest.mark.parametrize("slow", ["writer", "reader"])
async def test_slow_callers_on_all_connections_keep_nobody_out(slow: str) -> None:
    patient = msgspec.structs.replace(QUICK, write_within=60.0, head_within=60.0, every=60.0)
    request = b"POST /api/messages HTTP/1.1\r\nHost: b\r\nContent-Type: application/json\r\n"
    request += b"Content-Length: 500\r\n\r\n{"
    if slow == "reader":
        request = b"GET /metrics HTTP/1.1\r\nHost: b\r\n\r\n" * 1_500
    async with (
        listening(Settings(), limits=patient) as bot,
        contextlib.AsyncExitStack() as stack,
    ):
        for _ in range(QUICK.connections):
            caller = await stack.enter_async_context(Caller(bot))
            caller.sends(request)
        await until(lambda: bot.listener.connections == QUICK.connections, "the callers")

        async def let_in() -> bool:
            # Until their answers stand still, they are in use.
            with contextlib.suppress(aiohttp.ClientError):
                return await is_healthy(bot)
            return False

        await until_stored(let_in, "a place", within=30)


async def test_connections_in_use_are_not_closed_for_new_ones() -> None:
    limits = Limits(connections=3)
    async with listening(Settings(), limits=limits) as bot, contextlib.AsyncExitStack() as stack:
        bot.dialogs.go.clear()
        busy: list[Caller] = []
        for number in range(limits.connections):
            caller = await stack.enter_async_context(Caller(bot))
            caller.sends(press(number))
            await until(lambda: len(bot.dialogs.turns) == len(busy) + 1, "the press to arrive")
            busy.append(caller)
        refused = await stack.enter_async_context(Caller(bot))
        assert await refused.gets() == b""
        bot.dialogs.go.set()
        for caller in busy:
            async with asyncio.timeout(20):
                assert (await caller.reader.readline()) == b"HTTP/1.1 200 OK\r\n"


def press(number: int) -> bytes:
    body = (
        b'{"type": "invoke", "name": "adaptiveCard/action", "channelId": "msteams",'
        b' "serviceUrl": "http://127.0.0.1:9/", "from": {"id": "29:1", "aadObjectId": "e-1"},'
        b' "recipient": {"id": "28:bot"}, "id": "%d",'
        b' "conversation": {"conversationType": "personal", "id": "a:1"},'
        b' "channelData": {"tenant": {"id": "tenant-1"}}, "value": {"action": {"data": {}}}}'
    ) % number
    return (
        b"POST /api/messages HTTP/1.1\r\nHost: bot\r\nContent-Type: application/json\r\n"
        b"Content-Length: %d\r\n\r\n%s" % (len(body), body)
    )


# The size of a head


@pytest.mark.parametrize("size", [100, 9_000, 20_000, 32_700])
async def test_headers_up_to_32_kilobytes_are_taken(bot: InboundBot, size: int) -> None:
    async with Caller(bot) as caller:
        caller.sends(b"GET /healthz HTTP/1.0\r\nHost: bot\r\nCookie: a=%s\r\n\r\n" % (b"b" * size))
        assert (await caller.gets()).split(b"\r\n")[0].endswith(b" 200 OK")


HUGE_HEADS = {
    "one header": b"GET / HTTP/1.1\r\nHost: bot\r\nCookie: " + b"a" * (HEAD + 1) + b"\r\n\r\n",
    "many headers": b"GET / HTTP/1.1\r\nHost: bot\r\n" + b"X-A: %b\r\n" % (b"b" * 1_000) * 60,
    "many headers in one piece": b"GET / HTTP/1.1\r\nHost: bot\r\n"
    + b"X-A: %b\r\n" % (b"b" * 1_000) * 60
    + b"\r\n",
    "countless headers": b"GET / HTTP/1.1\r\nHost: bot\r\n" + b"A: b\r\n" * 5_000 + b"\r\n",
    "a name": b"GET / HTTP/1.1\r\nHost: bot\r\n" + b"A" * 100_000 + b": b\r\n\r\n",
    "an address": b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\nHost: bot\r\n\r\n",
    "a method": b"G" * 100_000 + b" / HTTP/1.1\r\nHost: bot\r\n\r\n",
    "no end": b"GET / HTTP/1.1\r\nCookie: " + b"a" * 200_000,
}


@pytest.mark.parametrize("head", HUGE_HEADS.values(), ids=HUGE_HEADS.keys())
async def test_larger_heads_are_refused_in_one_plain_line(
    bot: InboundBot, caplog: pytest.LogCaptureFixture, head: bytes
) -> None:
    async with Caller(bot) as caller:
        caller.sends(head)
        answer = await caller.gets()
        assert answer.split(b" ")[1] in (b"400", b"431")
        assert len(answer) < 1_000
    assert_quiet(caplog)
    assert await is_healthy(bot)


# Everything that is no request, or an odd one

ODD = {
    "nothing": b"\r\n\r\n",
    "TLS": bytes.fromhex("16030100f8010000f40303") + b"\x00" * 200,
    "HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "a made-up method": b"FOO / HTTP/1.1\r\nHost: bot\r\n\r\n",
    "a method in small letters": b"get / HTTP/1.1\r\nHost: bot\r\n\r\n",
    "no version": b"GET /\r\n\r\n",
    "another version": b"GET / HTTP/9.9\r\nHost: bot\r\n\r\n",
    "bytes": bytes(range(256)),
    "no host": b"GET /healthz HTTP/1.1\r\n\r\n",
    "two hosts": b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
    "an odd host": b"GET / HTTP/1.1\r\nHost: [::1\r\n\r\n",
    "a whole address": b"GET http://elsewhere.example/healthz HTTP/1.1\r\nHost: bot\r\n\r\n",
    "an address that is none": b"GET http://[ HTTP/1.1\r\nHost: bot\r\n\r\n",
    "a port that is none": b"GET http://a:99999/ HTTP/1.1\r\nHost: bot\r\n\r\n",
    "CONNECT": b"CONNECT elsewhere.example:443 HTTP/1.1\r\nHost: bot\r\n\r\n",
    "CONNECT to nothing": b"CONNECT / HTTP/1.1\r\nHost: bot\r\n\r\n",
    "OPTIONS": b"OPTIONS * HTTP/1.1\r\nHost: bot\r\n\r\n",
    "TRACE": b"TRACE / HTTP/1.1\r\nHost: bot\r\n\r\n",
    "a NUL in the path": b"GET /r/a\x00b HTTP/1.1\r\nHost: bot\r\n\r\n",
    "a NUL, encoded": b"GET /r/a%00b HTTP/1.1\r\nHost: bot\r\n\r\n",
    "bad encoding": b"GET /r/%zz%ff%c0%80 HTTP/1.1\r\nHost: bot\r\n\r\n",
    "raw bytes in the path": b"GET /r/\xff\xfe HTTP/1.1\r\nHost: bot\r\n\r\n",
    "dots": b"GET /r/../../etc/passwd HTTP/1.1\r\nHost: bot\r\n\r\n",
    "a fragment": b"GET /r/a#b HTTP/1.1\r\nHost: bot\r\n\r\n",
    "a header without a colon": b"GET / HTTP/1.1\r\nHost\r\n\r\n",
    "a header with a NUL": b"GET / HTTP/1.1\r\nHost: bot\r\nA: b\x00\r\n\r\n",
    "raw bytes in a header": b"GET /healthz HTTP/1.1\r\nHost: bot\r\nUser-Agent: \xff\xfe\r\n\r\n",
    "a folded header": b"GET / HTTP/1.1\r\nHost: bot\r\nA: b\r\n c\r\n\r\n",
    "an upgrade": b"GET / HTTP/1.1\r\nHost: bot\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: x\r\n\r\n" + b"\x81\xff" * 100,
    "an upgrade to HTTP/2": b"GET / HTTP/1.1\r\nHost: b\r\nConnection: Upgrade, HTTP2-Settings\r\n"
    b"Upgrade: h2c\r\nHTTP2-Settings: AA\r\n\r\nPRI * HTTP/2.0\r\n\r\n",
    "an expectation": b"POST /api/messages HTTP/1.1\r\nHost: bot\r\nExpect: 100-continue\r\n"
    b"Content-Length: 5\r\n\r\n",
    "an odd expectation": b"POST / HTTP/1.1\r\nHost: bot\r\nExpect: a miracle\r\n\r\n",
    "a mad expectation": b"GET /healthz HTTP/1.1\r\nHost: bot\r\nExpect: \xff\x80\r\n\r\n",
    "a length that is none": b"POST / HTTP/1.1\r\nHost: bot\r\nContent-Length: five\r\n\r\n",
    "a negative length": b"POST / HTTP/1.1\r\nHost: bot\r\nContent-Length: -5\r\n\r\n",
    "two lengths": b"POST / HTTP/1.1\r\nHost: bot\r\nContent-Length: 5\r\n"
    b"Content-Length: 6\r\n\r\n",
    "a huge length": b"POST /api/messages HTTP/1.1\r\nHost: bot\r\n"
    b"Content-Type: application/json\r\nContent-Length: 99999999999999999999\r\n\r\n{",
    "a huge length nowhere": b"POST /nowhere HTTP/1.1\r\nHost: bot\r\n"
    b"Content-Length: 999999\r\n\r\n{",
    "length and pieces": b"POST / HTTP/1.1\r\nHost: bot\r\nContent-Length: 5\r\n"
    b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "bad pieces nowhere": b"POST /nowhere HTTP/1.1\r\nHost: bot\r\n"
    b"Transfer-Encoding: chunked\r\n\r\n"
    b"ZZ\r\n",
    "bad pieces later": b"POST /nowhere HTTP/1.1\r\nHost: bot\r\n"
    b"Transfer-Encoding: chunked\r\n\r\n"
    b"1\r\na\r\nZZ\r\n",
    "bad pieces to a link": b"GET /healthz HTTP/1.1\r\nHost: bot\r\n"
    b"Transfer-Encoding: chunked\r\n\r\n"
    b"5\r\nab",
    "bad pieces of an activity": b"POST /api/messages HTTP/1.1\r\nHost: bot\r\n"
    b"Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n",
    "an activity cut off": b"POST /api/messages HTTP/1.1\r\nHost: bot\r\n"
    b'Content-Type: application/json\r\nContent-Length: 500\r\n\r\n{"type":',
    "an unknown transfer": b"POST / HTTP/1.1\r\nHost: bot\r\nTransfer-Encoding: gzip\r\n\r\n",
    "compressed, nowhere": b"POST /nowhere HTTP/1.1\r\nHost: bot\r\nContent-Encoding: gzip\r\n"
    b"Content-Length: 5\r\n\r\n\x1f\x8b\x08\x00\x00",
    "multipart": b"POST /api/messages HTTP/1.1\r\nHost: bot\r\nContent-Length: 5\r\n"
    b"Content-Type: multipart/form-data; boundary=x\r\n\r\n--x\r\n",
    "an odd content type": b"POST /api/messages HTTP/1.1\r\nHost: bot\r\nContent-Length: 2\r\n"
    b'Content-Type: application/json; charset="\xff\r\n\r\n{}',
    "an odd range": b"GET /healthz HTTP/1.1\r\nHost: bot\r\nRange: bytes=9-1\r\n"
    b"If-Modified-Since: never\r\nCookie: ;;=\x01; a\r\n\r\n",
    "requests glued together": b"GET /healthz HTTP/1.1\r\nHost: bot\r\n\r\nGARBAGE\r\n\r\n",
}


@pytest.mark.parametrize("ending", ["closes", "waits", "resets"])
@pytest.mark.parametrize("request_", ODD.values(), ids=ODD.keys())
async def test_no_request_of_any_shape_costs_more_than_one_line(
    caplog: pytest.LogCaptureFixture, request_: bytes, ending: str
) -> None:
    async with listening(Settings(), limits=QUICK, body_timeout=0.3) as bot:
        caplog.clear()
        async with Caller(bot) as caller:
            caller.sends(request_)
            if ending == "closes":
                caller.writer.write_eof()
            if ending == "resets":
                await caller.writer.drain()
                caller.writer.transport.abort()
            else:
                # The connection ends in every case, with an answer or without.
                await caller.gets()
        await until(lambda: bot.listener.connections == 0, "the connection to end")
        assert bot.dialogs.turns == []
        assert_quiet(caplog)
        assert await is_healthy(bot)


def assert_quiet(caplog: pytest.LogCaptureFixture) -> None:
    lines = [record for record in caplog.records if record.levelno >= logging.INFO]
    assert [record for record in lines if record.levelno >= logging.ERROR] == []
    assert len(lines) <= 1, [record.getMessage() for record in lines]
    assert all(len(record.getMessage()) < 500 and not record.exc_info for record in lines)


async def test_a_flood_of_bad_requests_leaves_a_few_lines(caplog: pytest.LogCaptureFixture) -> None:
    async with listening(Settings()) as bot:
        for _ in range(200):
            async with Caller(bot) as caller:
                caller.sends(b"\x16\x03\x01\r\n\r\n")
                await caller.gets()
        assert await is_healthy(bot)
    assert 0 < len([line for line in caplog.records if "refused" in line.getMessage()]) <= 30


@pytest.mark.parametrize("path", [b"GET /healthz", b"POST /api/messages"])
async def test_a_body_in_pieces_of_one_byte_is_not_parsed(
    bot: InboundBot, path: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    # To parse them took half a second for each 256 KB, in which nobody else had an answer.
    async with Caller(bot) as caller:
        caller.sends(path + b" HTTP/1.1\r\nHost: bot\r\nContent-Type: application/json\r\n")
        caller.sends(b"Transfer-Encoding: chunked\r\n\r\n" + b"1\r\n \r\n" * 20_000 + b"0\r\n\r\n")
        caller.sends(b"GET /healthz HTTP/1.1\r\nHost: bot\r\nConnection: close\r\n\r\n")
        answer = await caller.gets()
    assert b'"ok"' not in answer.rpartition(b"HTTP/1.1")[2] or answer.count(b"HTTP/1.1") == 1
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert "pieces of its body are too short" in caplog.text
    assert await is_healthy(bot)


async def test_a_long_body_that_nobody_wants_is_dropped_unseen(bot: InboundBot) -> None:
    pieces = b"14\r\n" + b"a" * 20 + b"\r\n"
    async with Caller(bot) as caller:
        caller.sends(b"GET /healthz HTTP/1.1\r\nHost: bot\r\nTransfer-Encoding: chunked\r\n\r\n")
        assert b"200 OK" in await caller.reader.readuntil(b'"ok"}')
        caller.sends(pieces * 10_000 + b"0\r\n\r\n")
        caller.sends(b"GET /healthz HTTP/1.1\r\nHost: bot\r\nConnection: close\r\n\r\n")
        assert await caller.gets() == b""
    assert await is_healthy(bot)


async def test_a_short_body_that_nobody_wants_costs_nobody_their_connection(
    bot: InboundBot,
) -> None:
    async with Caller(bot) as caller:
        caller.sends(b"GET /healthz HTTP/1.1\r\nHost: bot\r\nContent-Length: 50000\r\n\r\n")
        assert b"200 OK" in await caller.reader.readuntil(b'"ok"}')
        caller.sends(b"\r\n" * 25_000)
        caller.sends(b"GET /healthz HTTP/1.1\r\nHost: bot\r\nConnection: close\r\n\r\n")
        assert b"200 OK" in await caller.gets()


def test_the_usual_limits_leave_time_for_those_who_mean_well() -> None:
    assert LIMITS.head_within < 20 < 60 < LIMITS.idle < 90
    assert HEAD > 32 * 1_024


@pytest.mark.parametrize("seed", range(4))
async def test_requests_damaged_at_random_are_survived_without_an_error(
    caplog: pytest.LogCaptureFixture, seed: int
) -> None:
    chance = random.Random(seed)
    whole = [*ODD.values(), press(1), b"GET /healthz HTTP/1.1\r\nHost: bot\r\n\r\n"]
    caplog.set_level(logging.INFO)
    async with listening(Settings(), limits=QUICK, body_timeout=0.2) as bot:
        for _ in range(100):
            async with Caller(bot) as caller:
                caller.sends(damaged(chance, chance.choice(whole)))
                caller.writer.write_eof()
                await caller.gets()
        assert await is_healthy(bot)
    outsiders = [line for line in caplog.records if line.name.startswith(("bot", "aiohttp"))]
    assert [line.getMessage() for line in outsiders if line.levelno >= logging.ERROR] == []
    assert len([line for line in outsiders if line.levelno >= logging.WARNING]) <= 100


def damaged(chance: random.Random, request: bytes) -> bytes:
    """Returns the request with some bytes changed, left out, repeated, or put in."""
    data = bytearray(request)
    for _ in range(chance.randint(1, 4)):
        place = chance.randrange(len(data) + 1)
        match chance.randrange(4):
            case 0:
                data[place : place + 1] = bytes([chance.randrange(256)])
            case 1:
                del data[place : place + chance.randint(1, 20)]
            case 2:
                data[place:place] = data[place : place + chance.randint(1, 50)]
            case 3:
                data[place:place] = chance.choice(
                    [b"\r\n", b"\x00", b"\xff", b"0\r\n\r\n", b"chunked", b": ", b"%", b"\r", b"\n"]
                )
    return bytes(data)
