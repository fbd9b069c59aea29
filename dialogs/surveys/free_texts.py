"""The texts that people wrote in a survey, one after the other."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from campaigns.delivery import Delivery
from campaigns.surveys import results
from campaigns.text.typed import one_line
from cards import actions
from cards.surveys.free_texts import PAGE, free_texts
from delivery.starting.damage import readable
from delivery.starting.surveys import deliveries_of
from dialogs.context import Context
from dialogs.paging import last_page
from dialogs.routes import Routes
from dialogs.surveys.sent import SentSurveys
from dialogs.turn import Reply, Turn, show

_SEARCH_LIMIT = 100
"""Characters."""


class FreeTextsDialog:
    """Shows and searches the texts that a question was answered with."""

    def __init__(self, context: Context, sent: SentSurveys) -> None:
        self._store = context.store
        self._sent = sent

    def routes(self) -> Routes:
        return {actions.OpenTexts: self.open}

    async def open(self, turn: Turn, action: actions.OpenTexts) -> Reply:
        campaign, survey = await self._sent.find(turn, action)
        question = survey.question(action.question)
        tally = await self._store.responses.tally(campaign.key)
        may_be_shown = results.may_be_shown(tally, anonymous=survey.anonymous)
        if question is None or not results.has_texts(question) or not may_be_shown:
            return await self._sent.shown(turn, campaign, survey)
        search = one_line(action.search)[:_SEARCH_LIMIT]
        wanted = search.casefold()
        texts: list[tuple[str, str]] = []
        async for chunk in self._store.responses.rows(campaign.key):
            for response in chunk:
                text = results.free_text(question, response.answers.get(question.id))
                if text and wanted in text.casefold():
                    texts.append((response.id, text))
        page = min(action.page, last_page(len(texts), PAGE))
        shown = texts[page * PAGE : (page + 1) * PAGE]
        authors: Mapping[str, Delivery] = {}
        if not survey.anonymous:
            authors, _ = await readable(
                partial(deliveries_of, self._store, campaign),
                [author_id for author_id, _ in shown],
            )
        view = free_texts(
            campaign,
            question,
            [
                (text, authors[author_id].name if author_id in authors else "")
                for author_id, text in shown
            ],
            page=page,
            total=len(texts),
            search=search,
        )
        return show(view)
