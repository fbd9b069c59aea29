"""Choosing the survey that a campaign asks."""

from __future__ import annotations

from msgspec.structs import replace

from campaigns import drafting
from campaigns.errors import NotPossible
from campaigns.refusals.campaigns import FollowUpRefusal
from cards import actions
from cards.markdown import escape
from cards.message import personal
from cards.view import Notice
from dialogs.authoring.content_steps import ContentSteps
from dialogs.authoring.drafts import Drafts, moved
from dialogs.context import Context
from dialogs.routes import Routes
from dialogs.surveys.drafts import survey_gone
from dialogs.turn import Reply, Turn


class ChooseSurveyDialog:
    """Puts a survey into a campaign, and shows the campaign's content again."""

    def __init__(self, context: Context, drafts: Drafts, steps: ContentSteps) -> None:
        self._context = context
        self._drafts = drafts
        self._steps = steps

    def routes(self) -> Routes:
        return {actions.UseSurvey: self.use}

    async def use(self, turn: Turn, action: actions.UseSurvey) -> Reply:
        draft = await self._drafts.find(turn, action)
        if draft.original_key is not None:
            raise NotPossible(FollowUpRefusal.SURVEY_GIVEN)
        survey = await self._context.store.surveys.get(turn.tenant_id, action.survey)
        if survey is None:
            raise survey_gone(action.campaign, action.revision)
        changed = drafting.keep(draft, replace(draft.content, survey=survey), turn.at)
        if personal.is_too_big(changed):
            text = (
                f"With “{escape(survey.name)}”, the message gets too big for Teams. Shorten the "
                "message, or the survey's questions."
            )
            return self._steps.content(draft, notice=Notice(text, "warning"))
        saved = await self._drafts.saved(draft, changed, action)
        if saved is None:
            draft = await self._drafts.find(turn, action)
            return self._steps.content(draft, notice=moved(draft, action))
        return self._steps.content(saved)
