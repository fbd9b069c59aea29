"""Downloads: readers who are slow, stop or leave take nothing from the others."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import aiohttp
import pytest
from aiohttp import web

from bot.public.downloads import AT_ONCE, ON_THE_WAY, DownloadRefusal, Downloads, File
from bot.server.limits import Limits
from bot.server.listener import HttpListener
from bot.serving import served
from campaigns.seal import Download, Seal
from cards.reports.export import Cell
from delivery.clock import SystemClock
from storage.errors import Unavailable
from tests.support.waiting import until

QUICK = Limits(head_within=5.0, write_within=0.3, every=0.05)
ROWS = 20_000


class Source:
    """Makes a file of megabytes; waits for ``go`` in the middle, and then raises ``error``."""

    def __init__(self) -> None:
        self.go = asyncio.Event()
        self.go.set()
        self.error: Exception | None = None
        self.rows = ROWS
        self.begun = 0

    async def __call__(self, wanted: Download) -> File | DownloadRefusal:
        return File(name="F", sheet="S", header=["A"], widths=[9], rows=self._rows())

    async def _rows(self) -> AsyncIterator[list[list[Cell]]]:
        self.begun += 1
        yield [["x" * 300]] * self.rows
        await self.go.wait()
        if self.error is not None:
            raise self.error
        yield [["last"]]


class Site:
    def __init__(self, listener: HttpListener, source: Source, path: str) -> None:
        self.listener, self.source, self._path = listener, source, path
        self._port = listener.ports[0]
        self.url = f"http://127.0.0.1:{self._port}{path}"

    async def downloads(self) -> tuple[int, bytes]:
        async with aiohttp.ClientSession() as session, session.get(self.url) as answer:
            return answer.status, await answer.read()

    async def asks(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Asks for the file, and reads nothing of it."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port, limit=1_024)
        writer.write(b"GET %b HTTP/1.1\r\nHost: bot\r\n\r\n" % self._path.encode())
        return reader, writer


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    seal, source = Seal(), Source()
    seal.use(b"k" * 32)
    application = web.Application()
    routes = Downloads(seal, SystemClock(), {"report": source}, piece_within=0.3).routes()
    application.add_routes(routes)
    expiry = datetime.now(UTC) + timedelta(minutes=5)
    path = f"/x/{seal.download(Download('t', 'c', 'csv', 'UTC', expiry))}"
    async with served(application, "127.0.0.1", 0, QUICK) as listener:
        yield Site(listener, source, path)


async def test_readers_who_stop_reading_keep_nobody_from_a_file(site: Site) -> None:
    stopped = [await site.asks() for _ in range(2 * AT_ONCE)]
    for reader, _ in stopped:
        assert await reader.readline() == b"HTTP/1.1 200 OK\r\n"
    # They still have their connections, and take nothing.
    status, body = await site.downloads()
    assert status == 200
    assert body.endswith(b"last\r\n")
    await until(lambda: site.listener.connections == 0, "the readers to be cut off")
    for _, writer in stopped:
        writer.close()


async def test_further_files_wait_while_some_are_made_and_too_many_are_refused(site: Site) -> None:
    site.source.go.clear()
    site.source.rows = 1
    asked = [asyncio.create_task(site.downloads()) for _ in range(ON_THE_WAY + 5)]
    await until(lambda: sum(task.done() for task in asked) == 5, "five to be refused")
    assert {task.result()[0] for task in asked if task.done()} == {503}
    assert site.source.begun == AT_ONCE
    site.source.go.set()
    statuses = [status for status, _ in await asyncio.gather(*asked)]
    assert statuses.count(200) == ON_THE_WAY


@pytest.mark.parametrize("error", [Unavailable("away"), OSError(28, "No space left on device")])
async def test_a_file_that_can_not_be_made_is_a_page_and_no_half_file(
    site: Site, error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    site.source.error = error
    status, body = await site.downloads()
    assert status == 503
    assert b"Try again in a moment" in body
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []
    site.source.error = None
    assert (await site.downloads())[0] == 200
