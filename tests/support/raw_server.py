"""A server that answers with exactly these bytes, whatever they are."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator


class RawServer:
    """Answers every request with ``answer``, and closes the connection."""

    def __init__(self) -> None:
        self.answer = b""
        self.requests: list[bytes] = []
        self.address = ""

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            self.requests.append(await reader.readuntil(b"\r\n\r\n"))
            writer.write(self.answer)
            await writer.drain()
        writer.close()

    def says(self, body: bytes, *, status: int = 200, **headers: str) -> None:
        """Sets a well-formed answer with this body. ``Content_Encoding="gzip"`` sets a header."""
        lines = [f"HTTP/1.1 {status} OK", f"Content-Length: {len(body)}"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        self.answer = "\r\n".join([*lines, "", ""]).encode() + body


@contextlib.asynccontextmanager
async def raw_server() -> AsyncIterator[RawServer]:
    """Serves on a free port of this machine."""
    server = RawServer()
    listening = await asyncio.start_server(server, "127.0.0.1", 0)
    server.address = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
    try:
        yield server
    finally:
        listening.close()
        await listening.wait_closed()
