"""``GET /x/{token}``: a report as a file, streamed, for whoever has the link in time."""

from __future__ import annotations

import asyncio
import logging
import re
import tempfile
from collections.abc import AsyncIterator
from http import HTTPStatus
from typing import Final
from urllib.parse import quote
from zoneinfo import ZoneInfo

from aiohttp import web

from bot.pages import HEADERS, not_found, page
from bot.tables import BOM, Workbook, csv_lines
from campaigns.campaign import Campaign
from campaigns.seal import Download, NotOurs, Seal
from cards.export import Cell, header, row
from delivery.clock import Clock
from storage.base import Store
from storage.errors import StoreError

_log = logging.getLogger(__name__)

AT_ONCE = 2
"""Files that are made at the same time; further ones wait."""

_PIECE = 256 * 1024
"""Bytes of a finished file that are read and sent at a time."""

_TYPES: Final = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}

Rows = AsyncIterator[list[list[Cell]]]


class Downloads:
    """Exports of reports.

    :param personal: whether they may say who did what.
    """

    def __init__(self, seal: Seal, store: Store, clock: Clock, *, personal: bool) -> None:
        self._seal = seal
        self._store = store
        self._clock = clock
        self._personal = personal
        self._room = asyncio.Semaphore(AT_ONCE)

    def routes(self) -> list[web.RouteDef]:
        return [web.get("/x/{token}", self.download)]

    async def download(self, request: web.Request) -> web.StreamResponse:
        """The file; or a page that says why not."""
        try:
            wanted = self._seal.downloaded(request.match_info["token"])
        except NotOurs:
            return not_found()
        if wanted.until <= self._clock.now():
            return page(
                HTTPStatus.GONE,
                "This link has expired",
                "Open the report in the chat with the bot, and press Export again.",
            )
        try:
            campaign = await self._store.campaigns.get(wanted.key)
        except StoreError as error:
            _log.warning("an export can't be made: %s", error)
            return page(
                HTTPStatus.SERVICE_UNAVAILABLE,
                "Not just now",
                "Something is not working on our side. Try again in a moment.",
            )
        if campaign is None:
            return page(
                HTTPStatus.NOT_FOUND,
                "This campaign does not exist any more",
                "It has been deleted, and its report with it.",
            )
        response = web.StreamResponse(headers=_headers(campaign, wanted))
        if request.method == "HEAD":
            await response.prepare(request)
            return response
        async with self._room:
            try:
                await self._send(request, response, campaign, wanted)
            except ConnectionResetError:
                _log.info("a download of campaign %s was broken off", campaign.id)
        return response

    async def _send(
        self,
        request: web.Request,
        response: web.StreamResponse,
        campaign: Campaign,
        wanted: Download,
    ) -> None:
        zone = ZoneInfo(wanted.time_zone)
        names = header(campaign, zone, personal=self._personal)
        rows = self._rows(campaign, zone)
        if wanted.kind == "csv":
            await response.prepare(request)
            await response.write(BOM + csv_lines([names]))
            async for chunk in rows:
                await response.write(await asyncio.to_thread(csv_lines, chunk))
        else:
            with tempfile.TemporaryFile() as file:
                book = await asyncio.to_thread(Workbook, file, names)
                async for chunk in rows:
                    await asyncio.to_thread(book.add, chunk)
                await asyncio.to_thread(book.close)
                response.content_length = file.tell()
                file.seek(0)
                await response.prepare(request)
                while piece := await asyncio.to_thread(file.read, _PIECE):
                    await response.write(piece)
        await response.write_eof()

    async def _rows(self, campaign: Campaign, zone: ZoneInfo) -> Rows:
        async for chunk in self._store.ledger.rows(campaign.key):
            ids = [delivery.recipient_id for delivery in chunk]
            did = await self._store.events.of(campaign.key, ids)
            yield [
                row(
                    campaign,
                    delivery,
                    did.get(delivery.recipient_id, ()),
                    zone,
                    personal=self._personal,
                )
                for delivery in chunk
            ]


def _headers(campaign: Campaign, wanted: Download) -> dict[str, str]:
    name = f"{campaign.name}.{wanted.kind}"
    # Any browser understands the first one, all of today's the second.
    plain = re.sub(r"[^A-Za-z0-9 ._-]", "_", name)
    disposition = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
    return {
        **HEADERS,
        "Content-Type": _TYPES[wanted.kind],
        "Content-Disposition": disposition,
    }
