"""``GET /x/survey.{token}``: a survey's responses as a file, for whoever has the link in time."""

from __future__ import annotations

import asyncio
import logging
import re
import tempfile
from collections.abc import AsyncIterator
from http import HTTPStatus
from typing import Final
from urllib.parse import quote

from aiohttp import web

from bot.pages import HEADERS, not_found, page
from bot.tables import BOM, Workbook, csv_lines
from campaigns import results
from campaigns.campaign import CampaignKey
from campaigns.seal import NotOurs, Seal
from campaigns.surveys import Survey
from cards.survey_export import Cell, header, row
from delivery.clock import Clock
from storage.base import Store
from storage.errors import StoreError

_log = logging.getLogger(__name__)

AT_ONCE = 2
"""Files that are made at the same time; further ones wait."""

_PIECE = 256 * 1024
"""Bytes of a finished file that are read and sent at a time."""

_TYPES: Final = {
    "survey-csv": "text/csv; charset=utf-8",
    "survey-xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


class SurveyDownloads:
    """Exports of results."""

    def __init__(self, seal: Seal, store: Store, clock: Clock) -> None:
        self._seal = seal
        self._store = store
        self._clock = clock
        self._room = asyncio.Semaphore(AT_ONCE)

    def routes(self) -> list[web.RouteDef]:
        return [web.get("/x/survey.{token}", self.download)]

    async def download(self, request: web.Request) -> web.StreamResponse:
        """The file; or a page that says why not."""
        try:
            wanted = self._seal.downloaded(request.match_info["token"])
        except NotOurs:
            return not_found()
        if wanted.kind not in _TYPES:
            return not_found()
        if wanted.until <= self._clock.now():
            return page(
                HTTPStatus.GONE,
                "This link has expired",
                "Open the results in the chat with the bot, and press Export again.",
            )
        try:
            campaign = await self._store.campaigns.get(wanted.key)
            tally = await self._store.responses.tally(wanted.key)
        except StoreError as error:
            _log.warning("an export can't be made: %s", error)
            return page(
                HTTPStatus.SERVICE_UNAVAILABLE,
                "Not just now",
                "Something is not working on our side. Try again in a moment.",
            )
        survey = campaign.survey if campaign is not None else None
        if survey is None:
            return page(
                HTTPStatus.NOT_FOUND,
                "This campaign does not exist any more",
                "It has been deleted, and its results with it.",
            )
        if not results.may_be_shown(tally, anonymous=survey.anonymous):
            return page(
                HTTPStatus.NOT_FOUND,
                "Too few responses",
                f"An anonymous survey is exported from {results.AT_LEAST} responses on.",
            )
        response = web.StreamResponse(headers=_headers(survey, wanted.kind))
        if request.method == "HEAD":
            await response.prepare(request)
            return response
        async with self._room:
            try:
                await self._send(request, response, survey, wanted.key, wanted.kind)
            except ConnectionResetError:
                _log.info("a download of campaign %s was broken off", wanted.campaign_id)
        return response

    async def _send(
        self,
        request: web.Request,
        response: web.StreamResponse,
        survey: Survey,
        key: CampaignKey,
        kind: str,
    ) -> None:
        names = header(survey)
        rows = self._rows(survey, key)
        if kind == "survey-csv":
            await response.prepare(request)
            await response.write(BOM + csv_lines([names]))
            async for chunk in rows:
                await response.write(await asyncio.to_thread(csv_lines, chunk))
        else:
            with tempfile.TemporaryFile() as file:
                widths = [24] * len(names)
                book = await asyncio.to_thread(
                    Workbook, file, names, sheet="Responses", widths=widths
                )
                async for chunk in rows:
                    await asyncio.to_thread(book.add, chunk)
                await asyncio.to_thread(book.close)
                response.content_length = file.tell()
                file.seek(0)
                await response.prepare(request)
                while piece := await asyncio.to_thread(file.read, _PIECE):
                    await response.write(piece)
        await response.write_eof()

    async def _rows(self, survey: Survey, key: CampaignKey) -> AsyncIterator[list[list[Cell]]]:
        async for chunk in self._store.responses.rows(key):
            who = (
                {}
                if survey.anonymous
                else await self._store.ledger.get_many(key, [of.id for of in chunk])
            )
            yield [row(survey, of, who.get(of.id)) for of in chunk]


def _headers(survey: Survey, kind: str) -> dict[str, str]:
    name = f"{survey.name}.{kind.removeprefix('survey-')}"
    # Any browser understands the first one, all of today's the second.
    plain = re.sub(r"[^A-Za-z0-9 ._-]", "_", name)
    disposition = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
    return {**HEADERS, "Content-Type": _TYPES[kind], "Content-Disposition": disposition}
