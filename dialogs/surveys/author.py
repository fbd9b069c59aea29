"""A tenant's surveys: their shelf, and the actions on a whole survey."""

from __future__ import annotations

from campaigns.campaign import Campaign
from campaigns.content import Content, Format
from campaigns.errors import Invalid, NotPossible
from campaigns.surveys import survey as domain
from cards import actions
from cards.markdown import escape
from cards.message import survey as survey_card
from cards.refusals.words import errors_of, refused
from cards.surveys import author as cards
from cards.view import NO_ERRORS, Errors, Notice
from dialogs.context import Context, new_id
from dialogs.routes import Openers, Refusals, Routes
from dialogs.surveys.drafts import CLASH, GONE, MOVED_ON, SurveyDrafts, moved, survey_gone
from dialogs.surveys.shelf import survey_shelf
from dialogs.turn import Reply, Turn, show
from storage.errors import Conflict


class SurveysDialog:
    """Creates, describes, previews, clones and deletes surveys.

    Every press saves, and shows the survey as it is then.
    """

    def __init__(self, context: Context, drafts: SurveyDrafts) -> None:
        self._store = context.store
        self._drafts = drafts

    def routes(self) -> Routes:
        return {
            actions.OpenSurveys: self.shelf,
            actions.OpenNewSurvey: self.new,
            actions.OpenSurvey: self.open,
            actions.DescribeSurvey: self.describe,
            actions.SaveSurvey: self.save,
            actions.PreviewSurvey: self.preview,
            actions.CloneSurvey: self.clone,
            actions.AskDeleteSurvey: self.ask_delete,
            actions.DeleteSurvey: self.delete,
        }

    def openers(self) -> Openers:
        return {actions.OpenSurveys: self.shelf}

    def refusals(self) -> Refusals:
        return {actions.OnSurvey: self.refused}

    async def shelf(
        self, turn: Turn, action: actions.OpenSurveys, notice: Notice | None = None
    ) -> Reply:
        return await survey_shelf(
            self._store,
            turn.tenant_id,
            page=action.page,
            campaign=action.campaign,
            campaign_revision=action.campaign_revision,
            notice=notice,
        )

    async def refused(self, turn: Turn, action: actions.OnSurvey, refusal: NotPossible) -> Reply:
        """Shows the survey as it is, and the reason why the action is not possible."""
        survey = await self._drafts.find(turn, action)
        return self._drafts.shown(turn, survey, action, Notice(refused(refusal), "warning"))

    async def new(self, turn: Turn, action: actions.OpenNewSurvey) -> Reply:
        opened = actions.OpenSurvey(
            survey=new_id(),
            campaign=action.campaign,
            campaign_revision=action.campaign_revision,
        )
        return show(cards.describe(opened, revision=0))

    async def open(self, turn: Turn, action: actions.OpenSurvey) -> Reply:
        return self._drafts.shown(turn, await self._drafts.find(turn, action), action)

    async def describe(self, turn: Turn, action: actions.DescribeSurvey) -> Reply:
        survey = await self._drafts.find(turn, action)
        domain.require_unsent(survey)
        form = cards.describe(
            action,
            revision=survey.revision,
            name=survey.name,
            introduction=survey.introduction,
            notice=moved(survey, action),
        )
        return show(form)

    async def save(self, turn: Turn, action: actions.SaveSurvey) -> Reply:
        survey = await self._store.surveys.get(turn.tenant_id, action.survey)
        if survey is None:
            return await self._create(turn, action)
        try:
            changed = domain.describe(
                survey, name=action.name, introduction=action.introduction, now=turn.at
            )
        except Invalid as error:
            return _again(action, survey.revision, errors=errors_of(error))
        saved = await self._drafts.saved(survey, changed, action)
        if saved is None:
            survey = await self._drafts.find(turn, action)
            return _again(action, survey.revision, notice=CLASH)
        return self._drafts.shown(turn, saved, action)

    async def preview(self, turn: Turn, action: actions.PreviewSurvey) -> Reply:
        survey = await self._drafts.find(turn, action)
        campaign = Campaign(
            tenant_id=turn.tenant_id,
            id="preview",
            name=survey.name,
            format=Format.SURVEY,
            author_id=turn.user.id,
            created_at=turn.at,
            updated_at=turn.at,
            content=Content(survey=survey),
        )
        return show(
            cards.preview(survey, action, survey_card.sent_card(campaign, survey, "preview"))
        )

    async def clone(self, turn: Turn, action: actions.CloneSurvey) -> Reply:
        survey = await self._drafts.find(turn, action)
        clone = domain.clone(survey, action.clone, author_id=turn.user.id, now=turn.at)
        try:
            clone = await self._store.surveys.add(clone)
        except Conflict:
            # The same press came before, or twice at once: the clone is there.
            kept = await self._store.surveys.get(turn.tenant_id, action.clone)
            if kept is None:
                raise survey_gone(action.campaign, action.campaign_revision) from None
            clone = kept
        notice = Notice(f"This is the clone of “{escape(survey.name)}”.")
        return self._drafts.shown(turn, clone, action, notice)

    async def ask_delete(self, turn: Turn, action: actions.AskDeleteSurvey) -> Reply:
        return show(cards.ask_delete(await self._drafts.find(turn, action), action))

    async def delete(self, turn: Turn, action: actions.DeleteSurvey) -> Reply:
        survey = await self._drafts.find(turn, action)
        if survey.revision != action.revision:
            return self._drafts.shown(turn, survey, action, MOVED_ON)
        await self._store.surveys.delete(turn.tenant_id, survey.id)
        back = actions.OpenSurveys(
            campaign=action.campaign, campaign_revision=action.campaign_revision
        )
        return await self.shelf(turn, back, Notice(f"“{escape(survey.name)}” has been deleted."))

    async def _create(self, turn: Turn, action: actions.SaveSurvey) -> Reply:
        try:
            survey = domain.create(
                turn.tenant_id,
                action.survey,
                name=action.name,
                introduction=action.introduction,
                author_id=turn.user.id,
                now=turn.at,
            )
        except Invalid as error:
            return _again(action, 0, errors=errors_of(error))
        if action.revision:
            # It was deleted while it was being changed.
            return _again(action, 0, notice=GONE)
        try:
            survey = await self._store.surveys.add(survey)
        except Conflict:
            # The same press came twice at once, and the other one has added it.
            survey = await self._drafts.find(turn, action)
        return self._drafts.shown(turn, survey, action)


def _again(
    action: actions.SaveSurvey,
    revision: int,
    *,
    errors: Errors = NO_ERRORS,
    notice: Notice | None = None,
) -> Reply:
    """Shows the form again, with the typed text still in it."""
    form = cards.describe(
        action,
        revision=revision,
        name=action.name,
        introduction=action.introduction,
        errors=errors,
        notice=notice,
    )
    return show(form)
