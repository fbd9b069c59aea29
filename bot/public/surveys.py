"""Downloads of a survey: one row for each response, one column for each question or choice."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from functools import partial

from bot.public.downloads import DownloadRefusal, File
from campaigns.campaign import Campaign
from campaigns.delivery import Delivery
from campaigns.seal import Download
from campaigns.surveys import results
from campaigns.surveys.survey import Survey
from cards.reports.export import Cell
from cards.surveys.export import header, row
from delivery.starting.damage import readable
from delivery.starting.surveys import deliveries_of
from storage.base import Store

_WIDTH = 24
"""Width of each column, in characters."""


class SurveyDownloads:
    """Makes the table of a survey's responses.

    An anonymous survey needs as many responses for an export as for showing its results.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    async def __call__(self, wanted: Download) -> File | DownloadRefusal:
        campaign = await self._store.campaigns.get(wanted.key)
        survey = campaign.survey if campaign is not None else None
        if campaign is None or survey is None:
            return DownloadRefusal(
                "This campaign does not exist any more",
                "It has been deleted, and its results with it.",
            )
        tally = await self._store.responses.tally(wanted.key)
        if not results.may_be_shown(tally, anonymous=survey.anonymous):
            return DownloadRefusal(
                "Too few responses",
                f"An anonymous survey is exported from {results.RESPONSES_AT_LEAST} responses on.",
            )
        columns = header(survey)
        return File(
            name=survey.name,
            sheet="Responses",
            header=columns,
            widths=[_WIDTH] * len(columns),
            rows=self._rows(campaign, survey),
        )

    async def _rows(self, campaign: Campaign, survey: Survey) -> AsyncIterator[list[list[Cell]]]:
        async for chunk in self._store.responses.rows(campaign.key):
            names: Mapping[str, Delivery] = {}
            if not survey.anonymous:
                names, _ = await readable(
                    partial(deliveries_of, self._store, campaign),
                    [response.id for response in chunk],
                )
            yield [row(survey, response, names.get(response.id)) for response in chunk]
