"""``GET /x/{token}``: makes a table as a file and sends it, until the link expires.

A link names its *subject*: a report, or a survey's responses. Each subject has a *source*, which
fills the file or says why there is none.
"""

from __future__ import annotations

import asyncio
import logging
import re
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from http import HTTPStatus
from typing import IO, Final, TypeAlias
from urllib.parse import quote

import msgspec
from aiohttp import web

from bot.public.pages import HEADERS, not_found, page
from bot.public.tables import BOM, Workbook, csv_lines
from campaigns.seal import Download, NotOurs, Seal
from cards.reports.export import Cell
from delivery.clock import Clock
from storage.errors import StoreError

_log = logging.getLogger(__name__)

AT_ONCE = 2
"""Files that are made at the same time, at most; further ones wait."""
ON_THE_WAY = 50
"""Files that are made or sent at the same time, at most. Each is on disk until it is sent."""
PIECE_WITHIN = 30.0
"""Seconds for a reader to take a piece: 9 KB a second. A reader who is slower, or has stopped, is
cut off."""

_PIECE = 256 * 1024
"""Bytes of a finished file that are read and sent at a time."""

_TYPES: Final = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


class File(msgspec.Struct, frozen=True, kw_only=True):
    """A table to download."""

    name: str
    """Without its ending."""
    sheet: str
    """The name of a workbook's one sheet."""
    header: Sequence[str]
    widths: Sequence[int]
    """Widths of a workbook's columns, in characters."""
    rows: AsyncIterator[list[list[Cell]]]
    """The rows, in chunks."""


class DownloadRefusal(msgspec.Struct, frozen=True):
    """A page in place of the file: a heading, and the reason why there is no file."""

    title: str
    text: str


Source: TypeAlias = Callable[[Download], Awaitable[File | DownloadRefusal]]
"""Makes the file that a link asks for. Raises StoreError."""


class Downloads:
    """Answers download links.

    :param sources: the source of each subject that a link may name.
    :param piece_within: seconds for a reader to take a piece.
    """

    def __init__(
        self,
        seal: Seal,
        clock: Clock,
        sources: Mapping[str, Source],
        *,
        piece_within: float = PIECE_WITHIN,
    ) -> None:
        self._seal = seal
        self._clock = clock
        self._sources = sources
        self._piece_within = piece_within
        self._room = asyncio.Semaphore(AT_ONCE)
        self._on_the_way = 0

    def routes(self) -> list[web.RouteDef]:
        """Returns the route of a download."""
        return [web.get("/x/{token}", self.download)]

    async def download(self, request: web.Request) -> web.StreamResponse:
        """Sends the file, or a page that says why there is none."""
        try:
            wanted = self._seal.downloaded(request.match_info["token"])
        except NotOurs:
            return not_found()
        source = self._sources.get(wanted.subject)
        if source is None or wanted.kind not in _TYPES:
            return not_found()
        if wanted.until <= self._clock.now():
            return page(
                HTTPStatus.GONE,
                "This link has expired",
                "Go back to the chat with the bot, and press Export again.",
            )
        try:
            file = await source(wanted)
        except StoreError as error:
            _log.warning("an export can't be made: %s", error)
            return _not_just_now()
        if isinstance(file, DownloadRefusal):
            return page(HTTPStatus.NOT_FOUND, file.title, file.text)
        response = web.StreamResponse(headers=_headers(file.name, wanted.kind))
        if request.method == "HEAD":
            return response
        if self._on_the_way >= ON_THE_WAY:
            return page(
                HTTPStatus.SERVICE_UNAVAILABLE,
                "Not just now",
                "Many files are being downloaded. Try again in a few minutes.",
            )
        self._on_the_way += 1
        try:
            with tempfile.TemporaryFile() as disk:
                # Only while the file is made: how fast it is read is up to the reader.
                async with self._room:
                    await _make(disk, file, wanted.kind)
                await self._send(request, response, disk)
        except (ConnectionError, TimeoutError):
            _log.info("a download of campaign %s was broken off", wanted.campaign_id)
            if request.transport is not None:
                request.transport.abort()
        except (StoreError, OSError) as error:
            # The store, or no room on the disk.
            _log.warning("an export can't be made: %s", error)
            if not response.prepared:
                return _not_just_now()
        finally:
            self._on_the_way -= 1
        return response

    async def _send(
        self, request: web.Request, response: web.StreamResponse, disk: IO[bytes]
    ) -> None:
        """Sends the file. Raises ConnectionError or TimeoutError when it is not taken."""
        response.content_length = disk.tell()
        disk.seek(0)
        async with asyncio.timeout(self._piece_within):
            await response.prepare(request)
        while piece := await asyncio.to_thread(disk.read, _PIECE):
            async with asyncio.timeout(self._piece_within):
                await response.write(piece)
        async with asyncio.timeout(self._piece_within):
            await response.write_eof()


async def _make(disk: IO[bytes], file: File, kind: str) -> None:
    """Writes the file to the disk. Raises StoreError."""
    if kind == "csv":
        await asyncio.to_thread(disk.write, BOM + csv_lines([file.header]))
        async for chunk in file.rows:
            await asyncio.to_thread(lambda rows: disk.write(csv_lines(rows)), chunk)
        return
    book = await asyncio.to_thread(
        Workbook, disk, file.header, sheet=file.sheet, widths=file.widths
    )
    async for chunk in file.rows:
        await asyncio.to_thread(book.add, chunk)
    await asyncio.to_thread(book.close)


def _not_just_now() -> web.Response:
    return page(
        HTTPStatus.SERVICE_UNAVAILABLE,
        "Not just now",
        "Something is not working on our side. Try again in a moment.",
    )


def _headers(name: str, kind: str) -> dict[str, str]:
    whole = f"{name}.{kind}"
    # Every browser understands the first name, and all of today's the second.
    plain = re.sub(r"[^A-Za-z0-9 ._-]", "_", whole)
    disposition = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(whole, safe='')}"
    return {**HEADERS, "Content-Type": _TYPES[kind], "Content-Disposition": disposition}
