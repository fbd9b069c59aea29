"""A web server with pictures, over HTTPS on loopback."""

from __future__ import annotations

import asyncio
import ssl
import struct
import tempfile
import zlib
from pathlib import Path
from typing import Self

import msgspec
from aiohttp import web

from tests.fake_teams.identity import self_signed


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """The answer at a path."""

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = {}
    delay: float = 0.0
    """Seconds until it answers."""


class FakeWeb:
    """Serves ``pages`` by path; anything else is not found. ``trust`` trusts its certificate."""

    def __init__(self) -> None:
        self.pages: dict[str, Page] = {}
        self.asked: list[str] = []
        """The path of every request."""

    async def __aenter__(self) -> Self:
        self._folder = tempfile.TemporaryDirectory()
        certificate, key = self_signed(Path(self._folder.name))
        served = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        served.load_cert_chain(certificate, key)
        self.trust = ssl.create_default_context(cafile=str(certificate))
        application = web.Application()
        application.router.add_get("/{path:.*}", self._answer)
        self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0, ssl_context=served).start()
        self._address = f"https://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()
        self._folder.cleanup()

    def url(self, path: str) -> str:
        return f"{self._address}{path}"

    async def _answer(self, request: web.Request) -> web.Response:
        self.asked.append(request.path)
        page = self.pages.get(request.path, Page(status=404))
        await asyncio.sleep(page.delay)
        return web.Response(body=page.body, status=page.status, headers=page.headers)


def png(width: int, height: int) -> bytes:
    """Returns a black picture of this size."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        checked = kind + data
        return struct.pack(">I", len(data)) + checked + struct.pack(">I", zlib.crc32(checked))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    rows = zlib.compress((b"\0" + b"\0" * width) * height)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
    )
