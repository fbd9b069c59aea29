"""What was answered to a survey, taken elsewhere: read text by text, exported, shared."""

from __future__ import annotations

from datetime import timedelta

import msgspec

from campaigns import drafting
from campaigns.campaign import Campaign
from campaigns.content import Content, Format
from campaigns.seal import Download, Seal
from campaigns.surveys import results
from campaigns.text.typed import one_line
from cards import actions
from cards.reports.export import MINUTES
from cards.surveys.export import ask_export
from cards.surveys.free_texts import PAGE, free_texts
from cards.surveys.results import shared
from cards.view import Notice
from delivery.starting.surveys import names_of
from dialogs.context import Context
from dialogs.routes import Routes
from dialogs.surveys.results import SurveyResults
from dialogs.turn import Reply, Turn, show
from storage.errors import Conflict


class SurveyAnswers:
    """:param public_url: where browsers reach this bot; empty: nowhere."""

    def __init__(
        self, context: Context, results: SurveyResults, seal: Seal, public_url: str
    ) -> None:
        self._context = context
        self._store = context.store
        self._results = results
        self._seal = seal
        self._public_url = public_url

    def routes(self) -> Routes:
        return {
            actions.OpenTexts: self.read,
            actions.ExportResults: self.export,
            actions.ShareResults: self.share,
        }

    async def read(self, turn: Turn, action: actions.OpenTexts) -> Reply:
        campaign, survey = await self._results.asked(turn, action)
        question = survey.question(action.question)
        tally = await self._store.responses.tally(campaign.key)
        shown = results.may_be_shown(tally, anonymous=survey.anonymous)
        if question is None or not results.has_texts(question) or not shown:
            return await self._results.shown(turn, campaign, survey)
        search = one_line(action.search)[:100]
        wanted = search.casefold()
        found: list[tuple[str, str]] = []
        async for chunk in self._store.responses.rows(campaign.key):
            for response in chunk:
                said = results.said(question, response.answers.get(question.id))
                if said and wanted in said.casefold():
                    found.append((response.id, said))
        page = min(action.page, max(0, (len(found) - 1) // PAGE))
        part = found[page * PAGE : (page + 1) * PAGE]
        who = (
            {}
            if survey.anonymous
            else await names_of(self._store, campaign, [of for of, _ in part])
        )
        view = free_texts(
            campaign,
            question,
            [(said, who[of].name if of in who else "") for of, said in part],
            page=page,
            total=len(found),
            search=search,
        )
        return show(view)

    async def export(self, turn: Turn, action: actions.ExportResults) -> Reply:
        campaign, survey = await self._results.asked(turn, action)
        tally = await self._store.responses.tally(campaign.key)
        if not results.may_be_shown(tally, anonymous=survey.anonymous):
            return await self._results.shown(turn, campaign, survey)
        view = ask_export(
            campaign,
            number=results.responses(tally),
            csv=self._link(turn, campaign, "csv"),
            xlsx=self._link(turn, campaign, "xlsx"),
        )
        return show(view)

    async def share(self, turn: Turn, action: actions.ShareResults) -> Reply:
        campaign, survey = await self._results.asked(turn, action)
        tally = await self._store.responses.tally(campaign.key)
        if not results.may_be_shown(tally, anonymous=survey.anonymous):
            return await self._results.shown(turn, campaign, survey)
        draft = drafting.draft(
            turn.tenant_id,
            action.shared,
            name=f"Results: {survey.name}"[: drafting.NAME_LIMIT],
            format=Format.CARD,
            author_id=turn.user.id,
            now=turn.at,
        )
        content = Content(
            notification=f"Results: {survey.name}",
            card=shared(survey, tally),
            pasted=True,
        )
        draft = msgspec.structs.replace(draft, content=content, audience=campaign.audience)
        try:
            draft = await self._store.campaigns.add(draft)
        except Conflict:
            # The same press before, or twice at once: the draft is there.
            draft = await self._store.campaigns.get(draft.key) or draft
        notice = Notice("These are the results as they are now. Look at them, then send them.")
        return await self._context.present(turn, draft, notice)

    def _link(self, turn: Turn, campaign: Campaign, kind: str) -> str:
        if not self._public_url:
            return ""
        of = Download(
            tenant_id=campaign.tenant_id,
            campaign_id=campaign.id,
            kind=kind,
            time_zone=self._context.zone(turn.user).key,
            until=turn.at + timedelta(minutes=MINUTES),
            subject="survey",
        )
        return f"{self._public_url}/x/{self._seal.download(of)}"
