"""(0) The speed of the server itself: the upper limit for any sender.

As many raw connections as the engine has sends under way write the same request again as soon as
they have the answer, without an HTTP client. A sender that comes near this figure measures the
server.
"""

from __future__ import annotations

import asyncio
import itertools
import time
from urllib.parse import urlsplit

from benchmarks.sample import Order, Sample
from benchmarks.sending.sends import BODY, IN_FLIGHT, PATH


class _Hammer(asyncio.Protocol):
    """One connection. All of them draw from the same ``numbers``, until ``total`` are drawn."""

    def __init__(self, request: bytes, numbers: itertools.count[int], total: int) -> None:
        self._request = request
        self._numbers = numbers
        self._total = total
        self.done = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._next()

    def data_received(self, data: bytes) -> None:
        # An answer is far shorter than a packet, so it comes in one piece.
        self._next()

    def _next(self) -> None:
        if next(self._numbers) < self._total:
            self._transport.write(self._request)
        else:
            self._transport.close()
            self.done.set_result(None)


async def measure(order: Order) -> Sample:
    """Does one run, see the module."""
    url = urlsplit(order.server)
    host, port = url.hostname or "", url.port or 80
    request = (
        f"POST {PATH} HTTP/1.1\r\nHost: {url.netloc}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(BODY)}\r\n\r\n"
    ).encode() + BODY
    loop = asyncio.get_running_loop()
    numbers = itertools.count()
    began, cpu = time.perf_counter(), time.process_time()
    hammers = [
        (
            await loop.create_connection(
                lambda: _Hammer(request, numbers, order.recipients), host, port
            )
        )[1]
        for _ in range(IN_FLIGHT)
    ]
    await asyncio.gather(*(hammer.done for hammer in hammers))
    return Sample(
        messages=order.recipients,
        seconds=time.perf_counter() - began,
        cpu=time.process_time() - cpu,
        body=len(BODY),
    )
