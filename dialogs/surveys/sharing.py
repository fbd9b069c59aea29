"""Takes a survey's results out of the chat: exports them, or makes a campaign of them."""

from __future__ import annotations

import msgspec

from campaigns import drafting
from campaigns.content import Content, Format
from campaigns.seal import Seal
from campaigns.surveys import results
from cards import actions
from cards.reports.export import MINUTES
from cards.surveys.export import ask_export
from cards.surveys.results import shared
from cards.view import Notice
from dialogs.context import Context
from dialogs.downloads import DownloadLinks
from dialogs.routes import Routes
from dialogs.surveys.sent import SentSurveys
from dialogs.turn import Reply, Turn, show


class ShareResultsDialog:
    """Offers the results as tables, and makes the draft of a campaign that tells them.

    :param public_url: the bot's address for browsers, without a slash at the end; empty when it has
        none.
    """

    def __init__(self, context: Context, sent: SentSurveys, seal: Seal, public_url: str) -> None:
        self._context = context
        self._store = context.store
        self._sent = sent
        self._links = DownloadLinks(context, seal, public_url, subject="survey", minutes=MINUTES)

    def routes(self) -> Routes:
        return {
            actions.ExportResults: self.export,
            actions.ShareResults: self.share,
        }

    async def export(self, turn: Turn, action: actions.ExportResults) -> Reply:
        campaign, survey = await self._sent.find(turn, action)
        tally = await self._store.responses.tally(campaign.key)
        if not results.may_be_shown(tally, anonymous=survey.anonymous):
            return await self._sent.shown(turn, campaign, survey)
        view = ask_export(
            campaign,
            number=results.responses(tally),
            csv=self._links.link(turn, campaign, "csv"),
            xlsx=self._links.link(turn, campaign, "xlsx"),
        )
        return show(view)

    async def share(self, turn: Turn, action: actions.ShareResults) -> Reply:
        campaign, survey = await self._sent.find(turn, action)
        tally = await self._store.responses.tally(campaign.key)
        if not results.may_be_shown(tally, anonymous=survey.anonymous):
            return await self._sent.shown(turn, campaign, survey)
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
        kept = await self._context.add(draft)
        notice = Notice("These are the results as they are now. Look at them, then send them.")
        return await self._context.present(turn, kept or draft, notice)
